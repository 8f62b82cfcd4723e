"""`noon check`: everything that could be wrong with data and words, before anybody reads it."""

from pathlib import Path

from handlers import checks as message_checks
from handlers.words import MESSAGES
from rules import checks as data_checks
from rules.checks import topics
from rules.errors import DataError
from rules.loader import CALENDAR, RULES, load


def problems(
    overlay: Path | None = None,
    rules: Path = RULES,
    calendar: Path = CALENDAR,
    messages: Path = MESSAGES,
) -> list[str]:
    """Return every mistake found, one line each; a file that cannot be read at all comes alone."""
    try:
        facts = load(overlay=overlay, rules=rules, calendar=calendar)
    except DataError as problem:
        return [str(problem)]
    return [*data_checks.problems(facts, rules), *message_checks.problems(messages)]


def translated() -> str:
    """Return how many topics have guides in both languages, steps and programme apart."""
    facts = load()
    steps, around = (topics.translated(facts, programme) for programme in (False, True))
    return f"{steps[0]} of {steps[1]}; about the programme {around[0]} of {around[1]}"
