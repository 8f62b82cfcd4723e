"""Whom to ask: the agency's published contacts and the Commission's help desks, dated."""

from handlers.moments import source_line
from handlers.visit import Visit
from rules.agencies import Contact
from rules.guides import Guide


def block(visit: Visit) -> str:
    """Return every published contact, with sources and the day they were checked."""
    agency = visit.desk.agency
    lines = [f"• {_told(visit, contact)}" for contact in agency.contact]
    head = visit.say("contacts.head", agency=agency.name(visit.words.language))
    page = visit.say("contacts.page", page=agency.contacts_page)
    sources = [contact.source for contact in agency.contact]
    return "\n".join([head, *lines, page, source_line(visit.desk, sources, visit.words)])


def for_guide(visit: Visit, guide: Guide) -> str:
    """Return whom to ask when a guide did not help, and what to write to them."""
    return visit.say("contacts.stuck", contact=of(visit, guide.head.contact))


def of(visit: Visit, who: str) -> str:
    """Return a help desk by its id, or else the agency's contacts."""
    desk = visit.desk.facts.agencies.desk(who)
    if desk is None:
        return block(visit)
    name = desk.name_lv if visit.words.language == "lv" else desk.name_en
    return f"{name}: {desk.email}\n{source_line(visit.desk, [desk.source], visit.words)}"


def general(visit: Visit) -> str:
    """Return the agency's contacts page, for questions that are not Noon's."""
    agency = visit.desk.agency
    return f"{agency.name(visit.words.language)}: {agency.contacts_page}"


def _told(visit: Visit, contact: Contact) -> str:
    ways = [contact.name, contact.email, contact.phone, contact.url]
    return f"{contact.role(visit.words.language)}: {', '.join(filter(None, ways))}"
