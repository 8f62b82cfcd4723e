"""A letter as the bytes of a mail (RFC 5322, RFC 2045), with marks where each person's own goes.

The header section is written by hand: libraries encode or fold what must stay as it is, such as a
long List-Unsubscribe, which no mail program then understands (RFC 2369, 2).
"""

from base64 import encodebytes
from dataclasses import dataclass
from email import policy
from email.header import Header
from email.message import EmailMessage

from bot.post.letters import writing
from bot.post.letters.gaps import Gap, mark
from bot.post.letters.letter import Letter

LONGEST_LINE = 76
"""Of an encoded line, without its CRLF (RFC 2045, 6.7)."""

NAME = "Noon"
"""The display name of the sender."""

# Neither can occur in an encoded body: after «=» stand only hexadecimal digits or a line end.
_MIXED, _ALTERNATIVE = "=_noon-mixed", "=_noon-alternative"
_READABLE = f'multipart/alternative; boundary="{_ALTERNATIVE}"'

_POLICY = policy.SMTP.clone(max_line_length=LONGEST_LINE)


@dataclass(frozen=True)
class Sender:
    """Who sends all mail, who answers are for, and where one unsubscribes with one click."""

    address: str
    reply_to: str | None
    unsubscribe: str

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return self.address.rpartition("@")[2]


def mail(letter: Letter, sender: Sender, key: bytes) -> bytes:
    """Return the whole mail with the marks of `key`, CRLF everywhere."""
    return _head(letter, sender, key) + b"\r\n" + _body(letter)


def _head(letter: Letter, sender: Sender, key: bytes) -> bytes:
    fields = {
        "From": f"{NAME} <{sender.address}>",
        "To": mark(key, Gap.ADDRESS),
        "Reply-To": sender.reply_to or "",
        "Subject": _encoded(letter.subject),
        "Date": mark(key, Gap.DATE),
        "Message-ID": mark(key, Gap.NAME),
        **(_list_fields(sender) if letter.listed else {}),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": letter.language,
        "MIME-Version": "1.0",
        "Content-Type": _content_type(letter),
    }
    lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value]
    return "".join(lines).encode("ascii")


def _list_fields(sender: Sender) -> dict[str, str]:
    """Return what lets a mail program offer to unsubscribe (RFC 2369, RFC 2919, RFC 8058)."""
    return {
        "List-Id": f"{NAME} <reminders.{sender.domain}>",
        "List-Unsubscribe": f"<{sender.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _encoded(subject: str) -> str:
    """Return a subject in ASCII, folded (RFC 2047)."""
    header = Header(subject, "utf-8", LONGEST_LINE, header_name="Subject")
    return header.encode(linesep="\r\n")


def _content_type(letter: Letter) -> str:
    return _READABLE if letter.calendar is None else f'multipart/mixed; boundary="{_MIXED}"'


def _body(letter: Letter) -> bytes:
    """Return the parts of a mail: text and HTML to choose from, then the calendar file."""
    readable = EmailMessage(policy=_POLICY)
    readable.set_content(writing.text(letter), cte="quoted-printable")
    readable.add_alternative(writing.html(letter), subtype="html", cte="quoted-printable")
    readable.set_boundary(_ALTERNATIVE)
    parts = readable.as_bytes().partition(b"\r\n\r\n")[2]
    return parts if letter.calendar is None else _with_file(parts, *letter.calendar)


def _with_file(parts: bytes, name: str, calendar: bytes) -> bytes:
    """Return readable parts and a calendar file, whose method stands outside and inside alike.

    The rule is RFC 6047, 2.4. It is written by hand because some programs know the method only
    without quotation marks, which the library puts around it.
    """
    head = (
        f"Content-Type: text/calendar; method=PUBLISH; charset=utf-8;\r\n"
        f' name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n"
    )
    edge = f"--{_MIXED}"
    lines = (
        edge.encode(),
        f"Content-Type: {_READABLE}\r\n".encode(),
        parts.rstrip(b"\r\n"),
        edge.encode(),
        head.encode("ascii"),
        encodebytes(calendar).replace(b"\n", b"\r\n") + f"{edge}--".encode(),
    )
    return b"\r\n".join(lines) + b"\r\n"
