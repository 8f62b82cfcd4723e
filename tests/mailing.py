"""What tests of the mail carrier share: messages, providers, and a carrier that is closed after."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from bot.clock import Clock
from bot.post.kinds import Kind
from bot.post.mail import MailCarrier
from bot.post.mail.patience import ORDINARY, Patience
from bot.post.outbox import Claimed
from bot.post.providers import Provider, parse
from tests.smtp import Policy, SmtpServer
from tests.smtp.urls import Tls, smtp_url

NOON = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
USER, PASSWORD = "noon", "p@ss wörd/1"
USERS = Policy(users={USER: PASSWORD}, auth_required=True)
ADDRESS = "anna@example.org"
SENDER = "bounces@noon.example.org"
NAME = "noon.example.org"
SOON = 0.4
"""Seconds: a wait that a test sits out."""


def claimed(number: int = 1, address: str = ADDRESS, **changes: Any) -> Claimed:
    """Returns a claimed reminder with this number; `changes` are further fields."""
    usual: dict[str, Any] = {"fence": 1, "kind": Kind.REMINDER, "channel": "mail", "content": {}}
    usual |= {"contact": "", "deadline": "", "due_at": NOON, "not_after": NOON.replace(year=2027)}
    usual |= dict.fromkeys(("attempts", "repeats", "silences", "provider"), 0)
    usual |= {"last_verdict": "", "message_id": "", "first_at": None, "frozen": None}
    return Claimed(**usual | {"id": f"{number:032x}", "address": address} | changes)


def letter(number: int = 1, text: str = "Sveiki", **headers: str) -> bytes:
    """Returns a whole mail in CRLF; `headers` come behind the usual ones."""
    usual = {"From": SENDER, "To": ADDRESS, "Subject": "Test", "Message-ID": f"<{number}@x.org>"}
    lines = [f"{name}: {value}" for name, value in (usual | headers).items()]
    return "\r\n".join([*lines, "", text, ""]).encode()


def provider(smtp: SmtpServer, tls: Tls = "starttls", port: int = 0, user: str = USER) -> Provider:
    """Returns the server as Noon is told it, with a login where it has users.

    `port` is another port on this machine that leads to it.
    """
    password = smtp.policy.users.get(user, PASSWORD)
    login = (user, password) if smtp.policy.users else ("", "")
    own = smtp.tls_port if tls == "tls" else smtp.port
    url = smtp_url(port or own, *login, tls)
    return parse(SecretStr(url if tls == "none" else f"{url}?ca={smtp.ca_file}"))


def waiting(**seconds: float) -> Callable[[Kind], Patience]:
    """Returns the patience of a test: as in earnest, but for what is given."""
    changed = replace(ORDINARY, **seconds)
    return lambda kind: changed


@dataclass
class Trouble:
    """What a carrier told of its providers."""

    told: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, provider: Provider, what: str) -> None:
        """Takes it down."""
        self.told.append((str(provider), what))


@asynccontextmanager
async def carrying(*providers: Provider, **options: Any) -> AsyncIterator[MailCarrier]:
    """Gives a carrier with these providers and closes it; `options` are the carrier's."""
    usual: dict[str, Any] = {"sender": lambda message: SENDER, "connections": 8, "name": NAME}
    usual |= {"clock": Clock(NOON), "on_trouble": Trouble()}
    carrier = MailCarrier(providers, **usual | options)
    try:
        yield carrier
    finally:
        await carrier.close()
