"""What a handler asks of the post office: who is reminded of what, and where.

A ledger belongs to one turn: it acts for one conversation, in the turn's own transaction, so that
what a person is told and what is kept always agree. `bot` brings it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

MAIL = "mail"
TELEGRAM = "telegram"


@dataclass(frozen=True)
class Wanted:
    """A subscription somebody asks for.

    `address` is an e-mail address in its normal form for `MAIL`, and empty for `TELEGRAM`, which
    is the chat of the conversation. `selection` and `leads` are in their one canonical writing.
    `consent` names the words that were agreed to.
    """

    channel: str
    selection: str
    leads: str
    language: str
    zone: str
    consent: str
    address: str = field(default="", repr=False)


@dataclass(frozen=True)
class Subscribed:
    """A subscription as it is kept; a mailbox that was not confirmed gets no reminders yet."""

    id: str
    channel: str
    selection: str
    leads: str
    language: str
    zone: str
    confirmed: bool
    address: str = field(default="", repr=False)


class Taken(StrEnum):
    """What came of asking for a subscription."""

    ACTIVE = "active"
    """Reminders come from now on."""
    ASKED = "asked"
    """A mail with a link is on its way, or nothing is: who asks is not told which addresses are
    known here, or do not work."""
    TOO_MANY = "too-many"
    """A limit is reached; nothing was kept."""


class Ledger(Protocol):
    """The subscriptions of one conversation."""

    @property
    def channels(self) -> Sequence[str]:
        """The channels that can be chosen here: mail always, Telegram in a private chat."""

    @property
    def captured(self) -> bool:
        """Whether mail is only kept on this machine, because no mail server is set."""

    async def subscriptions(self) -> list[Subscribed]:
        """Return the subscriptions made in this conversation, oldest first."""

    async def subscribe(self, wanted: Wanted) -> Taken:
        """Keep a subscription; one that is there already gets the new leads, language and zone."""

    async def stop(self, subscription: str | None = None) -> int:
        """End one subscription, or all of this conversation; return how many ended."""

    async def handed_in(self, deadline: str) -> bool:
        """Stop reminders of `deadline` on every channel of this conversation's person.

        Return False where nothing was subscribed that could be stopped.
        """

    async def still_due(self, deadline: str) -> None:
        """Take `handed_in` back: the reminders that are still ahead come again."""

    async def snooze(self, deadline: str) -> datetime | None:
        """Call off what is due now of `deadline`; return when the next reminder comes, or None."""

    async def held(self) -> Mapping[str, Any]:
        """Return everything that is kept of this conversation and its subscriptions, for JSON."""

    async def erase(self) -> None:
        """Erase all of it, and call off what has not left."""
