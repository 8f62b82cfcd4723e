"""What a server offers and what it demands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

POSTFIX_SIZE = 10_240_000
"""Postfix's limit where nobody has set another one (`message_size_limit`)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The service extensions a server announces, who may use it, and its limits.

    Offered: `extended` (EHLO at all; without it only HELO is known), `size` (announced; None: not),
    `eight_bit`, `pipelining` (without it a client that does not wait for replies is cut off),
    `smtputf8`, `dsn`, `starttls`.

    Demanded: `users` are names and passwords (none: AUTH is not offered); `auth_required` refuses
    MAIL with 530 before a login; `auth_needs_tls` offers AUTH only inside TLS; `tls_required`
    refuses nearly everything with 530 outside it; `size_enforced` refuses what is larger.

    Limits, None or 0 for none: `connections` at a time and `messages_per_connection` (421),
    `recipients` of a message (452), `idle` seconds until a silent client is sent away (421),
    `greylist` seconds since the first try of a recipient (450 until then).
    """

    name: str = "mx.example.org"
    extended: bool = True
    size: int | None = POSTFIX_SIZE
    size_enforced: bool = True
    eight_bit: bool = True
    pipelining: bool = True
    smtputf8: bool = False
    dsn: bool = True
    starttls: bool = True
    users: Mapping[str, str] = field(default_factory=dict)
    auth_required: bool = False
    auth_needs_tls: bool = False
    tls_required: bool = False
    connections: int | None = None
    messages_per_connection: int | None = None
    recipients: int | None = None
    idle: float | None = None
    greylist: float = 0.0

    def extensions(self, *, in_tls: bool) -> tuple[str, ...]:
        """Returns the lines of the EHLO reply, the server's name first."""
        offered = {
            "PIPELINING": self.pipelining,
            f"SIZE {self.size}": self.size is not None,
            "STARTTLS": self.starttls and not in_tls,
            "AUTH PLAIN LOGIN": self.offers_auth(in_tls=in_tls),
            "ENHANCEDSTATUSCODES": True,
            "8BITMIME": self.eight_bit,
            "DSN": self.dsn,
            "SMTPUTF8": self.smtputf8,
        }
        return (self.name, *(line for line, here in offered.items() if here))

    def offers_auth(self, *, in_tls: bool) -> bool:
        """Returns whether a client may log in here."""
        return bool(self.users) and (in_tls or not self.auth_needs_tls)

    def too_big(self, octets: int) -> bool:
        """Returns whether a message of this size is refused."""
        return self.size_enforced and bool(self.size) and octets > (self.size or 0)
