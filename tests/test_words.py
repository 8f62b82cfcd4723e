"""The words: plural forms, lists, amounts; every message can be told, and every one is told."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from bot.incident import receipt, spoken, telling, unsent
from bot.incident.inspecting.found import Problem
from bot.post import alarms, watch
from bot.post.kinds import Kind
from bot.post.states import State
from handlers.cases import Added, Refused, Standing, Way
from handlers.eligibility.questions import KINDS, SECTORS
from handlers.incident import known as incident
from handlers.reminders import zones
from handlers.table import CAPABILITIES
from handlers.words import LANGUAGES, MESSAGES, MissingWords, words
from rules.deadlines import KA2
from rules.eligibility import TABLE
from rules.incident import Phase
from tests.talk import the_facts

HOUSE = Path(__file__).parent.parent
CODE = [path for part in ("bot", "handlers", "rules") for path in (HOUSE / part).rglob("*.py")]
PAGES = list((HOUSE / "bot" / "pages").rglob("*.html"))

COMMANDS = {name for capability in CAPABILITIES for name in capability.commands}
ZONES = {d.zone for d in the_facts().deadlines} | {
    agency.zone for agency in the_facts().agencies.agencies.values()
}
FAMILIES: dict[str, set[str] | None] = {
    "alarm.": {f"{name}.{part}" for name in alarms.MESSAGES for part in ("title", "text")},
    "alarm.kind.": {kind.value for kind in watch.PROMISES},
    "deadlines.conditional-": {"ahead", "past"},
    "eligibility.action.": set(KA2),
    "eligibility.any.": {"not-confirmed"},
    "eligibility.ask.": None,
    "eligibility.criterion.": {line.id for line in TABLE},
    "eligibility.option.": None,
    "eligibility.option.tasks-": set("0123"),
    "eligibility.part.": {"not-met", "unknown", "advice", "met"},
    "eligibility.short.": None,
    "eligibility.unreadable.": None,
    "eligibility.verdict.": {"eligible", "unclear", "not_eligible"},
    "ics.": {"summary", "moved", "cancelled", "conditional", "cancelled-note", "conditional-note"},
    "incident.advice.": {"none", *(phase.value for phase in Phase)},
    "incident.ask.": None,
    "incident.attempt.": {"before", "late"},
    "incident.choice.": None,
    "incident.choice.unchanged-": {"yes", "no"},
    "incident.field.": {*incident.FIELDS, "code"},
    "incident.file.": {added.value for added in Added},
    "incident.hand.": None,
    "incident.made.": {"captured", *(way.value for way in Way)},
    "incident.noted.unchanged-": {"yes", "no"},
    "incident.problem.": {problem.value for problem in Problem},
    "incident.refused.": {refused.value for refused in Refused},
    "incident.standing.": {standing.value for standing in Standing},
    "incident.unreadable.": {"nothing-open", "files"},
    "menu.": COMMANDS,
    "progress.": None,
    "progress.ended.": set(spoken.ENDINGS),
    "progress.trouble.": set(spoken.TROUBLES),
    "progress.standing.": {*(standing.value for standing in Standing), unsent.UNSURE},
    "reminders.choice.": None,
    "receipt.doubt.": {"read", "application", "decision", "true", "clock"},
    "receipt.standing.": {standing.value for standing in Standing},
    "receipt.step.": set(receipt.STEPS),
    "router.greeting.": {"heard", "said"},
    "router.incident.": {"heard", "trouble", "object", "question", "mine"},
    "router.no.": {"heard"},
    "router.reminders.": {"heard"},
    "router.thanks.": {"heard", "said"},
    "router.yes.": {"heard"},
    "language.name.": set(LANGUAGES),
    "privacy.choice.": {"delete", "keep"},
    "privacy.kind.": {kind.value for kind in Kind},
    "privacy.file.": {"screenshot", "form"},
    "privacy.part.": {
        *("contacts", "subscriptions", "handed", "incidents", "files", "mailboxes"),
        *("messages", "conversations"),
    },
    "privacy.person.": {"language", "seen"},
    "privacy.state.": {state.value for state in State},
    "steps.choice.": None,
    "timezone.": {*ZONES, *zones.COMMON},
    "web.example.": {"1", "2", "3"},
    "web.incident.do.": {standing.value for standing in Standing},
    "welcome.door.": {capability.name for capability in CAPABILITIES},
    "zone.": ZONES,
    **{f"eligibility.{line.id}.": None for line in TABLE},
    **{f"progress.{message}.": {"title", "text"} for message in telling.MESSAGES},
}
"""Keys that code puts together: how they begin, and how they may end.

None stands for any text that is written out somewhere in the code.
"""


@cache
def literals() -> set[str]:
    """Return every text in the code, and in the pages what is told."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in CODE)
    nodes = (node for tree in trees for node in ast.walk(tree))
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return texts | {key for page in PAGES for key in told_on(page)}


