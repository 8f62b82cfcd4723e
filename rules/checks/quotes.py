"""What guides quote exactly stands there exactly: the disclaimer and the list of file formats."""

import re
from collections.abc import Iterator

from rules.checks.passages import SECTIONS, everywhere, file_of, said
from rules.checks.standards import Disclaimer, Files, Quoted
from rules.guides import Guide
from rules.loader import LANGUAGES, Facts

_QUOTATION = re.compile(r"[„“\"]([^„“”\"]+)[”“\"]")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_SIZE = re.compile(r"(\d+)\s*MB")
_COUNT = re.compile(r"(?<!\w)(\d+) form[aā]t")


def problems(facts: Facts, quoted: Quoted) -> Iterator[str]:
    """Yield every place that quotes something and changes it, and what is quoted nowhere."""
    yield from _disclaimers(facts, quoted.disclaimer)
    yield from _named(facts, quoted.disclaimer)
    for language in LANGUAGES:
        guide = facts.guide(quoted.files.topic, language)
        if guide is not None:
            yield from _files(guide, file_of(quoted.files.topic, language), quoted.files)


def _disclaimers(facts: Facts, disclaimer: Disclaimer) -> Iterator[str]:
    exact = {language: disclaimer.filled(language) for language in LANGUAGES}
    seen = set()
    for language, passage in everywhere(facts):
        for quotation in _QUOTATION.findall(passage.text):
            for its, text in exact.items():
                if disclaimer.known_by.of(its) not in quotation:
                    continue
                if quotation != text:
                    yield passage.problem(f"the disclaimer ({its}) is not as quoted.toml has it")
                if passage.file == file_of(disclaimer.topic, language):
                    seen.add((language, its))
    for language in LANGUAGES:
        for its in exact:
            if (language, its) not in seen:
                where = file_of(disclaimer.topic, language)
                yield f"{where}: the disclaimer ({its}) is missing"


def _named(facts: Facts, disclaimer: Disclaimer) -> Iterator[str]:
    """The name in the sentence is the agency's; a Latvian one may differ in its last ending."""
    agency = facts.agencies.agencies.get(disclaimer.agency)
    where = "quoted.toml: disclaimer"
    if agency is None:
        yield f"{where}.agency: nobody is named {disclaimer.agency!r}"
    elif not disclaimer.name.lv.startswith(agency.name_lv[:-1]):
        yield f"{where}.name.lv: is not {agency.name_lv}"
    elif agency.name_en not in disclaimer.name.en or agency.short not in disclaimer.name.en:
        yield f"{where}.name.en: is not {agency.name_en} ({agency.short})"
    yield from _whole(disclaimer, where)


def _whole(disclaimer: Disclaimer, where: str) -> Iterator[str]:
    for language in LANGUAGES:
        text = disclaimer.of(language)
        if text.count("{agency}") != 1 or disclaimer.known_by.of(language) not in text:
            yield f"{where}.{language}: must hold {{agency}} once, and the words it is known by"


def _files(guide: Guide, where: str, files: Files) -> Iterator[str]:
    """Yield where the guide has other formats, another count of them or another size."""
    texts = {"title": guide.head.title, "summary": guide.head.summary}
    for section in SECTIONS:
        for number, item in enumerate(getattr(guide, section), start=1):
            texts[f"{section} {number}"] = said(item)
    lists = {place: _formats(text, files) for place, text in texts.items()}
    told = {place: formats for place, formats in lists.items() if formats}
    if not told:
        yield f"{where}: the list of formats is missing"
    for place, formats in told.items():
        if formats != files.formats:
            yield f"{where}: {place}: the list of formats is not that of quoted.toml"
    for place, text in texts.items():
        for size in _SIZE.findall(text):
            if int(size) != files.megabytes:
                yield f"{where}: {place}: {size} MB is not the size of quoted.toml"
        for count in _COUNT.findall(text):
            if int(count) != len(files.formats):
                yield f"{where}: {place}: {count} is not how many formats quoted.toml has"


def _formats(text: str, files: Files) -> tuple[str, ...]:
    """Return the list of formats in `text`: what is strong and has more than half of them."""
    for strong in _STRONG.findall(text):
        formats = tuple(strong.split(", "))
        if len(set(formats) & set(files.formats)) > len(files.formats) // 2:
            return formats
    return ()
