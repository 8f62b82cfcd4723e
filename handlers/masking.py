"""Takes out of a text what says who wrote it, before the text is kept for editors.

What is taken out leaves its kind in brackets, so that an editor still understands the sentence.
Names are known only by the words before them; a name that stands alone is not seen.
"""

import re
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from rules.incident import FORM_ID

LONGEST = 300
"""Characters of a text that are kept."""

_UNION = ".europa.eu"

_ADDRESS = re.compile(
    r"(?:\b(?:https?|ftp)://|\bwww\.|\bmailto:)\S+|(?<![\[\w.-])(?:[\w-]+\.)+[a-z]{2,}[/?#]\S*",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"[^\s@<>(),;:]+ ?(?:@|\(at\)|\[at\]) ?[^\s@<>(),;:]+(?:\.[^\s@<>(),;:]+)*", re.IGNORECASE
)
_HANDLE = re.compile(r"(?<!\S)@\w{3,}")
_FORM = re.compile(
    rf"\b{FORM_ID.pattern.replace('-', '[-–_ ]?')}\b|\bKA\d{{3}}-[A-Z]{{2,4}}-[0-9A-Z]{{6,}}\b",
    re.IGNORECASE,
)
_PROJECT = re.compile(r"\b20\d\d-\d-[A-Z]{2}\d\d-KA\d{3}-[A-Z]{3}-\w+", re.IGNORECASE)
_OID = re.compile(r"\b[Ee][ -]?(?:\d[ -]?){8}(?!\d)")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_CODE = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w{16,}\b")
_DATE = re.compile(r"\d{1,2}\. ?\d{1,2}\. ?20\d\d\.?|20\d\d-\d\d-\d\d")
_NUMBER = re.compile(r"(?<![\w.])(?:\+|00)?\(?\d(?:[ ().\u00a0/-]{0,2}\d){6,}")
_TITLED = re.compile(
    r"(?P<before>\b(?:mani sauc|sauc mani|mans vārds(?: ir)?|mans vards(?: ir)?|"
    r"vārds,? uzvārds:?|vards,? uzvards:?|my name is|my name's|i am called|name:|"
    r"ar cieņu,?|ar cienu,?|cieņā,?|kind regards,?|best regards,?|regards,?|sincerely,?)\s+)"
    r"(?P<name>[^\W\d_][\w'’-]*(?:[ ]+(?!(?:un|es|no|and|from|i|i'm)\b)[^\W\d_][\w'’-]*){0,2})",
    re.IGNORECASE,
)
_SELF = re.compile(
    r"(?P<before>\b(?:es,|esmu|es esmu|te|šeit|this is|i am|i'm)\s+)"
    r"(?P<name>(?-i:[A-ZĀČĒĢĪĶĻŅŠŪŽ][\w'’-]+(?:\s+[A-ZĀČĒĢĪĶĻŅŠŪŽ][\w'’-]+){1,2}))",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z][a-z_.-]{0,39}", re.IGNORECASE)


def mask(text: str, official: Collection[str] = ()) -> str:
    """Return `text` in one line without mail addresses, numbers, identifiers, links and names.

    A link to one of the hosts in `official` or to the EU's keeps its host and a path of plain
    words; queries, and whatever looks like a token, never stay.
    """
    masked = " ".join(text.split())[: 2 * LONGEST]

    def link(match: re.Match[str]) -> str:
        return _link(match[0], official)

    replaced: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
        (_ADDRESS, link),
        (_MAIL, "[e-mail]"),
        (_HANDLE, "[account]"),
        (_PROJECT, "[project]"),
        (_FORM, "[Form ID]"),
        (_OID, "[OID]"),
        (_ACCOUNT, "[number]"),
        (_NUMBER, _number),
        (_CODE, "[code]"),
        (_TITLED, r"\g<before>[name]"),
        (_SELF, r"\g<before>[name]"),
    )
    for pattern, instead in replaced:
        masked = pattern.sub(instead, masked)
    return masked if len(masked) <= LONGEST else f"{masked[: LONGEST - 1]}…"


def _number(match: re.Match[str]) -> str:
    return match[0] if _DATE.fullmatch(match[0]) else "[number]"


def _link(written: str, official: Collection[str]) -> str:
    parts = urlsplit(written if "://" in written else f"https://{written}")
    try:
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "[link]"
    if not (f".{host}".endswith(_UNION) or host in official):
        return "[link]"
    steps = [step for step in parts.path.split("/") if step]
    plain = not (parts.query or parts.fragment) and all(map(_WORD.fullmatch, steps))
    return f"[{'/'.join([host, *steps]) if plain else f'{host}/…'}]"
