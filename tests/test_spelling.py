"""Everything that people read is spelt right, in Latvian and in British English.

The speller is hunspell with Debian's dictionaries. Our words are in `spelling/lv.txt` and `en.txt`
(`new/known` takes the endings of a known word), names and what is typed in `spelling/names.txt`.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from tests import prose
from tests.prose import LANGUAGES, Run
from tests.system import require

HOUSE = Path(__file__).parent.parent
GUIDES = HOUSE / "rules" / "guides"
MESSAGES = HOUSE / "handlers" / "messages"
TITLES = (HOUSE / "rules" / "topics.toml", *sorted((HOUSE / "rules" / "2026").glob("*.toml")))
LETTERS = sorted((HOUSE / "bot" / "pages" / "mail").iterdir())
LISTS = Path(__file__).parent / "spelling"
DICTIONARIES = {"lv": "lv_LV", "en": "en_GB"}


@pytest.fixture(scope="module", autouse=True)
def speller() -> None:
    require(shutil.which("hunspell") is not None, "hunspell")
    known = hunspell("-D").stderr
    for package, name in (("hunspell-lv", "lv_LV"), ("hunspell-en-gb", "en_GB")):
        require(f"/{name}" in known, package)


def hunspell(*options: str, words: Iterable[str] = ()) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["hunspell", "-i", "utf-8", *options],
        input="\n".join(words),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def misspelt(words: Iterable[str], language: str) -> set[str]:
    """Return those of `words` that are none in `language`, nor on our list."""
    ours = str(LISTS / f"{language}.txt")
    done = hunspell("-d", DICTIONARIES[language], "-p", ours, "-l", words=sorted(set(words)))
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def mistakes(runs: Iterable[Run]) -> list[str]:
    """Return every misspelt word with its place; a quotation must be right in one language."""
    runs = list(runs)
    wrong = {
        language: misspelt(
            (w for run in runs for w in run.words if language in run.languages), language
        )
        for language in LANGUAGES
    }
    return list(chain.from_iterable(_wrong(run, wrong) for run in runs))


def _wrong(run: Run, wrong: dict[str, set[str]]) -> Iterator[str]:
    bad = [[w for w in run.words if w in wrong[language]] for language in run.languages]
    for word in min(bad, key=len):
        yield f"{run.place}: {word}"


@cache
def names() -> re.Pattern[str]:
    """Return what is left out by its name: labels that guides mark, and our list."""
    listed = (LISTS / "names.txt").read_text(encoding="utf-8").splitlines()
    ours = (line for line in listed if line and not line.startswith("#"))
    return prose.phrases([*prose.labels(GUIDES), *ours])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guides_are_spelt_right(language: str) -> None:
    paths = sorted((GUIDES / language).glob("*.md"))
    assert len(paths) >= 45
    assert not mistakes(run for path in paths for run in prose.guide(path, language, names()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_messages_are_spelt_right(language: str) -> None:
    paths = sorted((MESSAGES / language).glob("*.po"))
    assert len(paths) >= 20
    assert not mistakes(run for path in paths for run in prose.messages(path, language, names()))


def test_the_titles_in_the_data_are_spelt_right() -> None:
    runs = [run for path in TITLES for run in prose.titles(path, names())]
    assert len(runs) > 100
    assert not mistakes(runs)


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.name)
def test_the_letters_have_no_words_of_their_own(path: Path) -> None:
    """A template of a letter has only what messages say, which are checked above."""
    text = path.read_text(encoding="utf-8")
    for what in (r"\{#.*?#\}", r"\{%.*?%\}", r"\{\{.*?\}\}", r"<style>.*?</style>", r"<[^>]*>"):
        text = re.sub(what, " ", text, flags=re.DOTALL)
    assert not re.findall(r"[^\W\d_]+", text)


def planted(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


GUIDE = """+++
topic = "oid-what"
title = "{title}"
next = ["oid-fnid"]
+++

