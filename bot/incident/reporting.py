"""The operator's reports on incident notices, as JSON values and as lines; moments are in UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.incident.counting import LOST, ON_ITS_WAY, Count, Counted, Need, Quarter
from handlers.cases import Notice, Standing, Way

_WAYS = {
    Way.SENDING: "Noon sends it",
    Way.HELD: "held until it is released",
    Way.BY_HAND: "handed to the person, Noon does not send it",
}
_LABELS = {"way": "how it leaves", "number": "correction"}

HIDDEN = "********"
"""What stands for the eight digits of a Form ID."""


def record(count: Count) -> dict[str, Any]:
    """Return the whole count as `noon incidents --json` prints it."""
    return {
        "at": _utc(count.at),
        "notices": len(count.notices),
        "standings": {standing.value: number for standing, number in count.standings.items()},
        "quarters": [_quarter(one) for one in count.quarters],
        "held": [_counted(one) for one in count.held],
        "unattended": [_counted(one) | {"need": need.value} for one, need in count.unattended],
        "list": [_counted(one) for one in count.notices],
    }


def _quarter(quarter: Quarter) -> dict[str, Any]:
    standings = {one.value: number for one, number in sorted(quarter.standings.items())}
    return {
        "from": _utc(quarter.start),
        "deadline": quarter.deadline,
        "made": quarter.number(),
        "standings": standings,
    }


def _counted(one: Counted) -> dict[str, Any]:
    return {
        "id": one.id,
        "deadline": one.deadline,
        "number": one.number,
        "late": one.late,
        "standing": one.standing.value,
        "made": _utc(one.made),
        "since": _utc(one.since),
        "closes": _utc(one.closes),
        "tries": one.tries,
        "verdict": one.verdict,
        "action": one.action,
        "organisation": one.organisation,
    }


def lines(count: Count) -> Iterator[str]:
    """Yield the count for reading: what needs a person first."""
    yield f"{_utc(count.at)}  notices: {len(count.notices)}"
    yield from (_needing(one, need, count.at) for one, need in count.unattended)
    if not count.unattended:
        yield "none needs a person"
    told = (f"{standing}: {number}" for standing, number in count.standings.items() if number)
    yield "  ".join(told) or "no notices"
    for quarter in count.quarters:
        yield _line(quarter)
    for one in count.notices:
        yield _listed(one)


def _listed(one: Counted) -> str:
    correction = f"correction {one.number}  " if one.number else ""
    told = f"{_one_line(one.action)}  {_one_line(one.organisation)}"
    return f"{one.id}  {_utc(one.made)}  {one.standing}  {correction}{told}"


def _needing(one: Counted, need: Need, now: datetime) -> str:
    left = int((one.closes - now).total_seconds()) // 60
    waits = int((now - one.since).total_seconds()) // 60
    advice = f"  noon incidents release {one.id}" if need is Need.HELD else ""
    times = f"for {waits} min, {left} min left"
    return f"NEEDS A PERSON  {one.id}  {need}  {one.deadline}  {times}{advice}"


def _line(quarter: Quarter) -> str:
    parts = {
        "delivered": quarter.number(Standing.DELIVERED),
        "accepted": quarter.number(Standing.ACCEPTED),
        "on its way": quarter.number(*ON_ITS_WAY),
        "held": quarter.number(Standing.HELD),
        "lost": quarter.number(*LOST),
        "by hand": quarter.number(Standing.BY_HAND),
        "captured": quarter.number(Standing.CAPTURED),
    }
    told = "  ".join(f"{name}: {number}" for name, number in parts.items() if number)
    return f"{_utc(quarter.start)}  {quarter.deadline}  made: {quarter.number()}  {told}"


def whole(notice: Notice) -> dict[str, Any]:
    """Return one notice as `noon incidents show --json` prints it, without its Form ID."""
    case = notice.case
    return {
        "id": notice.id,
        "number": notice.number,
        "standing": notice.standing.value,
        "way": notice.way.value,
        "deadline": case.deadline,
        "action": case.action,
        "sector": case.sector,
        "organisation": case.organisation,
        "form": _hidden(case.form_id),
        "attempt": _utc(case.attempt) if case.attempt else None,
        "happened": _without(case.happened, case.form_id),
        "person": {"address": notice.address, "name": case.contact, "phone": case.phone},
        "made": _utc(notice.made),
        "closes": _utc(notice.closes),
        "message_id": notice.message_id,
        "files": [
            {"name": file.name, "size": file.size, "sha256": file.sha256} for file in notice.files
        ],
        "steps": [
            {"at": _utc(step.at), "what": step.what, "words": _without(step.words, case.form_id)}
            for step in notice.steps
        ],
    }


def told(notice: Notice) -> Iterator[str]:
    """Yield one notice for reading, its record last."""
    facts = whole(notice)
    steps, files, person = facts.pop("steps"), facts.pop("files"), facts.pop("person")
    way = {"way": _WAYS[notice.way], "number": notice.number or "0, the first notice"}
    for name, value in {**facts, **way, **person}.items():
        yield f"{_LABELS.get(name, name)}: {_one_line(value)}"
    for file in files:
        yield f"file: {file['name']}  {file['size']} B  sha256 {file['sha256']}"
    for step in steps:
        yield f"{step['at']}  {step['what']}  {_one_line(step['words'])}".rstrip()


def _hidden(form_id: str) -> str:
    """Return a Form ID without the digits that make it one."""
    head, dash, _ = form_id.rpartition("-")
    return f"{head}-{HIDDEN}" if dash else form_id and HIDDEN


def _without(text: str, form_id: str) -> str:
    return text.replace(form_id, _hidden(form_id)) if form_id else text


def _one_line(value: object) -> str:
    """Return what a person or a server wrote as one printable line: a terminal obeys no more."""
    text = "-" if value in (None, "") else str(value)
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
