"""Reports on one mail in the forms of six mail servers, shortened to what they have in common.

Written anew after RFC 3464's grammar and the habits of each server: the order of parts, whether the
whole mail or only its header comes back, where the status stands, and what is said around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

ANNA = "anna@example.org"


@dataclass(frozen=True)
class Sample:
    """What a report says: `to` is where it is sent, `original` the Message-ID it brings back."""

    to: str
    original: str
    action: str = "failed"
    status: str = "5.1.1"
    diagnostic: str = "550 5.1.1 <anna@example.org>: user unknown"


def _headers(sample: Sample) -> str:
    return (
        "Return-Path: <noon@noon.example>\n"
        "Received: from noon.example by mx.example.org; Thu, 5 Mar 2026 11:00:00 +0000\n"
        f"From: Noon <noon@noon.example>\nTo: {ANNA}\nSubject: KA220\n"
        f"Message-ID: {sample.original}\nDate: Thu, 05 Mar 2026 11:00:00 +0000\n"
    )


def _bytes(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def _multipart(head: str, *parts: str) -> bytes:
    limit = "=_report_4711"
    body = "".join(f"--{limit}\n{part}\n" for part in parts)
    return _bytes(f"{head.format(limit=limit)}\n{body}--{limit}--\n")


def postfix(sample: Sample) -> bytes:
    """Postfix: text, status, the whole mail."""
    return _multipart(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org (Mail Delivery System)\n"
        f"Subject: Undelivered Mail Returned to Sender\nTo: {sample.to}\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status;\n boundary="{limit}"\n'
        "Message-Id: <20260305110001.4711@mx.example.org>\n",
        "Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n"
        "This is the mail system at host mx.example.org.\n\n"
        "I'm sorry to have to inform you that your message could not\nbe delivered.\n",
        "Content-Description: Delivery report\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example.org\nX-Postfix-Queue-ID: 4711\n"
        "X-Postfix-Sender: rfc822; noon@noon.example\n\n"
        f"Final-Recipient: rfc822; {ANNA}\nOriginal-Recipient: rfc822;{ANNA}\n"
        f"Action: {sample.action}\nStatus: {sample.status}\n"
        f"Remote-MTA: dns; mx.example.org\nDiagnostic-Code: smtp; {sample.diagnostic}\n",
        "Content-Description: Undelivered Message\nContent-Type: message/rfc822\n\n"
        f"{_headers(sample)}\nKA220 closes.\n",
    )


def exim(sample: Sample) -> bytes:
    """Exim: its own headers, the recipient in an unusual case, the header alone."""
    return _multipart(
        f"X-Failed-Recipients: {ANNA}\nAuto-Submitted: auto-replied\n"
        "From: Mail Delivery System <Mailer-Daemon@mx.example.org>\n"
        f"To: {sample.to}\nReferences: {sample.original}\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary={limit}\n"
        "MIME-Version: 1.0\nSubject: Mail delivery failed: returning message to sender\n",
        "Content-type: text/plain; charset=us-ascii\n\n"
        "This message was created automatically by mail delivery software.\n\n"
        f"  {ANNA}\n    SMTP error from remote mail server after RCPT TO:<{ANNA}>:\n"
        f"    {sample.diagnostic}\n",
        "Content-type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
        f"Action: {sample.action}\nFinal-Recipient: rfc822;{ANNA}\nStatus: {_vague(sample)}\n"
        f"Remote-MTA: dns; mx.example.org\nDiagnostic-Code: smtp; {sample.diagnostic}\n",
        f"Content-type: text/rfc822-headers\n\n{_headers(sample)}",
    )


def _vague(sample: Sample) -> str:
    """Exim puts the class alone where a failure's status is known from the words only."""
    return f"{sample.status[0]}.0.0" if sample.action == "failed" else sample.status


