"""The address at which people reach the web page: links in mails lead there."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp

from bot.commands.checkup.finding import Finding, fails, ok, warning
from bot.post.letters.occasion import Links
from bot.settings import BadSettings, Settings

SECONDS = 10.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Yield whether the address is fit for mails and answers."""
    parts = urlsplit(settings.address)
    here = parts.hostname in LOOPBACK
    try:
        Links(settings, b"")
    except BadSettings as bad:
        yield fails("web", "doctor.web.unfit", problem=bad)
    if here and settings.mail_providers:
        yield fails("web", "doctor.web.loopback", address=settings.address)
    elif parts.scheme != "https" and not here:
        yield fails("web", "doctor.web.plain", address=settings.address)
    yield await _answers(settings.address, here=here)


async def _answers(address: str, *, here: bool) -> Finding:
    """Return whether a Noon answers there. One that has not been started yet is no fault."""
    try:
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=not here) as session,
            session.get(f"{address}/healthz", allow_redirects=False) as answer,
        ):
            status, said = answer.status, await answer.content.read(64)
    except aiohttp.ClientConnectorCertificateError:
        return fails("web", "doctor.web.certificate", address=address)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        told = {"address": address, "error": type(error).__name__}
        return (warning if here else fails)("web", "doctor.web.unreachable", **told)
    if 300 <= status < 400:
        return fails("web", "doctor.web.redirects", address=address)
    if (status, said) != (200, b"alive"):
        return fails("web", "doctor.web.other", address=address, status=status)
    return ok("web", "doctor.web.ok", address=address)
