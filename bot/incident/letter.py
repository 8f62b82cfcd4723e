"""The notice as a mail: to the agency, by hand as a draft, and as a `mailto:` link.

Text of people never stands in an address; in the subject it is cleaned and cut. Nothing asks a
machine to keep quiet (no Auto-Submitted), because the agency's own answer is wanted.
"""

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from bot.incident import wording
from bot.incident.brief import mailto, subject
from bot.incident.notifying import Attached, Fitted, Notifying, Variant, fitted, parted, stem
from bot.incident.saying import body
from handlers.turn import Attachment
from handlers.words import Words, words

__all__ = [
    "Attached",
    "Notifying",
    "Variant",
    "by_hand",
    "compose",
    "mailto",
    "parted",
    "subject",
    "text",
]

LONGEST_LINE = 76
"""Of an encoded line, without its CRLF (RFC 2045, 6.7)."""

_BOUNDARY = "=_noon-incident"
"""Occurs in no encoded part: after «=» stand only hexadecimal digits or a line end."""

_UNFOLDED = frozenset({"from", "to", "cc", "reply-to", "message-id", "in-reply-to", "references"})


class _Policy(EmailPolicy):
    """Leaves addresses and ids as they are (RFC 2047, 5): the library encodes long ones."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _UNFOLDED:
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n", max_line_length=LONGEST_LINE, cte_type="7bit")


def text(n: Notifying, language: str, variant: Variant = "full") -> str:
    """Return the text in `language`, with LF line ends; `variant` is what goes with it."""
    return body(n, language, variant)


def compose(n: Notifying, message_id: str, variant: Variant = "full") -> bytes:
    """Return the mail as it leaves, the same bytes for the same notice.

    `message_id` has its angle brackets. Raises ValueError where no mailbox of the agency is known.
    """
    if n.to is None:
        raise ValueError("no mailbox of the agency is known")
    head = {
        "From": f"Noon <{n.sender}>",
        "To": n.to,
        "Cc": n.copy,
        "Reply-To": n.copy,
        "Message-ID": message_id,
    }
    return _mail(n, head, variant)


def by_hand(n: Notifying, language: str | None = None) -> Sequence[Attachment]:
    """Return the notice for the person to send: a draft with every file, and the bare text.

    The draft is in the agency's language; what to do with the text is told in `language`.
    """
    return draft(n), bare(n, language or n.language)


def draft(n: Notifying) -> Attachment:
    """Return the notice as a draft that a mail program opens, every file in it."""
    head = {"X-Unsent": "1", "From": n.copy, "To": ", ".join(n.recipients)}
    return Attachment(draft_name(n), _mail(n, head, "hand"), "message/rfc822")


def draft_name(n: Notifying) -> str:
    """Return the name of the draft."""
    return f"incident-{stem(n.case)}" + (f"-{n.number}" if n.number else "") + ".eml"


def bare(n: Notifying, language: str) -> Attachment:
    """Return the text to be sent; what to do with it is told in `language`."""
    name = draft_name(n).removesuffix(".eml")
    return Attachment(f"{name}.txt", _plain(n, language), "text/plain")


def _mail(n: Notifying, head: dict[str, str], variant: Variant) -> bytes:
    message = EmailMessage(policy=_POLICY)
    for name, value in {**head, **_common(n)}.items():
        if value:
            message[name] = _checked(name, value)
    message.set_content(text(n, n.language, variant), cte="quoted-printable")
    for one in fitted(n, variant):
        _attach(message, one)
    message["Content-Language"] = n.language
    if message.is_multipart():
        message.set_boundary(_BOUNDARY)
    return message.as_bytes()


def _checked(name: str, value: str) -> str:
    """Return a value for a header; raises ValueError for an address or id that can be none."""
    if name.lower() in _UNFOLDED and not (value.isascii() and value.isprintable()):
        raise ValueError(f"{name} cannot stand in a mail")
    return value


def _common(n: Notifying) -> dict[str, str]:
    first = n.first[0] if n.first else ""
    return {
        "Subject": subject(n, n.language),
        "Date": format_datetime(n.now),
        "In-Reply-To": first,
        "References": first,
    }


def _attach(message: EmailMessage, one: Fitted) -> None:
    maintype, _, subtype = one.media_type.partition("/")
    message.add_attachment(
        one.content,
        maintype=maintype,
        subtype=subtype,
        filename=one.name,
        params={"name": one.name},
    )


def _plain(n: Notifying, language: str) -> bytes:
    """Return the notice as a text file: where it goes, what goes with it, and the text."""
    said = words(language)
    files = ", ".join(one.name for one in fitted(n, "hand"))
    pairs = (
        (said.say("notice.hand.to"), _whom(n, said)),
        (said.say("notice.hand.subject"), subject(n, n.language)),
        (said.say("notice.hand.files"), files or said.say("notice.hand.no-files")),
    )
    steps = f"{wording.rows(pairs)}\n{said.say('notice.hand.text')}"
    head = [said.say("notice.hand.head", agency=n.decides), steps, "-" * 60]
    return "\n\n".join([*head, text(n, n.language, "hand")]).encode()


def _whom(n: Notifying, said: Words) -> str:
    """Return where a person sends it; without a mailbox, that none was named."""
    if n.to:
        return n.to
    if not n.people:
        return said.say("notice.hand.nobody", agency=n.decides, page=n.contacts_page)
    return said.say("notice.hand.people", to=", ".join(n.people), agency=n.decides)
