"""Everything that is kept of a person, as lines to read and as a file to take along."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from handlers.ledger import MAIL
from handlers.markup import escape
from handlers.reminders import telling
from handlers.turn import Attachment
from handlers.visit import Visit
from handlers.words import LANGUAGES, words

FILE = "noon-mydata.json"

_PARTS = (
    *("contacts", "subscriptions", "handed", "incidents", "files", "mailboxes"),
    *("messages", "conversations"),
)

_OURS = frozenset({"open", "offered"})
"""What the notebook has of the person for going on with, and that says nothing of them."""

_CONTACT: Mapping[str, str] = MappingProxyType(
    {
        "language": "privacy.field.language",
        "zone": "privacy.field.zone",
        "made": "privacy.field.made",
        "confirmed": "privacy.field.confirmed",
    }
)
_SUBSCRIPTION: Mapping[str, str] = MappingProxyType(
    {
        "leads": "privacy.field.leads",
        "made": "privacy.field.made",
        "confirmed": "privacy.field.confirmed",
    }
)
_MESSAGE: Mapping[str, str] = MappingProxyType(
    {
        "due": "privacy.field.due",
        "first": "privacy.field.first",
        "settled": "privacy.field.settled",
    }
)
_NOTICE: Mapping[str, str] = MappingProxyType({"made": "privacy.field.made"})
_MAILBOX: Mapping[str, str] = MappingProxyType(
    {"asked": "privacy.field.asked", "proved": "privacy.field.confirmed"}
)


def exported(held: Mapping[str, Any]) -> Attachment:
    """Return everything that is kept as a JSON file."""
    content = json.dumps(held, ensure_ascii=False, indent=2, default=str)
    return Attachment(FILE, content.encode(), "application/json")


def told(visit: Visit, held: Mapping[str, Any]) -> str:
    """Return everything that is kept as text: a heading for each part, a line for each thing.

    Moments are told by the person's own clock.
    """
    parts = (_part(visit, held, name) for name in _PARTS)
    return "\n\n".join(filter(None, parts)) or visit.say("privacy.held-nothing")


def _part(visit: Visit, held: Mapping[str, Any], name: str) -> str:
    zone = _zone(visit, held)
    lines = [_LINES[name](visit, one, zone) for one in held.get(name) or []]
    said = [f"• {line}" for line in lines if line]
    return "\n".join([f"**{visit.say(f'privacy.part.{name}')}**", *said]) if said else ""


def _zone(visit: Visit, held: Mapping[str, Any]) -> ZoneInfo:
    zones = [one["zone"] for one in held.get("contacts") or [] if one.get("zone")]
    return ZoneInfo(zones[0]) if zones else visit.desk.zone


def _contact(visit: Visit, one: Mapping[str, Any], zone: ZoneInfo) -> str:
    said = [_place(visit, one), *_named(visit, one, _CONTACT, zone)]
    if one.get("gets_mail") is False:
        said.append(visit.say("privacy.no-mail"))
    return "; ".join(said)


def _subscription(visit: Visit, one: Mapping[str, Any], zone: ZoneInfo) -> str:
    head = f"{telling.what(visit, one['selection'])} – {_place(visit, one)}"
    said = [head, *_named(visit, one, _SUBSCRIPTION, zone)]
    consent = one.get("consent") or {}
    if consent:
        said.append(
            visit.say(
                "privacy.agreed",
                words=escape(_agreed_to(visit, str(consent.get("words", "")))),
                when=_moment(visit, consent.get("at"), zone),
            )
        )
    return "; ".join(said)


def _agreed_to(visit: Visit, name: str) -> str:
    """Return the words of a consent, in the language that they were agreed to in."""
    key, *rest = name.split("/")
    language = rest[-1] if rest and rest[-1] in LANGUAGES else visit.words.language
    spoken = words(language)
    return spoken.say(key) if spoken.has(key) else name


def _handed(visit: Visit, one: Mapping[str, Any], zone: ZoneInfo) -> str:
    when = _moment(visit, one["at"], zone)
    return f"{_deadline(visit, one['deadline'], zone)}; {visit.say('privacy.field.at')}: {when}"


def _incident(visit: Visit, one: Mapping[str, Any], zone: ZoneInfo) -> str:
    said = [
        _deadline(visit, one["deadline"], zone),
        escape(str(one["told"].get("organisation") or "–")),
        _place(visit, {"channel": MAIL, "address": one["address"]}),
        *_named(visit, one, _NOTICE, zone),
        *(_file(visit, file, zone) for file in one["files"]),
    ]
    return "; ".join(said)


def _file(visit: Visit, one: Mapping[str, Any], zone: ZoneInfo) -> str:
    kind = _word(visit, "privacy.file", one["kind"])
    return f"{kind} ({visit.say('privacy.field.made')}: {_moment(visit, one['at'], zone)})"


def _mailbox(visit: Visit, one: Mapping[str, Any], zone: ZoneInfo) -> str:
    place = _place(visit, {"channel": MAIL, "address": one["address"]})
    return "; ".join([place, *_named(visit, one, _MAILBOX, zone)])


def _message(visit: Visit, one: Mapping[str, Any], zone: ZoneInfo) -> str:
    said = [_word(visit, "privacy.kind", one["kind"]), _place(visit, one)]
    if one.get("deadline"):
        said.append(_deadline(visit, one["deadline"], zone))
    said.append(_word(visit, "privacy.state", one["state"]))
    return "; ".join([*said, *_named(visit, one, _MESSAGE, zone)])


def _conversation(visit: Visit, one: Mapping[str, Any], zone: ZoneInfo) -> str:
    answers = one.get("answers") or {}
    said = [
        f"{escape(form)} – {escape(name)}: {escape(str(value))}"
        for form, given in answers.items()
        if form != "person"
        for name, value in given.items()
        if value
    ]
    person = {k: v for k, v in (answers.get("person") or {}).items() if k not in _OURS}
    told = [
        f"{visit.say(f'privacy.person.{name}')}: {_of_person(visit, name, value)}"
        for name, value in person.items()
        if name in ("language", "seen")
    ]
    if one.get("said_last"):
        told.append(f"{visit.say('privacy.field.said-last')}: {escape(str(one['said_last']))}")
        told.append(f"{visit.say('privacy.field.said-at')}: {_moment(visit, one['said_at'], zone)}")
    return "; ".join([*told, *said])


def _of_person(visit: Visit, name: str, value: str) -> str:
    if name == "language" and value in LANGUAGES:
        return visit.say(f"language.name.{value}")
    return visit.words.day(datetime.fromisoformat(value)) if name == "seen" else escape(value)


def _named(
    visit: Visit, one: Mapping[str, Any], fields: Mapping[str, str], zone: ZoneInfo
) -> Iterator[str]:
    """Yield what is set of `fields`, each with its name, in people's words."""
    for name, key in fields.items():
        if one.get(name):
            yield f"{visit.say(key)}: {_value(visit, name, str(one[name]), zone)}"


