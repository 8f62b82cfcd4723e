"""The kinds of messages: who goes first, in which lane, and how it is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a message is for; the value is what the store keeps."""

    INCIDENT = "incident"
    """The notice to the agency that the platform failed before the deadline."""
    CODE = "code"
    """The short code that confirms an address while an incident notice waits for it."""
    PROGRESS = "progress"
    """How an incident notice stands, to the person whose it is."""
    ALARM = "alarm"
    """A warning to the operator."""
    MOVED = "moved"
    """A deadline has moved or is off."""
    TWO_HOURS = "two-hours"
    """The last reminder before a deadline."""
    CONFIRMATION = "confirmation"
    """The link that confirms a subscription."""
    REMINDER = "reminder"
    """Every earlier reminder."""


class Lane(StrEnum):
    """Whose workers carry it: a long run of reminders never stands before an incident."""

    INCIDENT = "incident"
    ORDINARY = "ordinary"


class Plan(StrEnum):
    """How a message is tried again."""

    SECONDS = "seconds"
    """Within seconds and by the other provider too: hours count."""
    MINUTES = "minutes"
    """In growing steps and by the same provider: days count."""


@dataclass(frozen=True)
class Carriage:
    """How one kind travels; a lower `priority` goes first."""

    priority: int
    lane: Lane
    plan: Plan


CARRIAGE: Mapping[Kind, Carriage] = MappingProxyType(
    {
        Kind.INCIDENT: Carriage(0, Lane.INCIDENT, Plan.SECONDS),
        Kind.CODE: Carriage(1, Lane.INCIDENT, Plan.SECONDS),
        Kind.PROGRESS: Carriage(2, Lane.INCIDENT, Plan.SECONDS),
        Kind.ALARM: Carriage(2, Lane.INCIDENT, Plan.SECONDS),
        Kind.MOVED: Carriage(3, Lane.ORDINARY, Plan.MINUTES),
        Kind.TWO_HOURS: Carriage(4, Lane.ORDINARY, Plan.MINUTES),
        Kind.CONFIRMATION: Carriage(5, Lane.ORDINARY, Plan.MINUTES),
        Kind.REMINDER: Carriage(6, Lane.ORDINARY, Plan.MINUTES),
    }
)
"""The order is incident, then a moved deadline, then the last two hours, then all others.

The code, the progress and the alarm travel with the incident, which waits for the one and causes
the others; no stored priority may change its meaning, so the last two share one. A
confirmation goes before ordinary reminders, because somebody sits and waits for it.
"""
