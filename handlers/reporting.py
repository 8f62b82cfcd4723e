"""Somebody says that a fact is wrong: one tap under every answer, and a line of text if wanted.

What is kept says which fact, in which language and of which call, and the masked line; not whose.
"""

import logging
import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from handlers import phrases
from handlers.editors import Wrong
from handlers.markup import escape
from handlers.masking import READ, mask
from handlers.turn import Choice, Reply
from handlers.visit import Capability, Desk, Visit

OUTSIDE = "outside"
"""The fact that is wrong where Noon said that it has no answer."""

WAY = "way"
DEADLINES = "deadlines"
ELIGIBILITY = "eligibility"

FRESH = timedelta(minutes=15)
"""How long after the tap a text is taken for a line about the wrong fact."""

_FORM = "report"
_QUESTION = "following:question"
_TAPS = "mistakes"
_PART = re.compile(r"whole|trouble|ask|step-[1-9]\d?")

log = logging.getLogger(__name__)


def choice(visit: Visit, fact: str) -> Choice:
    """Return the choice that reports `fact`."""
    return Choice(f"reporting:{fact}", visit.say("reporting.choice"))


def official(desk: Desk) -> set[str]:
    """Return the hosts that guides link to, which a masked text may name."""
    links = (link for guide in desk.facts.guides.values() for link in guide.head.links)
    return {(urlsplit(link.url).hostname or "").removeprefix("www.") for link in links}


def added(visit: Visit, replies: list[Reply]) -> list[Reply]:
    """Return `replies` with the way to report, where deadlines or a verdict are told.

    A line that was kept is forgotten here once it can no longer be called a question.
    """
    offered = {choice.id for reply in replies for choice in reply.choices}
    if "fact" not in visit.notes.read(_FORM):
        visit.notes.forget(_FORM, "tap")
    if _QUESTION not in offered:
        visit.notes.forget(_FORM, "line")
        visit.notes.forget(_FORM, "kept")
    return [_with_way(visit, reply) for reply in replies]


def _with_way(visit: Visit, reply: Reply) -> Reply:
    fact = _told([each.id for each in reply.choices])
    if not fact:
        return reply
    return replace(reply, choices=(*reply.choices, choice(visit, fact)))


def _told(offered: list[str]) -> str:
    """Return the fact that a reply tells by what it offers; empty where it tells none."""
    if any(each.startswith("reporting:") for each in offered):
        return ""
    if any(each.startswith("deadlines:file:") for each in offered):
        return DEADLINES
    again = [each for each in offered if each.startswith("eligibility:fresh:")]
    reviewed = any(each.startswith("eligibility:review:") for each in offered)
    return f"{ELIGIBILITY}/{again[0].rpartition(':')[2]}" if again and reviewed else ""


async def choose(visit: Visit, fact: str) -> list[Reply]:
    """Keep that a fact is said to be wrong, and ask for a line about it."""
    if not _known(visit, fact):
        return [Reply(visit.say("router.gone"))]
    if visit.editors is None:
        return [Reply(visit.say("reporting.not-kept"))]
    if _first_today(visit, fact):
        tap = visit.editors.wrong(Wrong(fact, visit.words.language, _call(visit, fact)))
        visit.notes.write(_FORM, "tap", tap)
    visit.notes.write(_FORM, "fact", fact)
    visit.notes.write(_FORM, "at", visit.now.isoformat())
    return [Reply(visit.say("reporting.noted"), _back(visit, fact))]


def _first_today(visit: Visit, fact: str) -> bool:
    """Whether a conversation reports `fact` for the first time today, which is remembered."""
    today = visit.now.date().isoformat()
    for tapped, day in visit.notes.read(_TAPS).items():
        if day != today:
            visit.notes.forget(_TAPS, tapped)
    first = fact not in visit.notes.read(_TAPS)
    visit.notes.write(_TAPS, fact, today)
    return first


def taken(visit: Visit) -> str:
    """Return the fact that a line may now be written about: for one turn, and for `FRESH` only.

    It is not forgotten where the same button is pressed once more: that is one report; nor with a
    text too long to be read, which is asked for again, shorter.
    """
    said = visit.notes.read(_FORM)
    fact = said.get("fact", "")
    too_long = len(visit.turn.text.strip()) > READ
    if visit.turn.choice != f"{CAPABILITY.name}:{fact}" and not too_long:
        visit.notes.forget(_FORM, "fact")
        visit.notes.forget(_FORM, "at")
    # A tap noted before moments were kept is an old one.
    fresh = "at" in said and visit.now - datetime.fromisoformat(said["at"]) <= FRESH
    return fact if fresh and _known(visit, fact) else ""


def taken_back(visit: Visit) -> str:
    """Return the line of the last turn, masked, and keep it no longer; empty where none was."""
    said = visit.notes.read(_FORM)
    if visit.editors is not None and "kept" in said:
        visit.editors.take_back(said["kept"])
    return said.get("line", "")


def is_taken_back(text: str) -> bool:
    """Whether `text`, typed right after the tap, says that nothing is wrong."""
    return phrases.is_heard("reporting.taken-back.heard", text)


def back(visit: Visit, fact: str) -> list[Reply]:
    """Take back what the last tap reported, and offer to report it again."""
    said = visit.notes.read(_FORM)
    if visit.editors is not None and "tap" in said:
        visit.editors.take_back(said["tap"])
        visit.notes.forget(_TAPS, fact)
    choices = (*_back(visit, fact), choice(visit, fact))
    return [Reply(visit.say("reporting.taken-back"), choices)]


def masked(visit: Visit, text: str) -> str:
    """Return what of `text` may be kept; empty where it could not be masked."""
    try:
        return mask(text, official(visit.desk))
    except Exception as error:
        log.error("a text for editors was not masked: %s", type(error).__name__)
        return ""


def line(visit: Visit, fact: str, text: str) -> list[Reply]:
    """Keep a masked line about a wrong fact, and show what was kept."""
    if visit.editors is None:
        return [Reply(visit.say("reporting.not-kept"))]
    said = masked(visit, text)
    if not said:
        return [Reply(visit.say("reporting.line-lost"), _back(visit, fact))]
    kept = visit.editors.wrong(Wrong(fact, visit.words.language, _call(visit, fact), said))
    visit.notes.write(_FORM, "line", said)
    visit.notes.write(_FORM, "kept", kept)
    question = Choice(_QUESTION, visit.say("reporting.question"))
    text = visit.say("reporting.line", text=escape(said))
    return [Reply(text, (*_back(visit, fact), question))]


def _known(visit: Visit, fact: str) -> bool:
    topic, _, part = fact.partition("/")
    facts = visit.desk.facts
    if topic in facts.topics and (fact == topic or _PART.fullmatch(part)):
        return True
    known = {OUTSIDE, WAY, DEADLINES, *(f"{ELIGIBILITY}/{action}" for action in facts.actions)}
    return fact in known


def _call(visit: Visit, fact: str) -> int:
    """Return the call year that a fact was told of."""
    guide = visit.desk.facts.guide(fact.partition("/")[0], visit.words.language)
    return guide.head.call if guide else visit.desk.facts.newest.year


def _back(visit: Visit, fact: str) -> tuple[Choice, ...]:
    """Return the way back to what was read."""
    topic, _, part = fact.partition("/")
    if visit.desk.facts.guide(topic, visit.words.language) is None:
        return ()
    number = part.removeprefix("step-")
    where = f"step:{topic}:{number}" if number.isdecimal() else f"show:{topic}"
    return (Choice(f"steps:{where}", visit.say("reporting.back")),)


CAPABILITY = Capability("reporting", choose)
