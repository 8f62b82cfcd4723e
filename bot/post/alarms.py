"""Warnings to the operator: planned like any other message, so none is lost and none comes twice.

The words are `alarm.<message>.title` and `alarm.<message>.text`: what happened, what to do now.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.post import content, outbox
from bot.post.kinds import Kind
from bot.post.outbox import Planned
from bot.settings import Settings
from bot.store.database import Database
from handlers.ledger import MAIL, TELEGRAM
from rules.loader import load

NEWS_FOR = timedelta(hours=24)
"""How long a warning is worth sending."""

MESSAGES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "run-too-large": frozenset({"deadline", "lead", "messages", "hours", "rate"}),
        "provider-trouble": frozenset({"provider", "what"}),
        "incident-bounced": frozenset(),
        "incident-needs-person": frozenset(),
        "needs-person": frozenset({"kind", "number", "name"}),
        "queue-stuck": frozenset({"kind", "minutes"}),
        "canary-lost": frozenset(),
        "telegram-refused": frozenset(),
        "bounces-unreadable": frozenset(),
        "dates-older": frozenset(),
        "incidents-many": frozenset({"number", "forecast"}),
        "incident-held": frozenset({"number"}),
        "incident-form-twice": frozenset({"id"}),
        "codes-abnormal": frozenset({"number"}),
        "incident-unsent": frozenset({"minutes", "left"}),
        "incident-stopped": frozenset(),
        "incident-unsure": frozenset(),
        "incident-refused": frozenset(),
        "agency-stopped": frozenset({"id"}),
    }
)
"""Every message with the values its words need; more may be given."""

_NOTHING: Mapping[str, str] = MappingProxyType({})

log = logging.getLogger(__name__)


async def warn(
    database: Database,
    connection: AsyncConnection,
    settings: Settings,
    now: datetime,
    message: str,
    once: str,
    values: Mapping[str, str] = _NOTHING,
) -> None:
    """Plan a warning in the caller's transaction, once for each `once`, on every channel set.

    Values may name no person. Where no channel is set, the log is all there is.
    """
    channels = recipients(settings)
    if not channels:
        log.error("%s, and nobody is set to be warned (NOON_OPERATOR_EMAIL, _CHAT)", message)
        return
    zone = await asyncio.to_thread(_zone, settings.agency)
    told = content.Alarm(
        language=settings.lang, zone=zone, message=message, values=dict(values), at=now
    )
    await outbox.plan(
        database,
        connection,
        [
            Planned(
                key(once, channel),
                Kind.ALARM,
                channel,
                address,
                told.model_dump(mode="json"),
                now,
                now + NEWS_FOR,
            )
            for channel, address in channels.items()
        ],
    )


def key(once: str, channel: str) -> str:
    """Return the outbox key of a warning."""
    return f"alarm:{once}:{channel}"


def keys(once: str) -> list[str]:
    """Return the outbox keys that a warning may have."""
    return [key(once, channel) for channel in (MAIL, TELEGRAM)]


def recipients(settings: Settings) -> dict[str, str]:
    """Return the operator's address on each channel that is set and can be used."""
    found = {}
    if settings.operator_email is not None:
        found[MAIL] = settings.operator_email
    if settings.operator_chat is not None and settings.telegram_token is not None:
        found[TELEGRAM] = str(settings.operator_chat)
    return found


@cache
def _zone(agency: str) -> str:
    """Return the agency's zone; it reads files, once."""
    return load().agencies.agencies[agency].zone
