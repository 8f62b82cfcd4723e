"""The settings themselves, and the clock they set."""

from collections.abc import AsyncIterator

from bot.clock import Clock
from bot.commands.checkup.finding import Finding, ok, warning
from bot.post import alarms
from bot.settings import Settings


async def settings(given: Settings) -> AsyncIterator[Finding]:
    """Yield whether the settings are complete; that they can be read is known by now."""
    yield ok("settings", "doctor.settings.ok")
    if not alarms.recipients(given):
        yield warning("settings", "doctor.settings.nobody")
    elif given.operator_chat is not None and given.telegram_token is None:
        yield warning("settings", "doctor.settings.chat-without-token")
    if given.mail_providers and given.controller is None:
        yield warning("settings", "doctor.settings.no-controller")


async def clock(given: Settings) -> AsyncIterator[Finding]:
    """Yield whether Noon goes by real time."""
    clock = Clock(given.now, given.now_rate)
    if clock.rehearsed:
        yield warning("clock", "doctor.clock.rehearsal", at=f"{clock.now():%Y-%m-%d %H:%M} UTC")
    else:
        yield ok("clock", "doctor.clock.ok", at=f"{clock.now():%Y-%m-%d %H:%M} UTC")
