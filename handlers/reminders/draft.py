"""A subscription that is being put together: the answers so far say what is asked next.

They stand in the notebook, so a restart, another worker or another face goes on where they end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.ledger import MAIL, TELEGRAM, Wanted
from handlers.notebook import Notebook
from handlers.reminders import selecting
from handlers.visit import Desk, Visit

FORM = "reminders"
OPEN = "reminders.new"
"""What the notebook calls the open questionnaire."""

BOTH = "both"
CONSENT = "reminders.consent/1"
CONSENT_FORM = "reminders.consent-mail/1"
"""Which words of consent are shown, in chat and on a form; the number grows when they change."""

QUESTIONS = ("what", "sectors", "where", "address", "leads", "zone")
"""In the order of asking."""

ASK = "?"
"""The zone is the agency's unless somebody wants to be asked."""


@dataclass(frozen=True)
class Draft:
    """The answers to the questions so far; `zone` is asked only where it is `ASK`."""

    what: str = ""
    sectors: str = ""
    picked: str = ""
    where: str = ""
    address: str = ""
    leads: str = ""
    zone: str = ""

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that were chosen."""
        return (MAIL, TELEGRAM) if self.where == BOTH else (self.where,)

    def selection(self, desk: Desk) -> str:
        """Return what is to be reminded of, in the one writing of selections."""
        return selecting.selection(desk, [self.what], self.sectors.split(","))


def read(notes: Notebook) -> Draft:
    """Return the draft of a conversation, empty where nothing was begun."""
    given = notes.read(FORM)
    return Draft(**{name: given[name] for name in Draft.__dataclass_fields__ if name in given})


def begun(notes: Notebook) -> bool:
    """Whether something was answered and is not finished."""
    return bool(notes.read(FORM))


def note(notes: Notebook, question: str, answer: str) -> None:
    """Note an answer; what no longer fits it is struck."""
    if question == "what":
        forget(notes, "sectors", "picked")
    notes.write(FORM, question, answer)


def forget(notes: Notebook, *questions: str) -> None:
    """Strike the answers to `questions`."""
    for question in questions:
        notes.forget(FORM, question)


def missing(visit: Visit, draft: Draft, channels: Sequence[str]) -> str | None:
    """Return the first question that applies and has no answer, or None: all are answered."""
    return next((each for each in QUESTIONS if not _answered(visit, draft, each, channels)), None)


def settled(visit: Visit, draft: Draft, channels: Sequence[str]) -> Draft:
    """Return `draft` with the answers that go without asking."""
    known = dict(vars(draft))
    if draft.what and len(selecting.sectors(visit.desk, draft.what)) < 2:
        known["sectors"] = selecting.EVERY
    if len(channels) == 1:
        known["where"] = channels[0]
    return Draft(**known)


def wanted(visit: Visit, draft: Draft) -> list[Wanted]:
    """Return what is asked of the ledger, one for each channel."""
    return [
        Wanted(
            channel=channel,
            selection=draft.selection(visit.desk),
            leads=draft.leads,
            language=visit.words.language,
            zone=draft.zone or str(visit.desk.zone),
            consent=f"{CONSENT}/{visit.words.language}",
            address=draft.address if channel == MAIL else "",
        )
        for channel in draft.channels
    ]


def _answered(visit: Visit, draft: Draft, question: str, channels: Sequence[str]) -> bool:
    if question == "zone":
        return draft.zone != ASK
    if question == "address":
        return bool(draft.address) or draft.where == TELEGRAM
    if question == "where":
        return bool(draft.where) and set(draft.channels) <= set(channels)
    return bool(getattr(draft, question))
