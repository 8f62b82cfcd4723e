"""From nothing to a session: connect, encrypt, greet, log in.

The provider's address says how it is encrypted, and that holds: where STARTTLS is not offered,
nothing more is said. There is no way from there to a login or a message in clear text.
"""

import asyncio
import ipaddress
import ssl

from aiosmtplib import SMTPResponseException

from bot.post.mail.line import Line
from bot.post.mail.login import log_in
from bot.post.mail.patience import Patience
from bot.post.mail.session import TROUBLE, Session
from bot.post.mail.stopped import Stopped, broken
from bot.post.outcomes import Break, Command, Reply
from bot.post.providers import Provider, Tls


async def context(provider: Provider) -> ssl.SSLContext | None:
    """Return what certificates are checked with, None for clear text; raises `Stopped`.

    Files are read in a thread; a file that cannot be read is a fault of ours.
    """
    if provider.tls is Tls.NONE:
        return None
    try:
        return await asyncio.to_thread(ssl.create_default_context, cafile=provider.ca)
    except OSError:
        raise Stopped(Command.TLS, Break.TLS_FAILED) from None


async def opened(
    provider: Provider, patience: Patience, name: str, trust: ssl.SSLContext | None
) -> Session:
    """Return a session that may take messages; raises `Stopped`.

    `name` is how this machine calls itself, `trust` what `context` returned.
    """
    if trust is None and provider.tls is not Tls.NONE:
        raise Stopped(Command.TLS, Break.TLS_FAILED)
    line = await _connected(provider, patience, trust)
    session = Session(line, patience)
    try:
        _look_where(line, provider)
        await session.expect(Command.GREETING)
        await session.greet(name)
        if trust is not None and provider.tls is Tls.STARTTLS:
            await _encrypt(session, provider, trust)
            await session.greet(name)
        if provider.user is not None and provider.password is not None:
            await log_in(session, provider.user, provider.password.get_secret_value())
    except BaseException:
        session.drop()
        raise
    return session


async def _connected(provider: Provider, patience: Patience, trust: ssl.SSLContext | None) -> Line:
    encrypted = provider.tls is Tls.IMPLICIT
    handshake = patience.tls if encrypted else None
    try:
        async with asyncio.timeout(patience.connect + (handshake or 0)):
            _, line = await asyncio.get_running_loop().create_connection(
                Line,
                provider.host,
                provider.port,
                ssl=trust if encrypted else None,
                ssl_handshake_timeout=handshake,
            )
    except TROUBLE as error:
        begun = Command.TLS if isinstance(error, ssl.SSLError) else Command.CONNECT
        raise Stopped(begun, broken(error)) from None
    return line


def stays_here(peer: object) -> bool:
    """Whether a connection's other end, as asyncio names it, is on this machine."""
    return isinstance(peer, tuple) and ipaddress.ip_address(peer[0]).is_loopback


def _look_where(line: Line, provider: Provider) -> None:
    """Clear text never leaves this machine, wherever a name may lead."""
    peer = line.transport.get_extra_info("peername") if line.transport is not None else None
    if provider.tls is Tls.NONE and not stays_here(peer):
        raise Stopped(Command.TLS, Break.TLS_FAILED)


async def _encrypt(session: Session, provider: Provider, trust: ssl.SSLContext) -> None:
    if "starttls" not in session.extensions:
        raise Stopped(Command.TLS, Break.TLS_FAILED)
    try:
        await session.line.start_tls(trust, provider.host, session.patience.tls)
    except SMTPResponseException as refusal:
        read = refusal.code > 0
        told = Reply(refusal.code, refusal.message) if read else Break.GARBAGE
        raise Stopped(Command.TLS, told) from None
    except TROUBLE as error:
        raise Stopped(Command.TLS, broken(error)) from None
    if not session.usable:
        # What came in clear behind the reply may not count as said inside TLS (RFC 3207, 4.2).
        raise Stopped(Command.TLS, Break.GARBAGE)