## Steps
1. {step} {{pg-2026:414; corrects pic}}
"""


@pytest.mark.parametrize(
    ("language", "title", "step", "told"),
    [
        ("lv", "Organizācija", "Iesniedziet pieteikumu.", []),
        ("lv", "Organizacija", "Iesniedziet pieteikumu.", ["lv/oid.md:3: Organizacija"]),
        ("lv", "Termiņš", "Iesniedziet pieteikums termiņa.", []),
        (
            "lv",
            "Termiņš",
            "Iesniedziet pietiekumu un ekrānšāvinus.",
            ["pietiekumu", "ekrānšāvinus"],
        ),
        ("lv", "Termiņš", "Divi ekrānšāviņi, viens ar ekrānšāviņu.", []),
        (
            "lv",
            "Termiņš",
            "Spiediet *Submitt* vai `sbumit`, skat. https://erasmuss.lv/termins.",
            [],
        ),
        ("lv", "Termiņš", "Ierakstiet „Teacher handbook” un „Finansē Eiropas Savienība”.", []),
        ("lv", "Termiņš", "Ierakstiet „Finanse Eiropas Savieniba”.", ["Finanse", "Savieniba"]),
        ("lv", "Termiņš", "Write the application.", ["Write", "the", "application"]),
        ("lv", "Termiņš", "[Platfroma](https://webgate.ec.europa.eu/)", ["Platfroma"]),
        ("lv", "Termiņš", "**Partneris negrib** — rakstet VIAA.", ["rakstet"]),
        ("en", "Organisation", "The organisation's colour, VIAA's OID and E12345678.", []),
        ("en", "Organistion", "Submit it.", ["en/oid.md:3: Organistion"]),
        ("en", "Deadline", "The aplication is submited.", ["aplication", "submited"]),
        ("en", "Deadline", "Save it as .pptx or handbok.pdf, write to helpdsek@ec.europa.eu.", []),
        ("en", "Deadline", "The „galīgais ziņojums” and the “final report”.", []),
        ("en", "Deadline", "The „galigais zinojums”.", ["galigais", "zinojums"]),
    ],
)
def test_a_misspelling_in_a_guide_is_told_with_its_place(
    language: str, title: str, step: str, told: list[str], tmp_path: Path
) -> None:
    path = planted(tmp_path, f"{language}/oid.md", GUIDE.format(title=title, step=step))
    found = mistakes(prose.guide(path, language, names()))
    assert len(found) == len(told), found
    for line, word in zip(found, told, strict=True):
        assert line.endswith(word)
        assert line.startswith((f"{language}/oid.md:3: ", f"{language}/oid.md:8: "))


MESSAGE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plurall=(n != 1);\\n"

msgid "router.yes.heard"
msgstr "yess;yup;yepp"

msgid "reminders.pennding"
msgstr ""
"We send {nn} **leters** to\\n"
"you, *Submitt* them"

msgid "days"
msgid_plural "dayys"
msgstr[0] "{n} day"
msgstr[1] "{n} dayz"
"""


def test_a_misspelling_in_a_message_is_told_with_its_place(tmp_path: Path) -> None:
    path = planted(tmp_path, "en/core.po", MESSAGE)
    found = mistakes(prose.messages(path, "en", names()))
    assert found == ["en/core.po:11: leters", "en/core.po:17: dayz"]


def test_a_misspelling_in_a_title_is_told_with_its_language(tmp_path: Path) -> None:
    text = '[oid]\nlv = "Kas ir organizacija"\nen = "What it is"\n[desk]\nname_en = "Hepl desk"\n'
    path = planted(tmp_path, "rules/topics.toml", text)
    found = mistakes(prose.titles(path, names()))
    assert found == ["rules/topics.toml:2: organizacija", "rules/topics.toml:5: Hepl"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_models_of_our_words_are_in_the_dictionary(language: str) -> None:
    lines = (LISTS / f"{language}.txt").read_text(encoding="utf-8").split()
    models = [model for _, slash, model in (line.partition("/") for line in lines) if slash]
    done = hunspell("-d", DICTIONARIES[language], "-l", words=models)
    assert done.stdout.split() == []
