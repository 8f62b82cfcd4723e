"""What the commands print: deadlines, files, verdicts, as records and as text."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rules.eligibility
from handlers import deadlines as told
from handlers import eligibility as judged
from handlers import markup
from handlers.moments import deadline_sources
from handlers.notebook import Notebook
from handlers.turn import Turn
from handlers.visit import Desk, Visit
from handlers.words import words
from rules.deadlines import KA2, Deadline
from rules.eligibility import Answers, assess
from rules.selection import in_order
from rules.sources import Citation


class BadAnswers(ValueError):
    """The answers file cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Verdict:
    """A verdict as contracts.md has it, and as text."""

    record: dict[str, Any]
    text: str


def deadlines(desk: Desk, now: datetime, *, every: bool) -> list[dict[str, Any]]:
    """Return deadlines as contracts.md has them, earliest first.

    Without `every`: the confirmed KA2 deadlines of the newest call, in whatever state.
    """
    return [_record(desk, deadline, now) for deadline in _chosen(desk, every)]


def deadlines_text(desk: Desk, now: datetime, language: str, *, every: bool) -> str:
    """Return the same for reading."""
    visit = Visit(Turn("terminal", now), Notebook(), words(language), desk)
    if not every:
        return markup.plain(_rehearsed(visit) + told.block(visit))
    chosen = _chosen(desk, every)
    lines = [told.told(visit, deadline) for deadline in chosen]
    sources = deadline_sources(desk, chosen, visit.words)
    return markup.plain(_rehearsed(visit) + "\n\n".join([*lines, sources]))


def _chosen(desk: Desk, every: bool) -> list[Deadline]:
    if every:
        return in_order(desk.facts.deadlines)
    newest = desk.facts.newest.deadlines.values()
    return in_order(d for d in newest if d.action in KA2 and d.status != "conditional")


def _record(desk: Desk, deadline: Deadline, now: datetime) -> dict[str, Any]:
    return {
        "id": deadline.id,
        "action": deadline.action,
        "sectors": list(deadline.sectors),
        "round": deadline.round,
        "wall": f"{deadline.wall:%Y-%m-%dT%H:%M}",
        "zone": deadline.zone,
        "utc": f"{deadline.instant:%Y-%m-%dT%H:%M:%SZ}",
        "state": str(deadline.state(now, desk.facts.newest.year)),
        "status": deadline.status,
        "starts": [day.isoformat() for day in deadline.starts or ()],
        "call": deadline.call,
        "sequence": deadline.sequence,
        "source": citation(desk.facts.announced(deadline)),
    }


def citation(cited: Citation) -> dict[str, str | None]:
    """Return a citation as contracts.md has it."""
    return {
        "document": cited.document,
        "section": cited.section,
        "url": cited.url,
        "as_of": cited.as_of.isoformat(),
    }


def _rehearsed(visit: Visit) -> str:
    if not visit.desk.rehearsed:
        return ""
    local = visit.now.astimezone(visit.desk.zone)
    day, hour = visit.words.day(local), visit.words.clock(local)
    return visit.say("router.rehearsal", day=day, hour=hour) + "\n\n"


def write(content: bytes, output: Path | None) -> None:
    """Write `content` to a file, or to stdout as it is."""
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(content)


def eligibility(desk: Desk, action: str, file: Path, language: str) -> Verdict:
    """Return the verdict on the answers in `file`; `BadAnswers` where they cannot be used."""
    answers = _answers(action, file)
    call = desk.facts.newest
    if answers.action not in call.actions:
        raise BadAnswers(f"{answers.action}: Noon knows the rules of {', '.join(KA2)}")
    assessment = assess(answers, call)
    visit = Visit(Turn("terminal", datetime.now(UTC)), Notebook(), words(language), desk)
    criteria = [
        {
            "id": criterion.id,
            "kind": criterion.kind,
            "met": criterion.met,
            "reason": markup.plain(judged.reason(visit.words, criterion.reason, desk.zone)),
            "source": citation(desk.facts.library.cite(criterion.source)),
        }
        for criterion in assessment.criteria
    ]
    record = {"verdict": assessment.verdict, "criteria": criteria, "call": assessment.call}
    return Verdict(record, markup.plain(judged.told(visit, assessment)))


def _answers(action: str, file: Path) -> Answers:
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadAnswers(f"{file}: {problem.strerror}") from problem
    except ValueError as problem:
        raise BadAnswers(f"{file.name} is not JSON: {problem}") from problem
    if not isinstance(given, dict):
        raise BadAnswers(f"{file.name}: the answers must be one JSON object")
    said = str(given.setdefault("action", action.upper()))
    if said.upper() != action.upper():
        raise BadAnswers(f"{file.name} is about {said}, the command about {action.upper()}")
    try:
        return Answers.read({**given, "action": action.upper()})
    except rules.eligibility.BadAnswers as wrong:
        raise BadAnswers(
            "; ".join(f"{file.name}: {problem}" for problem in wrong.problems)
        ) from wrong
