"""Where a person is: the guide and the step that were shown last, and where each guide was left."""

from dataclasses import dataclass
from datetime import datetime

from handlers.visit import Visit

OPENING = "opening"
WHOLE = "whole"
DONE = "done"

_LAST = "following"
_LEFT = "steps"
_DONE = "steps-done"


@dataclass(frozen=True)
class Place:
    """A guide that was shown, at which part of it, and when.

    `part` is the number of a step, `OPENING`, `WHOLE`, or `DONE` once the person said it worked.
    """

    topic: str
    part: str
    at: datetime

    @property
    def step(self) -> int:
        """The number of the step that was shown; 0 before the first."""
        return int(self.part) if self.part.isdecimal() else 0


def note(visit: Visit, topic: str, part: str) -> None:
    """Note what is shown now."""
    for name, value in (("topic", topic), ("part", part), ("at", visit.now.isoformat())):
        visit.notes.write(_LAST, name, value)
    if part.isdecimal():
        visit.notes.write(_LEFT, topic, part)
    if part == DONE:
        visit.notes.forget(_LEFT, topic)
        visit.notes.write(_DONE, topic, visit.now.date().isoformat())


def last(visit: Visit) -> Place | None:
    """Return what was shown last, or None where that was no guide, or one that is gone."""
    said = visit.notes.read(_LAST)
    if said.get("topic") not in visit.desk.facts.topics:
        return None
    try:
        return Place(said["topic"], said["part"], datetime.fromisoformat(said["at"]))
    except (KeyError, ValueError):
        return None


def left(visit: Visit, topic: str) -> int:
    """Return the number of the step at which a guide was left; 0 where it was not begun."""
    return int(visit.notes.read(_LEFT).get(topic, "0"))


def done(visit: Visit) -> set[str]:
    """Return the topics of which the person said that they worked."""
    return set(visit.notes.read(_DONE))