def _value(visit: Visit, name: str, value: str, zone: ZoneInfo) -> str:
    if name == "language" and value in LANGUAGES:
        return visit.say(f"language.name.{value}")
    if name == "zone":
        return telling.zone(visit.words, value)
    return telling.when(visit.words, value) if name == "leads" else _moment(visit, value, zone)


def _moment(visit: Visit, value: Any, zone: ZoneInfo) -> str:
    try:
        return telling.at(visit, datetime.fromisoformat(str(value)), zone)
    except ValueError:
        return escape(str(value or "–"))


def _place(visit: Visit, one: Mapping[str, Any]) -> str:
    if one["channel"] == MAIL:
        return visit.say("reminders.to.mail", address=escape(str(one["address"])))
    return f"{visit.say('reminders.channel.telegram')} ({escape(str(one['address']))})"


def _deadline(visit: Visit, identifier: str, zone: ZoneInfo) -> str:
    for call in visit.desk.facts.calls.values():
        if identifier in call.deadlines:
            return telling.named(visit, call.deadlines[identifier], zone)
    return escape(identifier)


def _word(visit: Visit, family: str, code: str) -> str:
    key = f"{family}.{code}"
    return visit.say(key) if visit.words.has(key) else escape(code)


_LINES: Mapping[str, Callable[[Visit, Mapping[str, Any], ZoneInfo], str]] = MappingProxyType(
    {
        "contacts": _contact,
        "subscriptions": _subscription,
        "handed": _handed,
        "incidents": _incident,
        "files": _file,
        "mailboxes": _mailbox,
        "messages": _message,
        "conversations": _conversation,
    }
)
