"""Whom to write to when the system fails: the mailbox for it, else the published contacts."""

from bot.post.letters.letter import Link
from bot.post.letters.occasion import Occasion
from rules.agencies import Agency, Contact
from rules.deadlines import Deadline

_HEAD = "head"
"""What the agencies' data call the head of the unit."""


def to_write_to(occasion: Occasion, deadline: Deadline) -> str:
    """Return the mailboxes for a notice of a failure, each with what it is for.

    Where no mailbox for such notices is established, those of the action and of the unit's head.
    """
    agency = occasion.desk.agency
    if agency.incident_mailbox.address is not None:
        return agency.incident_mailbox.address
    told = [
        occasion.say("letter.contact", what=_what(occasion, contact), address=contact.email)
        for contact in _published(agency, deadline)
    ]
    return "; ".join(told) or agency.contacts_page


def link(occasion: Occasion) -> Link:
    """Return the link to all contacts of the agency, with the day on which ours were checked."""
    agency = occasion.desk.agency
    checked = min((one.checked_on for one in agency.contact), default=agency.checked_on)
    day = occasion.words.day(checked)
    label = occasion.say("letter.link.contacts", agency=agency.short, day=day)
    return Link(label, agency.contacts_page)


def _published(agency: Agency, deadline: Deadline) -> list[Contact]:
    for_action = [one for one in agency.contact if one.matter.partition("-")[0] == deadline.action]
    heads = [one for one in agency.contact if one.matter == _HEAD]
    return [one for one in (*for_action, *heads) if one.email is not None]


def _what(occasion: Occasion, contact: Contact) -> str:
    """Return a contact's action and sector, or the office it holds."""
    return contact.role(occasion.words.language) if contact.matter == _HEAD else contact.matter
