"""Whom to write to and to call about a failure: the agency's published contacts, dated."""

from collections.abc import Sequence

from handlers.incident import about
from handlers.markup import escape
from handlers.moments import source_line
from handlers.visit import Visit
from rules.agencies import Agency, Contact
from rules.incident import Case


def addresses(visit: Visit, case: Case, mailbox: str | None) -> tuple[str, ...]:
    """Return where a notice is sent by hand: the agency's mailbox, else its published people.

    None where another body takes the sector's applications.
    """
    if about.other_body(visit.desk, case.sector):
        return ()
    return (mailbox,) if mailbox else published(visit.desk.agency, case)


def published(agency: Agency, case: Case) -> tuple[str, ...]:
    """Return the published addresses for `case`: of action and sector, then of the unit's head.

    They are for a letter that a person sends; Noon itself never writes to them.
    """
    found = (one.email for one in contacts(agency, case))
    return tuple(dict.fromkeys(one for one in found if one))


def block(visit: Visit, case: Case) -> str:
    """Return whom to call about `case`, with the day of the check and the agency's own page."""
    agency = visit.desk.agency
    if body := about.other_body(visit.desk, case.sector):
        return visit.say("incident.call.body", body=body, page=page(visit, body))
    people = [one for one in contacts(agency, case) if one.phone]
    people = people or [one for one in agency.contact if one.phone]
    lines = [_told(visit, one) for one in people]
    ends = [visit.say("incident.call.page", page=agency.contacts_page)]
    if people:
        ends.append(source_line(visit.desk, [one.source for one in people], visit.words))
    return "\n".join([visit.say("incident.call.head", agency=agency.short), *lines, *ends])


def page(visit: Visit, body: str) -> str:
    """Return the page of another body, or the agency's own where none is known."""
    known = visit.desk.facts.agencies.body
    return next((one.website for one in known if one.id == body), visit.desk.agency.contacts_page)


def contacts(agency: Agency, case: Case) -> Sequence[Contact]:
    """Return the contacts for action and sector, then the unit's head."""
    matters = (f"{case.action}-{case.sector}", case.action, "head")
    return [one for matter in matters for one in agency.contact if one.matter == matter]


def _told(visit: Visit, one: Contact) -> str:
    who = ", ".join(filter(None, [one.name, one.phone]))
    return f"• {escape(who)} – {one.role(visit.words.language)}"
