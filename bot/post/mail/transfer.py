"""One message over one session: MAIL, RCPT, DATA and the message itself.

The bytes go as they are; only the dots at line starts are doubled, as RFC 5321, 4.5.2 asks, and
the server takes that back. Delivery reports are asked for where they are offered (RFC 3461), and
commands are written together where that is offered (RFC 2920), which saves two round trips.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.post.mail.session import Session
from bot.post.mail.stopped import Stopped, TooLate, broken
from bot.post.outcomes import Break, Command, Reply, Verdict, classify

EVERYTHING = b"SUCCESS,DELAY,FAILURE"
TROUBLE = b"DELAY,FAILURE"
"""What is reported of a message (RFC 3461, 4.1): a long run brings no report for each arrival."""

_PATH = re.compile(r"[!-;=?-~]*")
"""Printable ASCII without space and angle brackets, so that nothing ends an address early."""

_NOT_XTEXT = re.compile(rb"[^!-*,-<>-~]")
_GO_ON = 354

BAD_SENDER = Reply(553, "5.1.7 the sender's address cannot be written in a command")
BAD_RECIPIENT = Reply(553, "5.1.3 the address cannot be written in a command")
TOO_LARGE = Reply(552, "5.3.4 the message is larger than the server says it takes")
BARE_ENDS = Reply(554, "5.6.0 the message has line ends that are not CRLF")
EIGHT_BIT = Reply(554, "5.6.3 the message has 8-bit text, and the server takes none")


@dataclass(frozen=True)
class Envelope:
    """From and to where a message goes; `id` comes back in delivery reports.

    The first of `recipients` is whom it is for: where that one is refused, nobody gets it. The
    others get a copy if they are taken.
    """

    sender: str
    recipients: tuple[str, ...] = field(repr=False)
    id: str
    notify: bytes = EVERYTHING


@dataclass(frozen=True)
class Said:
    """One command as it is written; `copy` is whose it is when the message may leave without it."""

    command: Command
    line: bytes
    copy: str | None = None


@dataclass(frozen=True)
class Taken:
    """The server has the message; `refused` are the copies it did not take."""

    reply: Reply
    refused: dict[str, Reply]


async def transfer(
    session: Session,
    envelope: Envelope,
    content: bytes,
    passing: Callable[[str], None],
    may: Callable[[], bool] = lambda: True,
) -> Taken:
    """Hand a message over; raises `Stopped` when the server does not take it.

    `passing` is told "after_DATA" between the leave to send and the first byte. Where it `may` not
    leave any more by then, the connection is cut and `TooLate` raised: the server has nothing.
    """
    said = commands(session, envelope, content)
    session.messages += 1
    session.unsettled = True
    refused = await _ask(session, said)
    if not session.usable:
        # A reply that came too early would be taken for that to the message.
        raise Stopped(Command.DATA, Break.GARBAGE)
    passing("after_DATA")
    if not may():
        # After its leave to send, a server takes whatever comes for the message.
        session.drop()
        raise TooLate
    reply = await _poured(session, stuffed(content))
    session.unsettled = False
    return Taken(reply, refused)


async def _poured(session: Session, content: bytes) -> Reply:
    try:
        return await session.pour(content)
    except Stopped:
        raise
    except Exception as error:
        # Whatever breaks from here on, the server may have the message.
        raise Stopped(Command.DOT, broken(error)) from error


def commands(session: Session, envelope: Envelope, content: bytes) -> list[Said]:
    """Return the commands for a message; raises `Stopped` when the server cannot take it.

    Asked here, because a server reads all of a message before it says that it is too large.
    """
    if _PATH.fullmatch(envelope.sender) is None:
        raise Stopped(Command.MAIL, BAD_SENDER)
    if not all(_PATH.fullmatch(one) and one for one in envelope.recipients):
        raise Stopped(Command.RCPT, BAD_RECIPIENT)
    _look_at(session, content)
    reports = "dsn" in session.extensions
    size = len(content) if "size" in session.extensions else None
    mail = _mail(envelope, size, eight_bit=not content.isascii(), reports=reports)
    first, *others = envelope.recipients
    notify = envelope.notify if reports else b""
    to = [_rcpt(first, None, notify), *(_rcpt(other, other, notify) for other in others)]
    return [mail, *to, Said(Command.DATA, b"DATA\r\n")]


def stuffed(content: bytes) -> bytes:
    """Return a message as it goes over the wire, its end included."""
    if b"\r\n." in content:
        content = content.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _look_at(session: Session, content: bytes) -> None:
    """Refuse what this server cannot take, and what servers read in two ways (RFC 5321, 2.3.8)."""
    ends = content.count(b"\r\n")
    if content.count(b"\n") != ends or content.count(b"\r") != ends:
        raise Stopped(Command.MAIL, BARE_ENDS)
    if 0 < session.largest < len(content):
        raise Stopped(Command.MAIL, TOO_LARGE)
    if not content.isascii() and "8bitmime" not in session.extensions:
        raise Stopped(Command.MAIL, EIGHT_BIT)


def _mail(envelope: Envelope, size: int | None, *, eight_bit: bool, reports: bool) -> Said:
    line = b"MAIL FROM:<%b>" % envelope.sender.encode()
    if size is not None:
        line += b" SIZE=%d" % size
    if eight_bit:
        line += b" BODY=8BITMIME"
    if reports:
        line += b" RET=HDRS ENVID=" + xtext(envelope.id)
    return Said(Command.MAIL, line + b"\r\n")


def _rcpt(address: str, copy: str | None, notify: bytes) -> Said:
    line = b"RCPT TO:<%b>" % address.encode()
    if notify:
        line += b" NOTIFY=%b ORCPT=rfc822;%b" % (notify, xtext(address))
    return Said(Command.RCPT, line + b"\r\n", copy)


def xtext(text: str) -> bytes:
    """Return printable ASCII in the form that RFC 3461, 4 gives to parameters."""
    return _NOT_XTEXT.sub(lambda sign: b"+%02X" % ord(sign[0]), text.encode("ascii"))


async def _ask(session: Session, said: list[Said]) -> dict[str, Reply]:
    """Say the commands until the message may be sent; return the copies that were refused."""
    together = "pipelining" in session.extensions
    if together:
        session.say(said[0].command, b"".join(each.line for each in said))
    refused: dict[str, Reply] = {}
    for place, each in enumerate(said):
        if not together:
            session.say(each.command, each.line)
        try:
            reply = await session.reply(each.command)
            outcome = classify(each.command, reply)
            if outcome.verdict is Verdict.ONWARD:
                continue
            if each.copy is None or not outcome.reusable:
                if together and outcome.reusable:
                    await _read_on(session, said[place + 1 :])
                raise Stopped(each.command, reply)
        except Stopped as stopped:
            stopped.at_copy = each.copy is not None
            raise
        refused[each.copy] = reply
    return refused


async def _read_on(session: Session, left: list[Said]) -> None:
    """Read the replies to what was written already, behind a refusal.

    A server that lets the message come all the same waits for it now, so the connection is closed.
    """
    try:
        for each in left:
            if (await session.reply(each.command)).code == _GO_ON:
                session.drop()
    except Stopped:
        session.drop()
