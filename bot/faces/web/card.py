"""The form for reminders by email, as it stands on the page beside the calendars."""

from dataclasses import dataclass, field

from handlers.moments import action_name
from handlers.reminders import selecting
from handlers.visit import Visit
from rules.deadlines import KA2


@dataclass(frozen=True)
class Box:
    """Something to tick: its value and name."""

    value: str
    name: str
    ticked: bool


@dataclass(frozen=True)
class Asked:
    """The form as it was filled in; `problem` says what is wrong with it."""

    email: str = field(default="", repr=False)
    actions: tuple[str, ...] = KA2
    sectors: tuple[str, ...] = ()
    agreed: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Card:
    """Everything the form shows; `captured`: mail is only kept on this machine."""

    asked: Asked
    actions: tuple[Box, ...]
    sectors: tuple[Box, ...]
    is_any_ahead: bool
    captured: bool


def card(visit: Visit, captured: bool, asked: Asked | None = None) -> Card:
    """Return the form, empty or as it was filled in."""
    given = asked or Asked()
    return Card(
        asked=given,
        actions=tuple(_action(visit, each, each in given.actions) for each in KA2),
        sectors=tuple(
            _sector(visit, each, each in given.sectors)
            for each in selecting.sectors(visit.desk, selecting.ALL)
        ),
        is_any_ahead=bool(selecting.ahead(visit.desk, selecting.ALL, visit.now)),
        captured=captured,
    )


def _action(visit: Visit, code: str, ticked: bool) -> Box:
    return Box(code, action_name(visit.desk, code, visit.words.language), ticked)


def _sector(visit: Visit, code: str, ticked: bool) -> Box:
    name = visit.desk.facts.sectors[code].in_language(visit.words.language)
    return Box(code, name, ticked)
