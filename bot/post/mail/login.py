"""Logging in to a mail server (RFC 4954), and keeping the password out of what is told of it."""

from base64 import b64encode

from aiosmtplib import SMTPAuthenticationError
from aiosmtplib.auth import auth_crammd5_verify, auth_login_encode, auth_plain_encode

from bot.post.mail.session import Session
from bot.post.mail.stopped import Stopped
from bot.post.outcomes import Break, Command, Reply
from bot.post.providers import Provider
from bot.post.settling import LONGEST_ANSWER

_CHALLENGE = 334
_NO_WAY = Reply(504, "5.5.4 the server offers no way to log in that Noon knows")
_HIDDEN = "•••"


async def log_in(session: Session, user: str, password: str) -> None:
    """Log in by one way that is offered; raises `Stopped`.

    A wrong password is tried once only: servers lock out who tries on.
    """
    offered = session.ways_to_log_in
    if "plain" in offered:
        await _answered(session, b"AUTH PLAIN " + auth_plain_encode(user, password))
    elif "login" in offered:
        name, secret = auth_login_encode(user, password)
        await _answered(session, b"AUTH LOGIN", name, secret)
    elif "cram-md5" in offered:
        asked = await session.ask(Command.AUTH, b"AUTH CRAM-MD5")
        await _answered(session, _proof(user, password, asked.text))
    else:
        raise Stopped(Command.AUTH, _NO_WAY)


async def _answered(session: Session, *lines: bytes) -> None:
    """Say the lines of a login one after another; each but the last is answered with 334."""
    for place, line in enumerate(lines, 1):
        reply = await session.ask(Command.AUTH, line)
        if (reply.code == _CHALLENGE) == (place == len(lines)):
            raise Stopped(Command.AUTH, Break.GARBAGE)


def _proof(user: str, password: str, challenge: str) -> bytes:
    try:
        return auth_crammd5_verify(user, password, challenge)
    except SMTPAuthenticationError:
        raise Stopped(Command.AUTH, Break.GARBAGE) from None


def without_secrets(provider: Provider, words: str) -> str:
    """Return what a server said, shortened, without our login in any form it may have repeated."""
    if provider.user is not None and provider.password is not None:
        password = provider.password.get_secret_value()
        encoded = (auth_plain_encode(provider.user, password), b64encode(password.encode()))
        for secret in (*(form.decode() for form in encoded), password):
            words = words.replace(secret, _HIDDEN)
    return words[:LONGEST_ANSWER]
