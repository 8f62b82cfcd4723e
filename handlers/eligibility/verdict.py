"""A verdict in words: what is not met first, then what is not clear, then what is met."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.moments import BRUSSELS, cited, moment
from handlers.visit import Visit
from handlers.words import Words
from rules.eligibility import Assessment, Criterion, Reason


def told(visit: Visit, assessment: Assessment, established: str = "") -> str:
    """Return the verdict with a reason and a source for each criterion.

    Where `established` is a year alone, no day of it is told as if somebody had said so.
    """
    if established.isdecimal():
        assessment = _in_year(visit, assessment, established)
    rules = [criterion for criterion in assessment.criteria if criterion.kind == "rule"]
    parts = [f"**{visit.say(f'eligibility.verdict.{assessment.verdict}')}**"]
    parts += _part(visit, "not-met", [c for c in rules if c.met is False])
    parts += _part(visit, "unknown", [c for c in rules if c.met is None])
    parts += _part(visit, "advice", [c for c in assessment.criteria if c.kind == "advice"])
    parts += _part(visit, "met", [c for c in rules if c.met])
    by_call = visit.say("eligibility.by-call", call=assessment.call, agency=visit.desk.agency.short)
    return "\n\n".join([*parts, by_call])


def _in_year(visit: Visit, assessment: Assessment, year: str) -> Assessment:
    """Return the assessment with the year in place of the day it was judged by."""
    said = visit.say("eligibility.in-year", year=year)
    return replace(assessment, criteria=tuple(_saying(each, said) for each in assessment.criteria))


def _saying(criterion: Criterion, established: str) -> Criterion:
    values = criterion.reason.values
    if "established" not in values:
        return criterion
    why = replace(criterion.reason, values={**values, "established": established})
    return replace(criterion, reason=why)


def _part(visit: Visit, name: str, criteria: list[Criterion]) -> list[str]:
    if not criteria:
        return []
    lines = [_line(visit, criterion) for criterion in criteria]
    return ["\n".join([visit.say(f"eligibility.part.{name}"), *lines])]


def _line(visit: Visit, criterion: Criterion) -> str:
    source = cited(visit.words, [visit.desk.facts.library.cite(criterion.source)], short=True)
    return f"• {reason(visit.words, criterion.reason, visit.desk.zone)} ({source})"


def reason(words: Words, why: Reason, local: ZoneInfo) -> str:
    """Return a criterion's reason in words; moments are told in Brussels and in `local` time."""
    values = {name: _value(words, name, value, local) for name, value in why.values.items()}
    return words.say(why.key, **values)


def _value(words: Words, name: str, value: object, local: ZoneInfo) -> object:
    if name == "window" and isinstance(value, tuple):
        return " – ".join(dict.fromkeys(words.day(day) for day in value))
    if isinstance(value, tuple):
        one = name.removesuffix("s") if name != "countries" else "country"
        return words.listed([str(_value(words, one, each, local)) for each in value])
    if isinstance(value, datetime):
        return moment(words, value, BRUSSELS, local)
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, float):
        return words.percent(value)
    return _named(words, name, value)


def _named(words: Words, name: str, value: object) -> object:
    if name == "country":
        return words.country(str(value))
    if name == "amount":
        return words.money(int(str(value)))
    if name.endswith("kind"):
        return words.say(f"eligibility.option.{value}")
    return value
