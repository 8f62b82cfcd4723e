"""The mail providers, tried without sending anything, and the mailbox of returned mail."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType

from bot.commands.checkup.finding import Finding, fails, ok, warning
from bot.post import mail as mailing
from bot.post import mailboxes
from bot.post.bounces import imap
from bot.post.mail import Step
from bot.post.providers import Provider, Tls
from bot.post.server_url import BadServerUrl
from bot.settings import Settings

_WELL: Mapping[Step, str] = MappingProxyType(
    {
        Step.CONNECTION: "doctor.mail.connection.ok",
        Step.ENCRYPTION: "doctor.mail.encryption.ok",
        Step.LOGIN: "doctor.mail.login.ok",
        Step.SENDER: "doctor.mail.sender.ok",
    }
)
_ILL: Mapping[Step, str] = MappingProxyType(
    {
        Step.CONNECTION: "doctor.mail.connection.fails",
        Step.ENCRYPTION: "doctor.mail.encryption.fails",
        Step.LOGIN: "doctor.mail.login.fails",
        Step.SENDER: "doctor.mail.sender.fails",
    }
)


async def providers(settings: Settings) -> AsyncIterator[Finding]:
    """Yield what every provider says to a connection, a login and our sender."""
    if not settings.mail_providers:
        yield warning("mail", "doctor.mail.captured")
    for provider in settings.mail_providers:
        if provider.tls is Tls.NONE:
            yield warning("mail", "doctor.mail.plain", provider=provider)
        name = settings.sender.rpartition("@")[2]
        for finding in await mailing.probe(provider, settings.sender, name):
            yield _told(provider, finding)


def _told(provider: Provider, finding: mailing.Finding) -> Finding:
    if not finding.well:
        return fails("mail", _ILL[finding.step], provider=provider, words=finding.words)
    words = f" ({finding.words})" if finding.words else ""
    return ok("mail", _WELL[finding.step], provider=provider, words=words)


async def bounces(settings: Settings) -> AsyncIterator[Finding]:
    """Yield whether the mailbox of returned mail can be read."""
    if settings.bounces is None:
        if settings.mail_providers:
            yield warning("bounces", "doctor.bounces.none")
        return
    try:
        mailbox = mailboxes.parse(settings.bounces)
    except BadServerUrl as bad:
        yield fails("bounces", "doctor.bounces.bad", problem=bad)
        return
    try:
        # Marking nothing as done connects, logs in and opens the folder.
        await asyncio.to_thread(imap.done, mailbox, "", ())
    except imap.Unreadable as trouble:
        yield fails("bounces", "doctor.bounces.fails", host=mailbox.host, error=trouble)
    else:
        yield ok("bounces", "doctor.bounces.ok", host=mailbox.host)
