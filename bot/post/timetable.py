"""What should be planned for whom: dates, selections and lead times put together. Pure.

Whatever is asked of it often, for thousands of people alike, is worked out once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from bot.post import content
from bot.post.editions import Date
from bot.post.kinds import Kind
from bot.post.outbox import Planned, Run
from bot.store.contacts import Contact
from bot.store.subscriptions import Subscription
from rules.deadlines import Deadline
from rules.leads import DEFAULT, BadLeads, Due, Lead, due, parse
from rules.selection import Selection, select

HOURS_LENGTH = 900.0
DAYS_LENGTH = 3600.0
"""How long a run lasts, in seconds, unless the provider needs longer for it."""

LAST_HOURS = 2
"""Up to so many hours before the deadline, a reminder goes before all others."""


@dataclass(frozen=True)
class Reminder:
    """One reminder that should be there: of which deadline, at which lead time, when."""

    deadline: Deadline
    lead: Lead
    due: Due

    def key(self, contact: str) -> str:
        """Return the key that makes it unique, however many selections ask for it."""
        return f"reminder:{contact}:{self.deadline.id}:{self.deadline.sequence}:{self.lead}"

    def leaves(self, contact: str) -> datetime:
        """Return when it leaves for `contact`: a little early, each contact at its own place."""
        early = spread(contact) * min(base_length(self.lead), self.due.room)
        return self.due.target - timedelta(seconds=early)

    def planned(self, contact: Contact, leaves: datetime, until: datetime) -> Planned:
        """Return the message to plan for `contact`."""
        number = self.deadline.sequence
        run = f"{self.deadline.id}:{number}:{self.lead}:{contact.channel}"
        return Planned(
            self.key(contact.id),
            Kind.TWO_HOURS if 0 < self.lead.hours <= LAST_HOURS else Kind.REMINDER,
            contact.channel,
            contact.address,
            told(contact.language, contact.zone, self.deadline.id, number, str(self.lead)),
            leaves,
            until,
            contact=contact.id,
            deadline=self.deadline.id,
            run=Run(run, self.due.target, spread(contact.id), self.due.room),
        )


@lru_cache(maxsize=4096)
def told(language: str, zone: str, deadline: str, sequence: int, lead: str) -> Mapping[str, Any]:
    """Return what a reminder is made of; a mapping shared by all who get the same."""
    made = content.Reminder(
        language=language, zone=zone, deadline=deadline, sequence=sequence, lead=lead
    )
    return made.model_dump(mode="json")


def spread(contact: str) -> float:
    """Return the place of a contact in every run, from 0 to 1: always the same."""
    return int.from_bytes(sha256(contact.encode()).digest()[:8]) / 2**64


def base_length(lead: Lead) -> float:
    """Return how long a run of `lead` lasts at least, in seconds."""
    return HOURS_LENGTH if lead.hours else DAYS_LENGTH


class Timetable:
    """The deadlines that reminders can be planned for, as people select them."""

    def __init__(self, deadlines: Iterable[Deadline], now: datetime) -> None:
        self.deadlines = {each.id: each for each in deadlines}
        self.now = now
        self._ahead = [
            each
            for each in self.deadlines.values()
            if each.status == "confirmed" and each.instant > now
        ]
        self._chosen: dict[str, tuple[Deadline, ...]] = {}
        self._chose: dict[tuple[str, str, str], bool] = {}
        self._leads: dict[str, tuple[Lead, ...]] = {}
        self._dues: dict[tuple[str, Lead, str], Reminder] = {}

    def reminders(
        self, zone: str, subscriptions: Sequence[Subscription], handed: Iterable[str]
    ) -> dict[str, list[Reminder]]:
        """Return the reminders of a contact's subscriptions by deadline, the first one first.

        Overlapping selections give each reminder once; what was handed in gives none.
        """
        leads: dict[str, set[Lead]] = {}
        for one in subscriptions:
            for deadline in self.chosen(one.selection):
                leads.setdefault(deadline.id, set()).update(self._parsed(one.leads))
        return {
            name: sorted((self._due(name, lead, zone) for lead in wanted), key=_target)
            for name, wanted in leads.items()
            if name not in handed
        }

    def chosen(self, selection: str) -> tuple[Deadline, ...]:
        """Return the confirmed deadlines of a selection that are ahead."""
        if selection not in self._chosen:
            names = Selection(tuple(selection.split("+")))
            self._chosen[selection] = tuple(select(names, self._ahead))
        return self._chosen[selection]

    def chose(self, selection: str, deadline: Deadline, before: Date) -> bool:
        """Whether a selection had `deadline` in it while it stood as `before` says."""
        asked = (selection, deadline.id, before.status)
        if asked not in self._chose:
            names = Selection(tuple(selection.split("+")))
            then = replace(deadline, status=before.status)
            self._chose[asked] = bool(select(names, [then]))
        return self._chose[asked]

    def _parsed(self, written: str) -> tuple[Lead, ...]:
        if written not in self._leads:
            try:
                self._leads[written] = parse(written)
            except BadLeads:
                # Written by a version with other limits: better the usual ones than none.
                self._leads[written] = parse(DEFAULT)
        return self._leads[written]

    def _due(self, name: str, lead: Lead, zone: str) -> Reminder:
        place = (name, lead, zone)
        if place not in self._dues:
            deadline = self.deadlines[name]
            when = due(lead, deadline.wall, ZoneInfo(deadline.zone), ZoneInfo(zone))
            self._dues[place] = Reminder(deadline, lead, when)
        return self._dues[place]


def _target(reminder: Reminder) -> tuple[datetime, int]:
    return reminder.due.target, reminder.lead.hours
