"""Reads what is typed: answers to a question, and what is recognised wherever it comes."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from handlers.incident import about
from handlers.incident.unreadable import Unreadable
from handlers.visit import Desk
from rules import addresses
from rules.deadlines import KA2
from rules.folding import fold
from rules.incident import FORM_ID, OID

LONGEST = {"organisation": 200, "title": 250, "happened": 1500, "contact": 100, "form_id": 40}
"""Characters of an answer at most."""

_DASHES = re.compile(r"\s*[-\u2010-\u2015\u2212_]\s*")
_FORM_ID = re.compile(rf"\b{FORM_ID.pattern}\b", re.IGNORECASE)
_OID = re.compile(r"\b[Ee] ?(\d{4}) ?(\d{4})\b")
_CODE = re.compile(r"\d{3}[ -]?\d{3}")
_PHONE = re.compile(r"(?:\+|\b00)?\(?\d[\d ()./-]{4,22}\d\b")
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_FEW = 4
"""A text with so few words beside a Form ID, an OID or an address is about that alone."""


@dataclass(frozen=True)
class Recognised:
    """What a text holds that is known by its form; `alone`: the text says nothing else."""

    address: str = ""
    form_id: str = ""
    oid: str = ""
    alone: bool = False


def recognise(text: str) -> Recognised:
    """Return what is recognised in `text`."""
    form_id, oid, address = form_id_in(text), _oid_in(text), _word_with_at(text)
    found = [one for one in (form_id, oid, address) if one]
    rest = len(clean(text).split()) - sum(len(one.split()) for one in found)
    return Recognised(address, form_id, oid, alone=bool(found) and rest <= _FEW)


def code(text: str) -> str:
    """Return the six digits that `text` is, or nothing."""
    bare = text.strip().strip(".")
    return re.sub(r"\D", "", bare) if _CODE.fullmatch(bare) else ""


def form_id_in(text: str) -> str:
    """Return the Form ID in `text` as the form writes it, or nothing."""
    match = _FORM_ID.search(_DASHES.sub("-", text))
    return match[0].upper() if match else ""


def parts(desk: Desk, form_id: str) -> tuple[str, str]:
    """Return action and sector of a Form ID, where the calendar knows both; else nothing."""
    match = FORM_ID.fullmatch(form_id)
    if match is None or match[1] not in KA2 or match[2] not in about.sectors(desk, match[1]):
        return "", ""
    return match[1], match[2]


def address(text: str) -> str:
    """Return the one address in `text` in its normal form; raises `Unreadable`."""
    try:
        return str(addresses.parse(_word_with_at(text) or clean(text)))
    except addresses.BadAddress as bad:
        raise Unreadable(bad.problem.value) from None


def clean(text: str) -> str:
    """Return `text` on one line, without signs that cannot be seen."""
    return " ".join(_visible(text).split())


def answer(name: str, text: str) -> str:
    """Return `text` as the answer to `name`, as it is noted; raises `Unreadable`."""
    return _READERS[name](text)


def contact(text: str) -> tuple[str, str]:
    """Return the name and the telephone in `text`, each empty where it is not there."""
    line = clean(text)
    match = _PHONE.search(line)
    if match is None:
        return line, ""
    name = f"{line[: match.start()]} {line[match.end() :]}"
    name = re.sub(r"(?i)\b(?:tel|tālr|talr|phone|mob)\w*\b\.?:?", " ", name)
    return " ".join(name.split()).strip(" ,;:-–"), match[0].strip()


def choice(desk: Desk, name: str, text: str, action: str, language: str) -> str:
    """Return the typed action or sector by its code; raises `Unreadable`."""
    folded = fold(text)
    if name == "action":
        joined = folded.replace("ka ", "ka")
        found = [one for one in KA2 if fold(one) in joined.split() or fold(one[2:]) == folded]
        known = found
    else:
        codes = about.sectors(desk, action)
        known = [
            one
            for one in codes
            if fold(one) in folded.split()
            or folded == fold(desk.facts.sectors[one].in_language(language))
        ]
    if len(known) != 1:
        raise Unreadable("incident.unreadable.choose")
    return known[0]


def _line(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        return _short_enough(name, clean(text))

    return read


def _story(text: str) -> str:
    lines = (" ".join(_visible(line).split()) for line in text.splitlines())
    return _short_enough("happened", "\n".join(line for line in lines if line))


def _short_enough(name: str, value: str) -> str:
    if not any(sign.isalnum() for sign in value):
        raise Unreadable("incident.unreadable.empty")
    if len(value) > LONGEST[name]:
        raise Unreadable("incident.unreadable.long")
    return value


def _oid(text: str) -> str:
    found = _oid_in(text)
    if not found:
        raise Unreadable("incident.unreadable.oid")
    return found


def _phone(text: str) -> str:
    number = contact(text)[1]
    if not number or not 6 <= sum(sign.isdecimal() for sign in number) <= 15:
        raise Unreadable("incident.unreadable.phone")
    return number


def _oid_in(text: str) -> str:
    match = _OID.search(text)
    found = f"E{match[1]}{match[2]}" if match else ""
    return found if OID.fullmatch(found) else ""


def _word_with_at(text: str) -> str:
    with_at = [word.strip("<>()[]«»\"'.,;:!?") for word in text.split() if "@" in word.strip("@")]
    return with_at[0].removeprefix("mailto:") if len(with_at) == 1 else ""


def _visible(text: str) -> str:
    spaced = re.sub(r"[\t\n\r\x0b\x0c\x85\u2028\u2029]", " ", text)
    return "".join(sign for sign in spaced if unicodedata.category(sign) not in _HIDDEN)


_READERS: Mapping[str, Callable[[str], str]] = {
    "organisation": _line("organisation"),
    "title": _line("title"),
    "happened": _story,
    "oid": _oid,
    "phone": _phone,
    "form_id": _line("form_id"),
}
