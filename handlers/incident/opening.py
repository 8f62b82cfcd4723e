"""What is said first to somebody who cannot submit: by phase, what saves most, in order."""

from handlers.incident import about, calling, clock, draft
from handlers.incident.known import Known
from handlers.incident.words import choice, when
from handlers.turn import Choice, Reply
from handlers.visit import Visit
from rules.incident import Phase


def opening(visit: Visit, known: Known) -> Reply:
    """Return the clock, the advice of this phase and the way on."""
    if known.phase in (Phase.BEFORE, Phase.DURING):
        visit.notes.write(draft.ADVISED, "at", visit.now.isoformat())
    told = clock.told(visit, known.within, known.case)
    parts = [
        "\n".join([*_about(visit, known), told]),
        *_by_hand(visit, known),
        advice(visit, known),
    ]
    if known.phase is Phase.AFTER:
        parts.append(calling.block(visit, known.case))
    return Reply(
        "\n\n".join(parts),
        _ways(visit, known),
        in_place=visit.turn.choice is not None,
        takes_files=draft.expects_files(visit.notes),
    )


def _about(visit: Visit, known: Known) -> list[str]:
    """Return which actions the clock is about."""
    if known.deadline is None:
        return []
    at = known.deadline.instant
    found = [one.action for one in about.deadlines(visit.desk) if one.instant == at]
    return [visit.say("incident.about", actions=visit.words.listed(found))]


def _by_hand(visit: Visit, known: Known) -> list[str]:
    """Say first where the notice will not be sent by us."""
    if not known.nowhere or known.phase is Phase.AFTER:
        return []
    return [visit.say("incident.by-hand-first", agency=visit.desk.agency.short)]


def advice(visit: Visit, known: Known) -> str:
    """Return what to do in this phase, in order."""
    agency = visit.desk.agency
    closes = when(visit, known.within.closes) if known.within else ""
    values = {"agency": agency.short, "closes": closes, "website": agency.website}
    if known.within is None:
        return visit.say("incident.advice.none", **values)
    return visit.say(f"incident.advice.{known.phase}", **values)


def _ways(visit: Visit, known: Known) -> tuple[Choice, ...]:
    begun = draft.begun(visit.notes)
    begin = choice(visit, "go-on", "go") if begun else choice(visit, _begins(known), "go")
    guide = Choice("steps:show:late-submission", visit.say("incident.choice.guide"))
    more = (Choice("deadlines:show", visit.say("incident.choice.deadlines")),)
    return (begin, guide, *(more if known.phase is Phase.AFTER else ()))


def _begins(known: Known) -> str:
    if known.phase is Phase.AFTER:
        return "begin-after"
    return "begin-during" if known.phase is Phase.DURING else "begin"
