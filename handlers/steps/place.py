"""Where a person is: the guide and the step that were shown last, and where each guide was left."""

from dataclasses import dataclass
from datetime import datetime

from handlers.steps import offering
from handlers.visit import Visit
from rules.guides import Guide

OPENING = "opening"
WHOLE = "whole"
DONE = "done"

_LAST = "following"
_LEFT = "steps"
_LEFT_AT = "steps-left-at"
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
        visit.notes.write(_LEFT_AT, topic, visit.now.isoformat())
    if part == DONE:
        visit.notes.forget(_LEFT, topic)
        visit.notes.forget(_LEFT_AT, topic)
        visit.notes.write(_DONE, topic, visit.now.date().isoformat())


def last(visit: Visit) -> Place | None:
    """Return what was shown last, or None where that was no guide, or one that is gone.

    A step that the guide no longer has becomes its last one.
    """
    said = visit.notes.read(_LAST)
    if said.get("topic") not in visit.desk.facts.topics:
        return None
    try:
        part = _clamped(offering.written(visit, said["topic"]), said["part"])
        return Place(said["topic"], part, datetime.fromisoformat(said["at"]))
    except (KeyError, ValueError):
        return None


def left(visit: Visit, guide: Guide) -> int:
    """Return the number of the step at which a guide was left; 0 where it was not begun.

    A step that the guide no longer has becomes its last one.
    """
    return int(_clamped(guide, visit.notes.read(_LEFT).get(guide.head.topic, "0")))


def unfinished(visit: Visit) -> Guide | None:
    """Return the guide that was left last before its end was told; None where there is none."""
    at = visit.notes.read(_LEFT_AT)
    begun = sorted(visit.notes.read(_LEFT), key=lambda topic: at.get(topic, ""), reverse=True)
    guides = (offering.written(visit, topic) for topic in begun)
    return next((guide for guide in guides if guide is not None), None)


def _clamped(guide: Guide | None, part: str) -> str:
    return str(min(int(part), len(guide.steps))) if guide and part.isdecimal() else part


def done(visit: Visit) -> set[str]:
    """Return the topics of which the person said that they worked."""
    return set(visit.notes.read(_DONE))
