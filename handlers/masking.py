"""Takes out of a text what says who wrote it, before the text is kept for editors.

What is taken out leaves its kind in brackets, so that an editor still understands the sentence.
A word too many costs the editor that word; a number or a name too few costs a person.
"""

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import urlsplit

from handlers.identifiers import ADDRESS, IDENTIFIERS, NUMBERS
from handlers.names import NAMES

LONGEST = 300
"""Characters of a text that are kept."""

READ = 2_000
"""Characters that are read: of a longer text, which is no question but a paste, nothing is kept."""

CUT = "…"

_UNION = ".europa.eu"
_WORD = re.compile(r"[a-z][a-z_.-]{0,39}", re.IGNORECASE)
_DASHES = {ord(sign): "-" for sign in "\u2212\u2043"}
"""Signs that look like a dash and are none for Unicode."""

_OVER_DIGIT = re.compile(r"(?<=\d)[\u0300-\u036f\ufe00-\ufe0f\u20d0-\u20f0]+")


def mask(text: str, official: Collection[str] = ()) -> str:
    """Return `text` in one line without mail addresses, numbers, identifiers, links and names.

    A link to one of the hosts in `official` or to the EU's keeps its host and a path of plain
    words; queries, and whatever looks like a token, never stay. Every dash is told as `-`; signs
    that nobody sees are left out. It raises nothing, whatever the text is.
    """
    masked = readable(text[: READ + 1])
    if max(len(text), len(masked)) > READ:
        return CUT

    def link(match: re.Match[str]) -> str:
        return _link(match[0], official)

    masked = ADDRESS.sub(link, masked)
    for pattern, instead in IDENTIFIERS:
        masked = pattern.sub(instead, masked)
    for pattern in NUMBERS:
        masked = pattern.sub(_number, masked)
    for pattern in NAMES:
        masked = pattern.sub(_name, masked)
    return masked if len(masked) <= LONGEST else f"{masked[: LONGEST - 1]}{CUT}"


def readable(text: str) -> str:
    """Return `text` in one line as a reader sees it.

    Signs have one form each; control signs, lone surrogates and what has no width are left out.
    """
    # "…" stays: it would become three full stops, here and in what was masked before.
    one_form = CUT.join(unicodedata.normalize("NFKC", part) for part in text.split(CUT))
    bare = "".join(_seen(sign) for sign in _OVER_DIGIT.sub("", one_form))
    return " ".join(bare.translate(_DASHES).split())


def _seen(sign: str) -> str:
    category = unicodedata.category(sign)
    if sign.isspace():
        return " "
    return "-" if category == "Pd" else "" if category.startswith("C") else sign


def _number(match: re.Match[str]) -> str:
    """Return what stays of a number: the words before it, and all of a date or of an amount."""
    found = match.groupdict()
    if found.get("kept"):
        return match[0]
    return f"{found.get('before') or ''}[{'code' if found.get('before') else 'number'}]"


def _name(match: re.Match[str]) -> str:
    return f"{match['before']}[name]"


def _link(written: str, official: Collection[str]) -> str:
    try:
        parts = urlsplit(written if "://" in written else f"https://{written}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "[link]"
    if not (f".{host}".endswith(_UNION) or host in official):
        return "[link]"
    steps = [step for step in parts.path.split("/") if step]
    plain = not (parts.query or parts.fragment) and all(map(_WORD.fullmatch, steps))
    return f"[{'/'.join([host, *steps]) if plain else f'{host}/…'}]"
