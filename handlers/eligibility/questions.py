"""The questions of the three questionnaires, in the order of asking.

A question is asked when it applies to the action and to what was answered before; the next
question is always the first that applies and has no answer, so any answer can be changed and the
rest stays. Amounts are asked as ranges around the limits of the rules, so that one tap answers.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

from handlers.eligibility import amounts, days, parsing
from handlers.eligibility.parsing import NONE, NOT_KNOWN
from rules.calls import ActionFacts, Call
from rules.facts import Dated

Given = Mapping[str, str]
Read = Callable[[str], str]
T = TypeVar("T")

MIXED = "mixed"
SAME = "organisation"
HEI = "higher_education_institution"


@dataclass(frozen=True)
class Option:
    """An answer that is offered: `text` is its message, `about` goes into it.

    Without `text` the value speaks for itself (a country, a day, an amount).
    """

    value: str
    text: str = ""
    about: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Question:
    """One question: `options` are offered; `read` reads a typed answer where one may be typed.

    `text` is the message it is asked with; `about` goes into that message.
    """

    id: str
    text: str
    options: tuple[Option, ...] = ()
    read: Read | None = None
    about: tuple[tuple[str, str], ...] = ()

    @property
    def asks(self) -> bool:
        """Whether yes or no answers it: then the first option is yes, the second no."""
        return self.options == YES_NO or self.id == "partner-kinds"

    @property
    def takes_number(self) -> bool:
        """Whether a plain number is an answer, so that it must not pick a choice."""
        return self.read in _NUMBERS


_NUMBERS = (amounts.count, amounts.count_this, amounts.months, amounts.share, amounts.money)

YES_NO = (Option("yes", "yes"), Option("no", "no"))
SECTORS = tuple(Option(code, code) for code in ("SCH", "VET", "HED", "ADU", "YOU", "SPO"))
KINDS = tuple(
    Option(kind, kind)
    for kind in (
        "organisation",
        "school",
        HEI,
        "school_authority",
        "school_coordination_body",
        "school_stakeholder",
        "informal_group",
        "natural_person",
    )
)
TASKS = tuple(Option(str(n), f"tasks-{n}") for n in range(4))


def questions(action: str, given: Given, call: Call, today: date) -> Iterator[Question]:
    """Yield the questions that apply to `action` after `given`, by the facts of `today`."""
    facts = call.actions[action]
    yield from _who(facts, given, call, today)
    yield from _partners(facts, given, today)
    yield from _project(facts, given, call, today)


def _who(facts: ActionFacts, given: Given, call: Call, today: date) -> Iterator[Question]:
    yield Question("sector", "sector", SECTORS)
    yield Question("country", "country", (Option("LV"),), parsing.country)
    yield Question("kind", "kind", KINDS)
    if given.get("kind") == HEI and facts.eche is not None:
        yield Question("eche", "eche", YES_NO)
    if facts.coordinator_age_years is not None:
        enough = _old_enough(facts, call, today)
        yield Question("established", "established", read=partial(days.founded, enough=enough))
    limit = _now(facts.max_applications, today)
    if limit is not None:
        only, within, above = Option("1", "only-this"), _upto(limit.limit), _above(limit.limit)
        yield Question("total", "total", (only, within, above), amounts.count_this)
    most = _now(facts.max_as_coordinator, today)
    if most is not None:
        options = (Option("1", "only-this"), _above(most))
        yield Question("as-coordinator", "as-coordinator", options, amounts.count_this)


def _partners(facts: ActionFacts, given: Given, today: date) -> Iterator[Question]:
    yield Question("partners", "partners", read=parsing.countries)
    partners = listed(given.get("partners", NONE))
    composed = facts.composition is not None
    if partners and not composed:
        same, mixed = Option(SAME, "all-organisations"), Option(MIXED, "mixed")
        yield Question("partner-kinds", "partner-kinds", (same, mixed))
    if composed or given.get("partner-kinds") == MIXED:
        for number, country in enumerate(partners, start=1):
            about = (("number", str(number)), ("country", country))
            yield Question(f"partner-{number}-kind", "partner-kind", KINDS, about=about)
    if facts.eche is not None and HEI in partner_kinds(given):
        yield Question("partner-eche", "partner-eche", YES_NO)
    limit = _now(facts.max_applications, today)
    if partners and limit is not None:
        options = (_upto(limit.limit), _above(limit.limit))
        yield Question("partner-total", "partner-total", options, amounts.count_this)
    if _now(facts.associated_partners, today) is not None:
        yield Question("associated", "associated", (Option(NONE),), parsing.countries)
    yield Question("elsewhere", "elsewhere", YES_NO)


def _project(facts: ActionFacts, given: Given, call: Call, today: date) -> Iterator[Question]:
    yield Question("months", "months", read=amounts.months)
    yield Question("start", "start", _first_days(facts.action, call), days.day)
    sums = _now(facts.lump_sums, today) or ()
    offered = (*(Option(str(s)) for s in sums), Option("0", "other"))
    yield Question("lump-sum", "lump-sum", offered, amounts.money)
    if facts.tasks is not None:
        yield Question("tasks-teaching", "tasks-teaching", TASKS, amounts.count)
        yield Question("tasks-capacity", "tasks-capacity", TASKS, amounts.count)
    if facts.priorities is not None:
        yield Question("priorities", "priorities", YES_NO)
    yield Question("venues", "venues", read=parsing.countries)
    if _at_a_seat(facts, given, today):
        yield Question("seat", "seat", YES_NO)
    share = _now(facts.management_share, today)
    if share is not None:
        yield Question("management", "management", _shares(share), amounts.share)
    packages = _now(facts.work_packages, today)
    if packages is not None:
        around = _around(packages.least, packages.most)
        yield Question("packages", "packages", around, amounts.count)


def listed(text: str) -> list[str]:
    """Return the countries of an answer; none for `-` and for what is not known."""
    return [] if text in (NONE, NOT_KNOWN) else text.split(",")


def partner_kinds(given: Given) -> list[str]:
    """Return the kind of each partner, `?` where it is not known."""
    partners = listed(given.get("partners", NONE))
    if given.get("partner-kinds") == SAME:
        return [SAME] * len(partners)
    return [given.get(f"partner-{n}-kind", NOT_KNOWN) for n in range(1, len(partners) + 1)]


def _now(dated: Dated[T] | None, today: date) -> T | None:
    fact = dated.on(today) if dated is not None else None
    return fact.value if fact is not None else None


def _old_enough(facts: ActionFacts, call: Call, today: date) -> int:
    """Return the last year of which every day is early enough for all rounds; 0 for none."""
    years = _now(facts.coordinator_age_years, today)
    closing = [each.wall.year for each in call.rounds(facts.action)]
    return min(closing) - years - 1 if closing and years is not None else 0


def _upto(most: int) -> Option:
    return Option(str(most), "up-to", (("most", most),))


def _above(most: int) -> Option:
    return Option(str(most + 1), "above", (("most", most),))


def _around(least: int, most: int) -> tuple[Option, ...]:
    """Return below, within and above a range."""
    below = Option(str(least - 1), "below", (("least", least),))
    exactly = Option(str(least), "exactly", (("least", least),))
    within = Option(str(least), "between", (("least", least), ("most", most)))
    return (below, exactly if least == most else within, _above(most))


def _shares(share: float) -> tuple[Option, ...]:
    percent = round(share * 100)
    about = (("most", percent),)
    return (
        Option(str(share), "share-up-to", about),
        Option(str(round(share + 0.01, 4)), "share-above", about),
    )


def _first_days(action: str, call: Call) -> tuple[Option, ...]:
    windows = (d.starts for d in call.rounds(action) if d.status == "confirmed" and d.starts)
    return tuple(Option(window[0].isoformat()) for window in windows)


def _at_a_seat(facts: ActionFacts, given: Given, today: date) -> bool:
    venues = _now(facts.venues, today)
    seats = set(venues.seats) if venues is not None else set()
    mine = {given.get("country", ""), *listed(given.get("partners", NONE))}
    return bool(seats & set(listed(given.get("venues", NONE))) - mine)
