"""What one attempt to hand a message to a mail server came to.

A client acts on the command and the reply code (RFC 5321, 4.2 and 4.3.2); a status such as 5.1.1
at the start of the reply (RFC 2034, RFC 3463) says more. One code means different things:

- 550, 551 and 553 judge the person's address only as a reply to RCPT. As a reply to MAIL they
  judge our sender, and after the data they are a matter of policy (RFC 5321, 4.3.2).
- 552 as a reply to RCPT means «too many recipients» or a full mailbox, so it passes (RFC 5321,
  4.5.3.1.10); elsewhere the message is too large (RFC 1870, 6).
- 5.4.4 is often a fault in looking up names on our side; 5.2.2 and 5.4.5 are passing by their
  definition (RFC 3463, 3.3 and 3.5). All three are tried again whatever the code.
- Where code and status contradict each other (550 with 4.x.x), the milder one holds.
- A refusal before MAIL concerns no message, so it burns no attempt and stops the whole provider.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Command(StrEnum):
    """How far a session had come. `DOT` begins with the first byte of the message.

    Buffers hide how much of a message has left, so a break within it counts as one after the
    final dot. STARTTLS that is not offered is `TLS_FAILED` at `TLS`.
    """

    CONNECT = "connect"
    TLS = "tls"
    GREETING = "greeting"
    EHLO = "ehlo"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


class Break(StrEnum):
    """How a session ended without a reply that can be read."""

    TIMEOUT = "timeout"
    DROP = "drop"
    REFUSED = "refused"
    TLS_FAILED = "tls-failed"
    GARBAGE = "garbage"


@dataclass(frozen=True)
class Reply:
    """A server's reply: the code, and the text after it (its lines joined)."""

    code: int
    text: str = ""


class Verdict(StrEnum):
    """The class of an outcome.

    `ACCEPTED`: the server has the message and answers for it (RFC 5321, 4.2.5). `ONWARD`: the
    command did what it should. `CONNECTION`: trouble before anything could be taken. `TRANSIENT`:
    refused for now. `UNKNOWN`: the message may have arrived, and nobody has said so (RFC 1047).
    `OURS`: our password, sender or encryption is wrong, so no message will pass. `ADDRESS`: takes
    no mail. `PATH`: not by this way. `SIZE`: too large for this way.
    """

    ACCEPTED = "accepted"
    ONWARD = "onward"
    CONNECTION = "connection"
    TRANSIENT = "transient"
    UNKNOWN = "unknown"
    OURS = "ours"
    ADDRESS = "address"
    PATH = "path"
    SIZE = "size"


@dataclass(frozen=True)
class Outcome:
    """What follows from an attempt.

    `reusable`: the connection may carry another message (after RSET); `counts`: the attempt is
    one of the message's attempts; `opens_circuit`: the provider gets nothing more until it has
    been seen to work; `suppresses`: the address gets no further mail.
    """

    verdict: Verdict
    reusable: bool
    counts: bool = True
    opens_circuit: bool = False
    suppresses: bool = False


_ACCEPTED = Outcome(Verdict.ACCEPTED, reusable=True)
_ONWARD = Outcome(Verdict.ONWARD, reusable=True, counts=False)
_UNKNOWN = Outcome(Verdict.UNKNOWN, reusable=False)
_CONNECTION = Outcome(Verdict.CONNECTION, reusable=False)
_OURS = Outcome(Verdict.OURS, reusable=False, counts=False, opens_circuit=True)
_NO_SERVICE = Outcome(Verdict.PATH, reusable=False, counts=False, opens_circuit=True)

_CLOSES = (421, 521)
"""Codes after which the server hangs up (RFC 5321, 3.8; RFC 7504)."""

_CREDENTIALS = (530, 534, 535)
"""«You must log in first», «too weak a way», «wrong password» (RFC 4954, 6)."""

_OPENING = (Command.CONNECT, Command.GREETING, Command.EHLO)
_SECURING = (Command.TLS, Command.AUTH)
_EXPECTED = {Command.AUTH: (2, 3), Command.DATA: (3,)}
"""The first digits that mean «go on», where that is not 2 alone (RFC 5321, 4.3.2; RFC 4954, 4)."""

