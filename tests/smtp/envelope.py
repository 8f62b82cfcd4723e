"""The envelope of a message: MAIL and RCPT with their parameters, read strictly (RFC 5321, 4.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.smtp.answers import Answer, says
from tests.smtp.policy import Policy

PATH = re.compile(r'<((?:"(?:[^"\\]|\\.)*"|[^"<>\s])*)>((?: [^ ]+)*)')
NOTIFY = re.compile(r"NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*")
XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
LONGEST = {"ENVID": 100, "ORCPT": 500, "address": 254, "local part": 64}

Parameters = dict[str, str]


class Refused(Exception):
    """What a client asked for is not possible; `answer` says why."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.answer: Answer = says(code, text)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient with what was asked for it (RFC 3461); `orcpt` is decoded."""

    address: str
    notify: tuple[str, ...] = ()
    orcpt: str | None = None


@dataclass(slots=True)
class Envelope:
    """Who sends to whom; `size`, `body`, `ret` and `envid` (decoded) as MAIL declared them."""

    sender: str
    size: int | None = None
    body: str | None = None
    smtputf8: bool = False
    ret: str | None = None
    envid: str | None = None
    recipients: list[Recipient] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        """The recipients' addresses in order."""
        return [recipient.address for recipient in self.recipients]


def read_sender(argument: bytes, policy: Policy) -> Envelope:
    """Returns the envelope that `MAIL <argument>` opens.

    Raises:
        Refused: 501, 552, 553 or 555, as the argument deserves.
    """
    known = {"SIZE": policy.size is not None, "BODY": policy.eight_bit, "AUTH": bool(policy.users)}
    known |= {"SMTPUTF8": policy.smtputf8, "RET": policy.dsn, "ENVID": policy.dsn}
    path, parameters = _split(argument, "FROM:", known)
    envelope = Envelope(path, smtputf8="SMTPUTF8" in parameters)
    envelope.size = _size(parameters.get("SIZE"), policy)
    envelope.body = _one_of(parameters, "BODY", "7BIT", "8BITMIME")
    envelope.ret = _one_of(parameters, "RET", "FULL", "HDRS")
    envelope.envid = _xtext(parameters, "ENVID")
    if path:
        _check_address(path, wide=envelope.smtputf8)
    return envelope


def read_recipient(argument: bytes, envelope: Envelope, policy: Policy) -> Recipient:
    """Returns the recipient that `RCPT <argument>` names.

    Raises:
        Refused: 501, 553 or 555, as the argument deserves.
    """
    path, parameters = _split(argument, "TO:", {"NOTIFY": policy.dsn, "ORCPT": policy.dsn})
    _check_address(path, wide=envelope.smtputf8)
    notify = parameters.get("NOTIFY", "").upper()
    if "NOTIFY" in parameters and not NOTIFY.fullmatch(notify):
        raise Refused(501, "5.5.4 Error: bad NOTIFY parameter syntax")
    wishes = tuple(notify.split(",")) if notify else ()
    return Recipient(path, wishes, _xtext(parameters, "ORCPT"))


def _split(argument: bytes, opening: str, known: dict[str, bool]) -> tuple[str, Parameters]:
    try:
        text = argument.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(501, "5.5.2 Error: not UTF-8") from None
    found = PATH.fullmatch(text[len(opening) :]) if text.upper().startswith(opening) else None
    if found is None:
        raise Refused(501, f"5.5.4 Syntax: {opening}<address>")
    words = (word.partition("=") for word in found[2].split())
    parameters = {name.upper(): value for name, _, value in words}
    if strange := [name for name in parameters if not known.get(name)]:
        raise Refused(555, f"5.5.4 Unsupported option: {strange[0]}")
    return found[1], parameters


def _check_address(address: str, *, wide: bool) -> None:
    local, at, domain = address.rpartition("@")
    if not (address.isascii() or wide):
        raise Refused(553, "5.6.7 Must use SMTPUTF8 for this address")
    if not (at and local and domain) and address.lower() != "postmaster":
        raise Refused(501, "5.1.3 Bad address syntax")
    lengths = {"address": len(address.encode()), "local part": len(local.encode())}
    for part, octets in lengths.items():
        if octets > LONGEST[part]:
            raise Refused(501, f"5.1.3 Bad address syntax: {part} too long")


def _size(declared: str | None, policy: Policy) -> int | None:
    if declared is None:
        return None
    if not re.fullmatch(r"[0-9]{1,20}", declared):
        raise Refused(501, "5.5.4 Bad message size syntax")
    if policy.too_big(int(declared)):
        raise Refused(552, "5.3.4 Message size exceeds fixed limit")
    return int(declared)


def _one_of(parameters: Parameters, name: str, *choices: str) -> str | None:
    value = parameters.get(name)
    if value is not None and value.upper() not in choices:
        raise Refused(501, f"5.5.4 Error: bad {name} parameter syntax")
    return value and value.upper()


def _xtext(parameters: Parameters, name: str) -> str | None:
    value = parameters.get(name)
    if value is None:
        return None
    plain = value.partition(";")[2] if name == "ORCPT" else value
    if not (plain and XTEXT.fullmatch(plain) and len(value) <= LONGEST[name]):
        raise Refused(501, f"5.5.4 Error: bad {name} parameter syntax")
    return re.sub(r"\+([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), value)
