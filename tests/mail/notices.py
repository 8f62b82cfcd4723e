"""An incident notice and its receipt as they are made in tests, and what is read out of them."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from bot.incident.letter import Attached, Notifying, text
from handlers.cases import Kept, Notice, Standing, Step, Way
from handlers.words import words
from rules.incident import Case, Condition, window
from tests.talk import deadline, the_desk

RIGA = ZoneInfo("Europe/Riga")
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
KA220 = deadline("2026-ka220-r1")
NOON = KA220.instant
"""Noon in Brussels on 5 March 2026."""

AGENCY, PERSON, OURS = "incidents@agency.example", "anna@example.org", "noon@mail.noon.example"
NAME = "<incident.0123456789abcdef0123456789abcdef@mail.noon.example>"

CASE = Case(
    deadline=KA220.id,
    action="KA220",
    sector="SCH",
    organisation="Rīgas Ķeguma vidusskola",
    oid="E10012345",
    title="Zaļā skola",
    form_id="KA220-SCH-0A1B2C3D",
    attempt=NOON - 2 * MINUTE,
    first_failure=NOON - 40 * MINUTE,
    happened="Spiežu Submit.\nParādās «Error 500».",
    contact="Anna Bērziņa",
    phone="+371 20000000",
    unchanged=True,
)


def form(size: int = 9_000, problem: str = "") -> Attached:
    """Return a form's PDF with every byte in it, line ends of all kinds among them."""
    content = (b"%PDF-1.7\r\n" + bytes(range(256)) * (size // 256 + 1))[:size]
    digest = sha256(content).hexdigest()
    return Attached("form", "application/pdf", content, b"", len(content), digest, problem)


def screenshot(number: int, size: int = 5_000, small: int = 1_000) -> Attached:
    """Return a screenshot that came with five million bytes and was drawn anew."""
    drawn = b"\x89PNG\r\n\x1a\n" + bytes([number]) * (size - 8)
    less = b"\xff\xd8\xff" + bytes([number]) * (small - 3)
    digest = sha256(b"as it came" + bytes([number])).hexdigest()
    return Attached("screenshot", "image/png", drawn, less, 5_000_000 + number, digest)


def notifying(**given: Any) -> Notifying:
    """Return what a notice is written from; fields of its case may be given by their names."""
    case = replace(CASE, **{name: given.pop(name) for name in list(given) if hasattr(CASE, name)})
    about = deadline(case.deadline)
    usual: dict[str, Any] = {
        "case": case,
        "agency": the_desk().agency,
        "within": window(about, the_desk().agency),
        "to": AGENCY,
        "copy": PERSON,
        "now": NOON + 13 * MINUTE,
        "number": 0,
        "first": None,
        "files": (screenshot(1), form(), screenshot(2)),
        "zone": RIGA,
        "sender": OURS,
        "page": "https://noon.example",
        "proved": NOON - timedelta(days=3),
    }
    return Notifying(deadline=about, **(usual | given))


def answers(n: Notifying, language: str = "lv", variant: Any = "full") -> dict[Condition, str]:
    """Return how each condition is answered in the text: yes, no, and so on."""
    keys = ("yes", "no", "not-known", "not-here", "yes-if", "not-yet")
    told = {words(language).say(f"notice.{key}"): key for key in keys}
    lines = re.findall(r"^[123]\. .*: ([^:\n]*)$", text(n, language, variant), re.MULTILINE)
    return {condition: told[line] for condition, line in zip(Condition, lines, strict=True)}


def notice(**given: Any) -> Notice:
    """Return a notice that a server took at the second attempt."""
    taken = NOON + 13 * MINUTE + 12 * SECOND
    usual: dict[str, Any] = {
        "id": "n0t1ce",
        "number": 0,
        "case": CASE,
        "way": Way.SENDING,
        "standing": Standing.ACCEPTED,
        "made": NOON + 13 * MINUTE,
        "closes": NOON + 120 * MINUTE,
        "message_id": NAME,
        "address": PERSON,
        "mailbox": AGENCY,
        "link": "https://noon.example/incident/secret-of-the-person",
        "steps": (
            Step(NOON + 13 * MINUTE, "confirmed"),
            Step(taken - SECOND, "attempt", "primary, transient: 451 4.7.1 come back later"),
            Step(taken, "accepted", "250 2.0.0 Ok: queued as 4F1A2B3C4D"),
        ),
        "accepted_at": taken,
        "answer": "250 2.0.0 Ok: queued as 4F1A2B3C4D",
        "files": (
            Kept("a", "form", "form.pdf", 2_512_345, sha256(b"form").hexdigest()),
            Kept("b", "screenshot", "screenshot-1.png", 5_000_001, sha256(b"shot").hexdigest()),
        ),
    }
    return Notice(**(usual | given))


def clock(moment: datetime, zone: str) -> str:
    """Return the hour of a moment in a zone, as in `12:13`."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"