_STATUS = re.compile(r"\s*([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")

_BY_STATUS = {
    "1": Verdict.ADDRESS,
    "1.7": Verdict.OURS,
    "1.8": Verdict.OURS,
    "2.1": Verdict.ADDRESS,
    "2.2": Verdict.TRANSIENT,
    "2.3": Verdict.SIZE,
    "3.4": Verdict.SIZE,
    "4.4": Verdict.TRANSIENT,
    "4.5": Verdict.TRANSIENT,
    "7": Verdict.PATH,
}
"""Subject, or subject and detail, of a status 5.x.x (RFC 3463, 3)."""

_BY_CODE: Mapping[Command, Mapping[int, Verdict]] = {
    Command.MAIL: {552: Verdict.SIZE, **dict.fromkeys((550, 551, 553), Verdict.OURS)},
    Command.RCPT: {552: Verdict.TRANSIENT, **dict.fromkeys((550, 551, 553, 556), Verdict.ADDRESS)},
    Command.DATA: {552: Verdict.SIZE},
    Command.DOT: {552: Verdict.SIZE},
}
"""Where no status says more; every other 5yz is a refusal of this way."""


def classify(command: Command, result: Reply | Break) -> Outcome:
    """Return what `result` at `command` came to; there is an outcome for every pair.

    A code that the command cannot have (2yz to DATA, 3yz to MAIL, 999) is garbage: the
    connection is given up, and after the final dot nothing is known.
    """
    if isinstance(result, Break):
        return _broken(command, result)
    digit = result.code // 100
    if digit in _EXPECTED.get(command, (2,)):
        return _ACCEPTED if command is Command.DOT else _ONWARD
    if digit == 4:
        return _in_session(Verdict.TRANSIENT, command, result.code)
    if digit == 5:
        return _refused(command, result)
    return _broken(command, Break.GARBAGE)


def by_recipient(
    recipients: Collection[str], refused: Mapping[str, Reply], end: Outcome
) -> dict[str, Outcome]:
    """Return the outcome for each of `recipients` of one message.

    `refused` holds the negative replies to RCPT, `end` what the session came to for all others.
    When these are several, a refusal that speaks of an address does not say whose.
    """
    left = [recipient for recipient in recipients if recipient not in refused]
    shared = end if len(left) == 1 else replace(end, suppresses=False)
    return {
        recipient: classify(Command.RCPT, refused[recipient]) if recipient in refused else shared
        for recipient in recipients
    }


def _broken(command: Command, kind: Break) -> Outcome:
    if command is Command.DOT:
        return _UNKNOWN
    if kind is Break.TLS_FAILED and command in (*_OPENING, *_SECURING):
        return _OURS
    return _CONNECTION


def _refused(command: Command, reply: Reply) -> Outcome:
    if reply.code in _CREDENTIALS or command in _SECURING:
        return _OURS
    if command in _OPENING:
        return _NO_SERVICE
    verdict = _by_status(reply.text) or _BY_CODE[command].get(reply.code, Verdict.PATH)
    if command is Command.MAIL and verdict is Verdict.ADDRESS:
        verdict = Verdict.OURS
    return _OURS if verdict is Verdict.OURS else _in_session(verdict, command, reply.code)


def _by_status(text: str) -> Verdict | None:
    match = _STATUS.match(text)
    level, subject, detail = map(int, match.groups()) if match else (0, 0, 0)
    if level == 4:
        return Verdict.TRANSIENT
    exact = _BY_STATUS.get(f"{subject}.{detail}") or _BY_STATUS.get(f"{subject}")
    return exact if level == 5 else None


def _in_session(verdict: Verdict, command: Command, code: int) -> Outcome:
    usable = command not in (*_OPENING, *_SECURING) and code not in _CLOSES
    return Outcome(verdict, reusable=usable, suppresses=verdict is Verdict.ADDRESS)
