"""All parts in their order; what one part stumbles over does not keep the next from its turn."""

import asyncio
from collections.abc import AsyncIterator, Callable

from dns.asyncresolver import Resolver

from bot.commands.checkup import dates, names, post, reach, store, telegram
from bot.commands.checkup.finding import Finding, fails
from bot.settings import Settings

PATIENCE = 90.0
"""Seconds that one part may take: a greeting alone may take half a minute."""

Part = Callable[[Settings], AsyncIterator[Finding]]


async def examine(settings: Settings, resolver: Resolver | None = None) -> AsyncIterator[Finding]:
    """Yield findings as they are made. `resolver` is asked for names; None: this machine's own."""

    def records(settings: Settings) -> AsyncIterator[Finding]:
        return names.examine(settings, resolver)

    parts: dict[str, Part] = {
        "settings": dates.settings,
        "data": store.folder,
        "database": store.database,
        "clock": dates.clock,
        "mail": post.providers,
        "dns": records,
        "bounces": post.bounces,
        "telegram": telegram.examine,
        "web": reach.examine,
    }
    for about, part in parts.items():
        for finding in await _made(about, part(settings)):
            yield finding


async def _made(about: str, findings: AsyncIterator[Finding]) -> list[Finding]:
    """Return what a part found, with a last word if it did not come to its end."""
    made: list[Finding] = []
    try:
        async with asyncio.timeout(PATIENCE):
            async for finding in findings:
                made.append(finding)
    except TimeoutError:
        made.append(fails(about, "doctor.too-slow", part=about))
    except Exception as error:
        made.append(fails(about, "doctor.broke", part=about, error=type(error).__name__))
    return made
