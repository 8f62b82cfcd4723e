"""Planned messages of every kind, and the letters made of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

from bot.clock import Clock
from bot.post.kinds import Kind
from bot.post.letters import Letters
from bot.post.links import new_id
from bot.post.outbox import LATEST, Claimed
from bot.settings import Settings
from handlers.visit import Desk
from rules.deadlines import ChangeLine
from tests.talk import the_desk, with_deadlines
from tests.test_deadlines import NOON, changed, made

KEY = b"a key of at least thirty-two bytes"
SITE = "https://noon.example"
SENDER = "noon@mail.noon.example"
REPLIES = "people@noon.example"
ADDRESS = "anna.berzina@example.org"
CLOSING = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
"""KA220's first round: noon in Brussels."""

WEEK_BEFORE = CLOSING - timedelta(days=7)


MOVED = changed(wall="2026-03-07T12:00:00")
CANCELLED = changed(state="cancelled")
"""Changes of KA220's first round: two days later, or off."""


def desk(*changes: ChangeLine, status: str = "confirmed") -> Desk:
    """Return a desk that knows KA220's first round alone, after `changes`."""
    return with_deadlines([made(NOON, status=status)], list(changes))


class Stopped(Clock):
    """A clock that stands still."""

    def __init__(self, now: datetime = WEEK_BEFORE) -> None:
        super().__init__()
        self.time = now

    def now(self) -> datetime:
        return self.time


@dataclass
class Writing:
    """Letters of one office; `desk` and `clock` may be changed while it writes."""

    desk: Desk = field(default_factory=the_desk)
    clock: Stopped = field(default_factory=Stopped)
    site: str = SITE
    reply_to: str | None = REPLIES

    def __post_init__(self) -> None:
        given = Settings(
            _env_file=None, public_url=self.site, mail_from=SENDER, reply_to=self.reply_to
        )
        self.letters = Letters(lambda: self.desk, KEY, given, self.clock)

    def mail(self, content: Mapping[str, Any], **given: Any) -> bytes:
        """Return the bytes of a mail, which must not be outdated."""
        made = self.letters.make(claimed(content, **given))
        assert made is not None
        return made.content


def parsed(mail: bytes) -> Any:
    """Return a mail as the standard library reads it."""
    return message_from_bytes(mail, policy=policy.default)


def claimed(content: Mapping[str, Any], **given: Any) -> Claimed:
    """Return a message as a worker holds it at its first claim."""
    usual: dict[str, Any] = {
        "id": "0" * 32,
        "fence": 1,
        "kind": KINDS.get(content.get("what", ""), Kind.REMINDER),
        "channel": "mail",
        "address": ADDRESS,
        "contact": "AAAAAAAAAAA",
        "deadline": content.get("deadline", ""),
        "due_at": WEEK_BEFORE,
        "not_after": datetime.fromtimestamp(LATEST, UTC),
        "attempts": 0,
        "repeats": 0,
        "silences": 0,
        "last_verdict": "",
        "provider": 0,
        "first_at": None,
        "message_id": "",
        "frozen": None,
    }
    return Claimed(**(usual | {"content": content} | given))


KINDS = {
    "moved": Kind.MOVED,
    "confirmation": Kind.CONFIRMATION,
    "access": Kind.CONFIRMATION,
    "alarm": Kind.ALARM,
}


def reminder(**given: Any) -> dict[str, Any]:
    """Return the content of a reminder of KA220's first round."""
    usual = {"deadline": "2026-ka220-r1", "sequence": 0, "lead": "T-7d"}
    return _content("reminder", usual, given)


def moved(**given: Any) -> dict[str, Any]:
    """Return the content of the notice that KA220's first round was a day earlier before."""
    before = (CLOSING - timedelta(days=1)).isoformat()
    usual = {"deadline": "2026-ka220-r1", "sequence": 0, "before": before}
    return _content("moved", usual, given)


def confirmation(**given: Any) -> dict[str, Any]:
    """Return the content of a mail that asks for a confirmation."""
    usual = {"subscription": "SSSSSSSSSSS", "selection": "KA210+KA220-VET", "leads": "T-7d T-2h"}
    return _content("confirmation", usual, given)


def access(**given: Any) -> dict[str, Any]:
    """Return the content of a mail with the link to everything that is held."""
    return _content("access", {}, given)


def alarm(**given: Any) -> dict[str, Any]:
    """Return the content of a warning whose words nobody has written."""
    usual = {"message": "no-such-words", "values": {"what": "x"}, "at": CLOSING.isoformat()}
    return _content("alarm", usual, given)


def canary(**given: Any) -> dict[str, Any]:
    """Return the content of a test mail."""
    return _content("canary", {"at": CLOSING.isoformat()}, given)


def _content(what: str, usual: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    return {"what": what, "language": "lv", "zone": "Europe/Riga", **usual, **given}


EVERY = {
    "reminder": reminder,
    "moved": moved,
    "confirmation": confirmation,
    "access": access,
    "alarm": alarm,
    "canary": canary,
}
"""What makes the content of each kind of message."""


def people(number: int) -> Iterator[tuple[str, str]]:
    """Yield addresses and contact ids of so many people."""
    for each in range(number):
        yield f"person{each}@example.org", new_id()


def rehearsed(desk: Desk) -> Desk:
    """Return a desk whose clock is not the real one."""
    return replace(desk, rehearsed=True)
