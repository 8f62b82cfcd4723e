"""Reads what mail servers report about a mail (RFC 3464), and what qmail writes instead.

Only the report's own parts are looked at: a report that a person forwards is a person's mail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum

from bot.post.outcomes import Command, Reply, classify

LONGEST = 300

_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_VAGUE = re.compile(r"[45]\.0\.0")
_ADDRESS = re.compile(r"[^\s<>;:,\"']+@[^\s<>;:,\"']+")
_QMAIL = "Hi. This is the qmail-send program at "
_BY_QMAIL = re.compile(r"^<([^<>\s]+@[^<>\s]+)>:", re.MULTILINE)
_COPY = "--- Below this line is a copy of the message."


class Fate(StrEnum):
    """What became of a mail; the value is the report's own word (RFC 3464, 2.3.3)."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    FAILED = "failed"


_WORST_FIRST = (Fate.FAILED, Fate.DELAYED, Fate.DELIVERED)
_ACTIONS = {fate.value: fate for fate in Fate}


@dataclass(frozen=True)
class Report:
    """What a server says of a mail: `hard` if the address is to blame and no other time will help.

    `original` is the mail's Message-ID where it is told, `words` the reason without any address.
    """

    fate: Fate
    hard: bool
    original: str
    words: str


@dataclass(frozen=True)
class Mail:
    """A mail that came in: its own Message-ID, whom it came to, and its report if it is one.

    `report` is the worst that is said; `each` tells apart what is said of several recipients, each
    with the addresses that name it.
    """

    message_id: str
    addressed: tuple[str, ...]
    report: Report | None
    each: tuple[tuple[frozenset[str], Report], ...] = ()

    def about(self, address: str) -> "Report | None":
        """Return the worst that is said of `address` by its name, or None: nothing is."""
        name = address.casefold()
        mine = [report for named, report in self.each if name in named]
        return min(mine, key=lambda one: _WORST_FIRST.index(one.fate), default=None)


def read(raw: bytes) -> Mail:
    """Return what matters of a mail, of which the end may be missing."""
    message = message_from_bytes(raw)
    written = [str(value) for name in _TO for value in message.get_all(name, [])]
    addressed = tuple(address for _, address in getaddresses(written) if address)
    each = tuple(_each(message) if _is_report(message) else _from_qmail(message))
    fates = [report for _, report in each]
    worst = min(fates, key=lambda one: _WORST_FIRST.index(one.fate), default=None)
    return Mail(_message_id(message), addressed, worst, each)


def _is_report(message: Message) -> bool:
    kind = str(message.get_param("report-type", "")).casefold()
    return message.get_content_type() == "multipart/report" and kind == "delivery-status"


def _each(message: Message) -> Iterator[tuple[frozenset[str], Report]]:
    """Yield what is said of each recipient, with the addresses that name it."""
    original = next(filter(None, map(_copied_id, _parts(message))), "")
    for fate, block in _recipients(message):
        reason = _one_line(str(block.get("Diagnostic-Code", "")))
        status = _status(str(block.get("Status", "")), reason)
        told = Report(fate, _hard(fate, status), original, _told(fate, status, reason))
        yield _named(block), told


def _named(block: Message) -> frozenset[str]:
    """Return the addresses of whom a block is about, as it was written to and as it was reached."""
    written = (str(block.get(f"{name}-Recipient", "")) for name in ("Original", "Final"))
    return frozenset(address.casefold() for text in written for address in _ADDRESS.findall(text))


def _recipients(message: Message) -> Iterator[tuple[Fate, Message]]:
    """Yield what is said of each recipient; what no state follows from is left out."""
    for part in _parts(message):
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _parts(part):
            action = str(block.get("Action", "")).strip().casefold()
            if action in _ACTIONS:
                yield _ACTIONS[action], block


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return (
        [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []
    )


def _copied_id(part: Message) -> str:
    """Return the Message-ID of the mail, or of its header, that a report brings back."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        return next((_message_id(inner) for inner in _parts(part)), "")
    if kind in ("text/rfc822-headers", "message/rfc822-headers"):
        content = part.get_payload(decode=True)
        return _message_id(message_from_bytes(content)) if isinstance(content, bytes) else ""
    return ""


def _from_qmail(message: Message) -> Iterator[tuple[frozenset[str], Report]]:
    """Yield the report in qmail's own form (QSBMF): always a failure of those it names."""
    content = message.get_payload(decode=True)
    if message.get_content_type() != "text/plain" or not isinstance(content, bytes):
        return
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    said, copied, copy = text.partition(_COPY)
    if not said.startswith(_QMAIL) or not copied:
        return
    reason = _one_line(said.partition("\n\n")[2])
    status = _status("", reason)
    original = _message_id(message_from_bytes(copy.strip().encode()))
    told = _told(Fate.FAILED, status, reason)
    named = frozenset(address.casefold() for address in _BY_QMAIL.findall(said))
    yield named, Report(Fate.FAILED, _hard(Fate.FAILED, status), original, told)


def _message_id(message: Message) -> str:
    return str(message.get("Message-ID", "")).strip()


def _status(given: str, reason: str) -> str:
    """Return the status; one that says nothing (5.0.0) gives way to one in the server's words."""
    match = _STATUS.search(given)
    told = _STATUS.search(reason)
    if told is not None and (match is None or _VAGUE.fullmatch(match[1])):
        return told[1]
    return match[1] if match is not None else ""


def _hard(fate: Fate, status: str) -> bool:
    """Whether the address is to blame for good: judged as the same refusal of RCPT would be.

    So 5.1.1 is, and 5.2.2 (full), 5.4.4 (names) and 5.7.1 (policy) are not; without any status a
    failure is not taken for more than it says.
    """
    refusal = Reply(550, f"{status} ")
    return fate is Fate.FAILED and status != "" and classify(Command.RCPT, refusal).suppresses


def _told(fate: Fate, status: str, reason: str) -> str:
    return _ADDRESS.sub("…", f"{fate} {status} {reason}".strip())[:LONGEST]


def _one_line(text: str) -> str:
    return " ".join(text.split())
