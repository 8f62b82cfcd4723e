"""National Agencies and other bodies: whom to ask, with source and date.

People change: a contact is told with the day it was checked, and the agency's own contacts page
goes with it. What is not established (the incident mailbox) is `unknown` and is said to be so.
"""

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from rules.deadlines import Zone
from rules.facts import Confidence, Frozen


class Contact(Frozen):
    """A published contact; `matter` is an action with its sector, or `head`, `other` and so on."""

    matter: str
    name: str | None = None
    role_lv: str
    role_en: str
    email: str | None = None
    phone: str | None = None
    url: str | None = None
    source: str
    checked_on: date

    def role(self, language: str) -> str:
        """Return what the contact is for, in `language`."""
        return self.role_lv if language == "lv" else self.role_en


class Mailbox(Frozen):
    """The mailbox for incident notices, or that none is established."""

    address: str | None = None
    unknown: bool = False
    source: str
    confidence: Confidence = "agency"


class IncidentWindow(Frozen):
    """How long after the deadline a technical failure may be reported."""

    hours: int
    counted_from: str
    source: str
    confidence: Confidence = "agency"


class Agency(Frozen):
    """One National Agency."""

    name_lv: str
    name_en: str
    short: str
    country: str
    website: str
    contacts_page: str
    zone: Zone
    languages: tuple[str, ...]
    source: str
    checked_on: date
    incident_mailbox: Mailbox
    incident_window: IncidentWindow
    contact: tuple[Contact, ...] = ()

    def name(self, language: str) -> str:
        """Return the agency's full name in `language`."""
        return self.name_lv if language == "lv" else self.name_en


class Helpdesk(Frozen):
    """A Commission help desk."""

    id: str
    name_lv: str
    name_en: str
    email: str
    source: str
    checked_on: date


class Body(Frozen):
    """Another body that runs a part of the programme."""

    id: str
    name_lv: str
    name_en: str
    website: str
    source: str
    confidence: Confidence = "agency"
    checked_on: date


class Agencies(Frozen):
    """All agencies by id (`LV01`), help desks and other bodies."""

    agencies: Mapping[str, Agency]
    helpdesk: tuple[Helpdesk, ...] = Field(min_length=1)
    body: tuple[Body, ...] = ()

    def desk(self, identifier: str) -> Helpdesk | None:
        """Return the help desk named `identifier`, or None when the agency itself helps."""
        return next((desk for desk in self.helpdesk if desk.id == identifier), None)
