"""What is told of a notice, in words: made at the last moment, so that it tells the latest.

Never more is told than is known: accepted is a server's own word, delivered a delivery report's,
and after a lost answer it is said that nobody knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default

from bot.incident import spoken
from bot.incident.following import FAILED
from bot.incident.unsent import UNSURE
from bot.incident.wording import cleaned, moment
from bot.post.content import Progress
from bot.post.letters.occasion import Occasion
from handlers.cases import Notice, Standing
from rules.agencies import Contact

LONGEST_ANSWER = 160
LONGEST_NAME = 60
MOST_NUMBERS = 3

MESSAGES = frozenset(
    {"failing", "untried", "doubtful", "warned", "warned-unsure", "held", "released", "stopped"}
    | {"unsure", "refused", "accepted", "captured", "delayed", "bounced", "moved", "cancelled"}
    | {"answered", "announced", "reopened", "blocked"}
)
"""Everything that is told beside the standing: each has a title and a text."""

_TO_BE_DONE = frozenset(
    {"failing", "untried", "doubtful", "warned", "warned-unsure", "held", "stopped", "unsure"}
    | {"refused", "captured", "bounced", "reopened", "blocked"}
)
"""What is told with what the person has to do now."""

_OPEN = (Standing.WAITING, Standing.HELD, Standing.FAILING, Standing.UNHEARD)


@dataclass(frozen=True)
class Telling:
    """One thing that is told of a notice, as it stands now."""

    occasion: Occasion
    content: Progress
    notice: Notice
    announced: tuple[str, str] = ("", "")

    def standing(self) -> tuple[str, list[str]]:
        """Return the heading and the lines of how the notice stands."""
        return self._say("what", what=self._name()), [
            self._say(f"standing.{self._stands()}", at=self._at(self._accepted())),
            *self._tries(),
            *([self._until()] if self.notice.standing in _OPEN and not self._over() else []),
            self._say("page"),
            self.notice.link,
        ]

    def message(self) -> tuple[str, list[str]]:
        """Return the heading and the lines of what has just happened, and what is to be done."""
        which = self._which()
        values = {
            "at": self._at(self._accepted()),
            "closes": self._at(self.notice.closes),
            "left": str(self._left()),
            "minutes": self.content.message.removeprefix("warned-"),
            "text": self.announced[0],
        }
        lines = self._say(f"{which}.text", **values).splitlines()
        if which in _TO_BE_DONE:
            lines += self._to_do()
        if which in ("failing", "refused", "bounced", "accepted"):
            lines += self._answer()
        if which == "announced":
            lines.append(self._say("announced.source", source=self.announced[1]))
        return self._say(f"{which}.title", **values), lines

    def _which(self) -> str:
        """Return which words fit what is told, as things stand at this moment."""
        message = self.content.message
        unheard = self.notice.standing is Standing.UNHEARD
        if message.startswith("warned-"):
            return "warned-unsure" if unheard else "warned"
        if message != "failing":
            return message
        if unheard:
            return "doubtful"
        return "failing" if self._failures() else "untried"

    def _stands(self) -> str:
        unsure = any(step.what == "stopped" and step.words == UNSURE for step in self.notice.steps)
        if self.notice.standing is Standing.UNHEARD and unsure:
            return UNSURE
        return self.notice.standing.value

    def _over(self) -> bool:
        return any(step.what == "stopped" for step in self.notice.steps)

    def _tries(self) -> Iterator[str]:
        failures = self._failures()
        if failures and self.notice.standing in (*_OPEN, Standing.STOPPED):
            yield self._say("tried", number=len(failures), at=self._at(failures[-1][0]))
            yield from self._answer()

    def _failures(self) -> list[tuple[datetime, str]]:
        return [(step.at, step.words) for step in self.notice.steps if step.what in FAILED]

    def _answer(self) -> Iterator[str]:
        """Yield the server's last words, cleaned of what deceives; without any, what was seen."""
        steps = [step for step in self.notice.steps if step.what in (*FAILED, "bounced")]
        said = spoken.of(steps[-1]).said if steps else ""
        seen = spoken.noticed(self.occasion.words, steps[-1]) if steps else ""
        if self.notice.accepted_at is not None and self.content.message != "bounced":
            said, seen = self.notice.answer, ""
        if said:
            yield self._say("answer", answer=cleaned(said, LONGEST_ANSWER))
        elif seen:
            yield self._say("seen", what=cleaned(seen, LONGEST_ANSWER))

    def _to_do(self) -> Iterator[str]:
        """Yield what the person does now: send it themselves, call."""
        agency = self.occasion.desk.agency
        page = agency.contacts_page
        if self.notice.mailbox:
            yield self._say("do.send", mailbox=self.notice.mailbox)
        else:
            yield self._say("do.find", contacts=page)
        numbers = ", ".join(self._numbers())
        if numbers:
            yield self._say("do.call", phones=numbers)
        else:
            yield self._say("do.ask", contacts=page)

    def _numbers(self) -> list[str]:
        """Return whom to call: who is responsible for the action and sector, then the head."""
        case = self.notice.case
        matters = (f"{case.action}-{case.sector}", case.action, "incident", "head")
        found = [
            contact
            for matter in matters
            for contact in self.occasion.desk.agency.contact
            if contact.matter == matter and contact.phone
        ]
        return [_number(contact) for contact in found[:MOST_NUMBERS]]

    def _until(self) -> str:
        return self._say("until", closes=self._at(self.notice.closes))

    def _left(self) -> int:
        return max(0, int((self.notice.closes - self.occasion.now).total_seconds() // 60))

    def _accepted(self) -> datetime | None:
        return self.notice.accepted_at

    def _name(self) -> str:
        case = self.notice.case
        return cleaned(case.form_id or f"{case.action} {case.organisation}", LONGEST_NAME)

    def _at(self, instant: datetime | None) -> str:
        """Return a moment in Brussels time and the person's; empty where there is none."""
        return "" if instant is None else moment(self.occasion.words, instant, self.occasion.zone)

    def _say(self, key: str, **values: object) -> str:
        return self.occasion.say(f"progress.{key}", **values)


def _number(contact: Contact) -> str:
    return " ".join(filter(None, (contact.name, contact.phone)))


def text_of(head: bytes) -> str:
    """Return the text of a notice from the beginning of its mail; empty where there is none."""
    mail = message_from_bytes(head, policy=default)
    part = mail.get_body(("plain",))
    return "" if part is None else str(part.get_content()).strip()