def told_on(page: Path) -> set[str]:
    """Return the keys a page asks for; those with a kind of page in them in full."""
    text = page.read_text(encoding="utf-8")
    found = set(re.findall(r"say\(\s*'([^'%]+)'\s*[,)]", text))
    for pattern in re.findall(r"say\(\s*'([^']*%s[^']*)'", text):
        matching = re.compile(re.escape(pattern).replace("%s", "[a-z-]+"))
        found |= {key for key in words("lv").messages if matching.fullmatch(key)}
    return found


def asked_for() -> Iterator[tuple[str, str]]:
    """Yield every key that code or a page asks for by its full name, with the place."""
    for page in PAGES:
        yield from ((page.name, key) for key in told_on(page))
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield from ((path.name, key) for key in spelt_out(said_by(node)))


def said_by(node: ast.AST) -> ast.expr | None:
    """Return the key in a call of `say` or `has`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        return node.args[0] if node.func.attr in ("say", "has") else None
    return None


def spelt_out(argument: ast.expr | None) -> list[str]:
    if isinstance(argument, ast.IfExp):
        return [*spelt_out(argument.body), *spelt_out(argument.orelse)]
    text = argument.value if isinstance(argument, ast.Constant) else None
    return [text] if isinstance(text, str) else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_that_is_asked_for_is_there(language: str) -> None:
    asked = set(asked_for())
    assert len(asked) > 80
    assert {(place, key) for place, key in asked if not words(language).has(key)} == set()


def belongs(key: str) -> bool:
    """Whether `key` is one of a family that code puts together."""
    for beginning, ends in FAMILIES.items():
        end = key.removeprefix(beginning)
        bare = end.removesuffix("-fixed").removeprefix("advice-")
        if end != key and (bare in literals() if ends is None else end in ends):
            return True
    return False


def test_no_message_is_there_for_nothing() -> None:
    assert [k for k in words("lv").messages if k not in literals() and not belongs(k)] == []


def test_the_members_of_families_are_there() -> None:
    said = words("lv")
    for choice in (*KINDS, *SECTORS):
        assert said.has(f"eligibility.option.{choice.text}")
    for family in ("eligibility.action.", "eligibility.part.", "eligibility.verdict.", "ics."):
        assert all(said.has(f"{family}{end}") for end in FAMILIES[family] or ())
    assert all(said.has(f"zone.{zone}") for zone in ZONES)


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_can_be_told_and_leaves_no_brace(language: str) -> None:
    spoken = words(language)
    for key, forms in spoken.messages.items():
        values = {field: "☃" for form in forms for field in placeholders(form)}
        for number in (0, 1, 2, 11, 21) if "n" in values else (0,):
            said = spoken.say(key, **{**values, "n": number})
            assert said.strip(), key
            assert not set("{}") & set(said), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_or_a_value_that_is_missing_is_never_passed_over(language: str) -> None:
    spoken = words(language)
    with pytest.raises(MissingWords, match=r"nothing\.here"):
        spoken.say("nothing.here")
    for key, forms in spoken.messages.items():
        if any(placeholders(form) for form in forms):
            with pytest.raises(MissingWords, match=re.escape(key)):
                spoken.say(key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_gettext_and_of_cldr(language: str) -> None:
    spoken = replace(words(language), messages={"x": ("0", "1", "2")})
    for path in (MESSAGES / language).glob("*.po"):
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
        by_header = gettext.c2py(catalog.plural_expr)
        for number in range(2001):
            assert spoken.say("x", n=number) == str(by_header(number)), (path.name, number)


@pytest.mark.parametrize(
    ("language", "parts", "said"),
    [
        ("lv", [], ""),
        ("en", ["A"], "A"),
        ("lv", ["A", "B"], "A un B"),
        ("en", ["A", "B", "C"], "A, B and C"),
    ],
)
def test_lists_are_told_in_words(language: str, parts: list[str], said: str) -> None:
    assert words(language).listed(parts) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_amounts_and_shares_are_told_in_the_way_of_the_language(language: str) -> None:
    spoken = words(language)
    told = [spoken.money(amount).replace("\u00a0", " ") for amount in (0, 60_000, 1_250_000)]
    assert (
        told
        == {
            "lv": ["0 EUR", "60 000 EUR", "1 250 000 EUR"],
            "en": ["EUR 0", "EUR 60 000", "EUR 1 250 000"],
        }[language]
    )
    mark = {"lv": ",", "en": "."}[language]
    assert [spoken.percent(share).replace("\u00a0", " ") for share in (0, 0.2, 0.205)] == [
        "0 %",
        "20 %",
        f"20{mark}5 %",
    ]