def exchange(sample: Sample) -> bytes:
    """Exchange: HTML beside the text, folded and vendor fields, the header alone."""
    return _multipart(
        "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>\n"
        f"To: <{sample.to.upper()}>\nMIME-Version: 1.0\nX-MS-Exchange-Message-Is-Ndr:\n"
        'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{limit}"\n'
        "Subject: Undeliverable: KA220\nAuto-Submitted: auto-replied\n",
        "Content-Type: multipart/alternative; boundary=inner\n\n"
        "--inner\nContent-Type: text/plain; charset=utf-8\n\nYour message couldn't be delivered.\n"
        "--inner\nContent-Type: text/html; charset=utf-8\n\n<p>Couldn't be delivered.</p>\n"
        "--inner--\n",
        "Content-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns;AM0PR01MB4711.example.org\nReceived-From-MTA: dns;noon.example\n"
        "Arrival-Date: Thu, 5 Mar 2026 11:00:00 +0000\n\n"
        f"Final-Recipient: rfc822;{ANNA}\nAction: {sample.action}\nStatus: {sample.status}\n"
        f"Diagnostic-Code: smtp;{sample.diagnostic}\n"
        "X-Display-Name: Anna\n",
        f"Content-Type: message/rfc822\n\n{_headers(sample)}",
    )


def gmail(sample: Sample) -> bytes:
    """Gmail: related parts with a picture first, several lines of diagnostics."""
    return _multipart(
        f"Return-Path: <>\nTo: {sample.to}\nFrom: Mail Delivery Subsystem "
        "<mailer-daemon@mail.example>\nAuto-Submitted: auto-replied\n"
        'Content-Type: multipart/report; boundary="{limit}"; report-type=delivery-status\n'
        f"Subject: Delivery Status Notification (Failure)\nIn-Reply-To: {sample.original}\n"
        f"X-Failed-Recipients: {ANNA}\n",
        'Content-Type: multipart/related; boundary="inner"\n\n'
        '--inner\nContent-Type: text/html; charset="UTF-8"\n\n<b>Address not found</b>\n'
        '--inner\nContent-Type: image/png; name="icon.png"\nContent-Transfer-Encoding: base64\n\n'
        "iVBORw0KGgo=\n--inner--\n",
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n"
        f"Arrival-Date: Thu, 05 Mar 2026 03:00:00 -0800 (PST)\nX-Original-Message-ID: "
        f"{sample.original}\n\nFinal-Recipient: rfc822; {ANNA}\nAction: {sample.action}\n"
        f"Status: {sample.status}\nDiagnostic-Code: smtp; {sample.diagnostic}\n"
        " Please try double-checking the recipient's address.\n"
        "Last-Attempt-Date: Thu, 05 Mar 2026 03:00:01 -0800 (PST)\n",
        f"Content-Type: message/rfc822\n\n{_headers(sample)}\nKA220 closes.\n",
    )


def sendmail(sample: Sample) -> bytes:
    """Sendmail: capitals, a comment after the status, a transcript."""
    return _multipart(
        f"From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>\nTo: <{sample.to}>\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n"
        '\tboundary="{limit}"\nSubject: Returned mail: see transcript for details\n'
        "Auto-Submitted: auto-generated (failure)\n",
        "\nThe original message was received at Thu, 5 Mar 2026 11:00:00 GMT\n\n"
        f"   ----- Transcript of session follows -----\n>>> RCPT To:<{ANNA}>\n"
        f"<<< {sample.diagnostic}\n",
        "Content-Type: Message/Delivery-Status\n\nReporting-MTA: DNS; mx.example.org\n"
        "Arrival-Date: Thu, 5 Mar 2026 11:00:00 GMT\n\n"
        f"Final-Recipient: RFC822; {ANNA}\nAction: {sample.action.capitalize()}\n"
        f"Status: {sample.status} (as told)\nDiagnostic-Code: SMTP; {sample.diagnostic}\n",
        f"Content-Type: Text/RFC822-Headers\n\n{_headers(sample)}",
    )


def qmail(sample: Sample) -> bytes:
    """Qmail: its own form of plain text, which knows failures only."""
    return _bytes(
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\nTo: {sample.to}\n"
        "Subject: failure notice\n\n"
        "Hi. This is the qmail-send program at mx.example.org.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        f"<{ANNA}>:\nSorry, no mailbox here by that name. (#{sample.status})\n\n"
        f"--- Below this line is a copy of the message.\n\n{_headers(sample)}\nKA220 closes.\n"
    )


SAMPLES: Mapping[str, Callable[[Sample], bytes]] = MappingProxyType(
    {form.__name__: form for form in (postfix, exim, exchange, gmail, sendmail, qmail)}
)
"""Every form by its server's name."""


def person(subject: str, to: str, *, message_id: str = "<1@example.org>", more: str = "") -> bytes:
    """Return a mail that a person, or their holiday's automaton, has written."""
    return _bytes(
        f"From: {ANNA}\nTo: {to}\nSubject: {subject}\nMessage-ID: {message_id}\n{more}"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nHello.\n"
    )
