"""The words that people read, with file, line and language: what a speller is to look at.

Mark-up decides what is left out: interface labels (`*Apply*`), code, addresses, references, names
of files, and `names` that are the same in both languages. A quotation may be in either language.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("lv", "en")

_LEFT_OUT = re.compile(
    r"\{\{?[^{}]*\}?\}"  # references, blocks filled in, placeholders
    r"|`[^`]*`"
    r"|\*{3}[^*]+\*{3}"
    r"|«[^»]*»"  # what to type
    r"|(?<![*\\])\*(?![*\s])[^*]+(?<!\\)\*(?!\*)"  # *Apply*
    r"|(?<=\])\([^)]*\)"  # the address of a link
    r"|[^\s\[\]()]*(?:://|@)[^\s\[\]()]*"
    r"|(?<!\S)/\w+"  # a command
    r"|[\w-]*(?:\.[a-z][\w%+-]*)+(?:/\S*)?"  # a host, the name or the ending of a file
)
_QUOTATION = re.compile(r"[„“][^„“”]*[”“]|\"[^\"]*\"")
_LABEL = re.compile(r"(?<![*\\])\*([^*\s][^*\n]*)(?<!\\)\*(?!\*)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_TOLD = re.compile(r'(?:^|[\s{,])(?:\w+_)?(lv|en) = "([^"]*)"')
_HEAD = re.compile(r'^(?:title|summary|label) = "(.*)"$')
_TYPED = re.compile(r"(?!.*; ).*;\S")
"""A message that is not told but lists what people are expected to type."""
_MESSAGE = re.compile(r'^(?:msgstr(?:\[\d\])? )?"(.*)"$')


@dataclass(frozen=True)
class Run:
    """Words that are all of one language, of which ones is not certain, and where they stand."""

    words: tuple[str, ...]
    languages: tuple[str, ...]
    place: str


def runs(line: str, language: str, place: str, names: re.Pattern[str]) -> Iterator[Run]:
    """Yield the runs of a line in `language`: itself, and each quotation in it."""
    line = names.sub(" ", _LEFT_OUT.sub(" ", line))
    for quotation in _QUOTATION.findall(line):
        yield Run(_words(quotation), LANGUAGES, place)
    yield Run(_words(_QUOTATION.sub(" ", line)), (language,), place)


def _words(text: str) -> tuple[str, ...]:
    """Return the words of `text`, without single letters, codes, and what is in capitals alone."""
    found = (match for match in _WORD.finditer(text) if not _beside_a_digit(text, match))
    bare = (match[0].replace("’", "'").removesuffix("'s") for match in found)
    return tuple(word for word in bare if len(word) > 1 and not word.isupper())


def _beside_a_digit(text: str, match: re.Match[str]) -> bool:
    return any(sign.isdigit() for sign in text[max(match.start() - 1, 0) : match.end() + 1])


def labels(guides: Path) -> set[str]:
    """Return what the guides in a folder mark as a label of a screen."""
    texts = (path.read_text(encoding="utf-8") for path in guides.rglob("*.md"))
    return {match[1] for text in texts for match in _LABEL.finditer(text)}


def phrases(texts: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of any of `texts`, the longest first, as words of their own."""
    longest = sorted(texts, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")


def guide(path: Path, language: str, names: re.Pattern[str]) -> Iterator[Run]:
    """Yield the words of a guide: title, summary, labels of links, and all items."""
    ended = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        ended += line == "+++"
        head = _HEAD.match(line)
        told = (head[1] if head else "") if ended < 2 else "" if line.startswith("## ") else line
        yield from runs(told, language, place(path, number), names)


def messages(path: Path, language: str, names: re.Pattern[str]) -> Iterator[Run]:
    """Yield the words of a message file, without what people are expected to type."""
    key, told = "", False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("msgid "):
            key = line.removeprefix("msgid ").strip('"')
        told = line.startswith("msgstr") or (told and line.startswith('"'))
        text = _MESSAGE.match(line)
        heard = key.endswith(".heard") or _TYPED.match(line)
        if told and text and key and not heard:
            said = text[1].replace("\\n", " ").replace('\\"', '"').replace("\\\\", "\\")
            yield from runs(said, language, place(path, number), names)


def place(path: Path, line: int) -> str:
    """Return how a place is named: folder, file and line."""
    return f"{path.parent.name}/{path.name}:{line}"


def titles(path: Path, names: re.Pattern[str]) -> Iterator[Run]:
    """Yield the words that a data file has for people, in the language it says they are in."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for language, text in _TOLD.findall(line):
            yield from runs(text, language, place(path, number), names)
