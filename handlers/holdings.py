"""Everything that is kept of a person, as lines to read and as a file to take along."""

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from handlers.markup import escape
from handlers.turn import Attachment
from handlers.visit import Visit

FILE = "noon-mydata.json"

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d\+00:00")
"""A moment in UTC as the file has it."""

_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "contacts": "privacy.part.contacts",
        "subscriptions": "privacy.part.subscriptions",
        "handed": "privacy.part.handed",
        "messages": "privacy.part.messages",
        "conversations": "privacy.part.conversations",
    }
)
_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "privacy.field.id",
        "channel": "privacy.field.channel",
        "address": "privacy.field.address",
        "language": "privacy.field.language",
        "zone": "privacy.field.zone",
        "made": "privacy.field.made",
        "confirmed": "privacy.field.confirmed",
        "gets_mail": "privacy.field.gets-mail",
        "selection": "privacy.field.selection",
        "leads": "privacy.field.leads",
        "consent": "privacy.field.consent",
        "contact": "privacy.field.contact",
        "deadline": "privacy.field.deadline",
        "at": "privacy.field.at",
        "kind": "privacy.field.kind",
        "state": "privacy.field.state",
        "due": "privacy.field.due",
        "first": "privacy.field.first",
        "settled": "privacy.field.settled",
        "answers": "privacy.field.answers",
        "said_last": "privacy.field.said-last",
        "said_at": "privacy.field.said-at",
    }
)
"""What has a name in words; anything else is told by its name in the file."""


def exported(held: Mapping[str, Any]) -> Attachment:
    """Return everything that is kept as a JSON file."""
    content = json.dumps(held, ensure_ascii=False, indent=2, default=str)
    return Attachment(FILE, content.encode(), "application/json")


def told(visit: Visit, held: Mapping[str, Any]) -> str:
    """Return everything that is kept as text: a heading for each part, a line for each thing."""
    parts = [_part(visit, name, things) for name, things in held.items() if things]
    return "\n\n".join(parts) or visit.say("privacy.held-nothing")


def _part(visit: Visit, name: str, things: Any) -> str:
    heading = visit.say(_PARTS[name]) if name in _PARTS else escape(name)
    each = things if isinstance(things, list) else [things]
    return "\n".join([f"**{heading}**", *(f"• {_thing(visit, one)}" for one in each)])


def _thing(visit: Visit, one: Any) -> str:
    said = (f"{way}: {_value(visit, value)}" for way, value in _leaves(visit, one, ()))
    return "; ".join(said)


def _value(visit: Visit, value: Any) -> str:
    if isinstance(value, bool):
        return visit.say("privacy.yes" if value else "privacy.no")
    moment = _MOMENT.fullmatch(str(value))
    return f"{moment[1]} {moment[2]} UTC" if moment else escape(str(value))


def _leaves(visit: Visit, value: Any, way: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield every value with the way to it in words; what is not set is left out."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            called = visit.say(_FIELDS[name]) if name in _FIELDS else escape(str(name))
            yield from _leaves(visit, inner, (*way, called))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(visit, inner, way)
    elif value not in (None, ""):
        yield " – ".join(way), value
