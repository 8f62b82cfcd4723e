"""People's e-mail addresses: one strict rule of our own.

One address and nothing around it: a dot-atom of ASCII before the @ (RFC 5321, 4.1.2; RFC 5322,
3.2.3), a domain name after it (IDNA 2008, mapped as in UTS 46). Quoted local parts, comments,
groups, names and address literals are legal in mail and refused here: nobody types them, and
parsers disagree about them. Lengths follow RFC 5321, 4.5.3.1, without the angle brackets.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import idna

LONGEST = 254
LONGEST_LOCAL = 64

_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_SEPARATORS = frozenset(",;")
_AROUND = frozenset('<>()":\\')
_LITERAL = frozenset("[]")
_ENCODED = "=?"
"""Begins an encoded word. An address may not hold one (RFC 2047, 5), and what reads headers
decodes it all the same: into another address."""


class Problem(StrEnum):
    """Why an address is refused; the value is the message that says what to do."""

    EMPTY = "address.empty"
    TOO_LONG = "address.too-long"
    INVISIBLE = "address.invisible"
    SPACE = "address.space"
    SEVERAL = "address.several"
    NOT_BARE = "address.not-bare"
    NO_AT = "address.no-at"
    LOCAL_LETTERS = "address.local-letters"
    LOCAL = "address.local"
    LOCAL_TOO_LONG = "address.local-too-long"
    DOMAIN = "address.domain"
    DOMAIN_ENDING = "address.domain-ending"


class BadAddress(ValueError):
    """An address that is not taken; `problem` names the message. The address is not repeated."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.value)


@dataclass(frozen=True, repr=False)
class Address:
    """An address in its normal form, as `parse` makes it; `str` gives what goes on an envelope.

    The local part keeps its case, which only its own server may ignore (RFC 5321, 2.4); the
    domain is an A-label in lower case. The representation hides both, because it ends up in logs.
    """

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    def __repr__(self) -> str:
        return "Address(…)"

    @property
    def counted(self) -> str:
        """Return the form in which limits count: no dots and +tags, all in one case.

        Different mailboxes may share it, so it never says where a message goes.
        """
        base = self.local.partition("+")[0] or self.local
        return f"{base.replace('.', '').casefold()}@{self.domain}"


def parse(written: str) -> Address:
    """Return the one address in `written`, spaces around it apart; raises `BadAddress`."""
    text = written.strip(" ")
    _look(text)
    local, _, domain = text.partition("@")
    address = Address(_local(local), _domain(domain))
    if len(str(address)) > LONGEST:
        raise BadAddress(Problem.TOO_LONG)
    return address


def _look(text: str) -> None:
    """Refuse what is not one bare address, before anything is taken apart."""
    signs = set(text)
    categories = {unicodedata.category(sign) for sign in signs}
    refused = {
        Problem.EMPTY: not text,
        Problem.TOO_LONG: len(text) > LONGEST,
        Problem.INVISIBLE: bool(categories & {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}),
        Problem.SEVERAL: text.count("@") > 1 or bool(signs & _SEPARATORS),
        Problem.NOT_BARE: bool(signs & _AROUND),
        Problem.SPACE: "Zs" in categories,
        Problem.NO_AT: "@" not in signs,
        Problem.DOMAIN: bool(signs & _LITERAL),
    }
    for problem, holds in refused.items():
        if holds:
            raise BadAddress(problem)


def _local(text: str) -> str:
    if not text.isascii():
        raise BadAddress(Problem.LOCAL_LETTERS)
    if _DOT_ATOM.fullmatch(text) is None or _ENCODED in text:
        raise BadAddress(Problem.LOCAL)
    if len(text) > LONGEST_LOCAL:
        raise BadAddress(Problem.LOCAL_TOO_LONG)
    return text


def _domain(text: str) -> str:
    """Return a domain as an A-label in lower case; it has a dot and is no number."""
    try:
        name = idna.encode(text, uts46=True).decode("ascii")
    except UnicodeError:
        raise BadAddress(Problem.DOMAIN) from None
    labels = name.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdecimal():
        raise BadAddress(Problem.DOMAIN)
    if len(labels) < 2:
        raise BadAddress(Problem.DOMAIN_ENDING)
    return name
