"""What a client is asked to do, and what it then reports."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import aiosmtplib

from tests.smtp.server import SmtpServer
from tests.smtp.urls import HOST, Tls

State = Literal["closed", "usable", "spoilt"]
"""The connection afterwards: closed, good for another message, or open and good for nothing."""

SENDER = "noon@example.org"
RECIPIENT = "anna@example.org"


def mail(number: int = 1, text: str = "Sveiki") -> bytes:
    """Returns a message whose Message-ID has this number."""
    head = f"From: {SENDER}\r\nSubject: Test\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
    return f"{head}{text}\r\n".encode()


@dataclass(frozen=True, slots=True)
class Order:
    """What a client is to do: connect, log in if `user` is given, and send.

    With `once_more` a second message follows on the same connection, whatever became of the first.
    """

    port: int
    host: str = HOST
    ca_file: Path | None = None
    tls: Tls = "none"
    user: str = ""
    password: str = ""
    recipients: tuple[str, ...] = (RECIPIENT,)
    message: bytes = field(default_factory=mail)
    mail_options: tuple[str, ...] = ()
    rcpt_options: tuple[str, ...] = ()
    timeout: float = 10.0
    once_more: bool = False

    def context(self) -> ssl.SSLContext | None:
        """Returns a context that trusts `ca_file`, without one what the machine trusts."""
        if self.tls == "none":
            return None
        return ssl.create_default_context(cafile=self.ca_file)


def to(smtp: SmtpServer, tls: Tls = "none", **values: Any) -> Order:
    """Returns an order to send to this server; `values` are further fields."""
    place = {"port": smtp.tls_port if tls == "tls" else smtp.port, "tls": tls}
    trust = {} if tls == "none" else {"ca_file": smtp.ca_file}
    return Order(**place | trust | values)


@dataclass(slots=True)
class Outcome:
    """What a client reported.

    `error` is the exception (None: sent), `refused` the recipients left out of what was sent,
    `state` the connection afterwards, `leaving` the exception at the end (QUIT).
    """

    error: BaseException | None = None
    refused: dict[str, int] = field(default_factory=dict)
    state: State = "closed"
    leaving: BaseException | None = None

    @property
    def told(self) -> str:
        """The outcome in a few words: exception without SMTP, codes, state of the connection."""
        if self.error is not None:
            return f"{shown(self.error)}, {self.state}"
        spoilt = ", spoilt" if self.state == "spoilt" else ""
        return f"sent{spoilt}" + (f"; {shown(self.leaving)}" if self.leaving is not None else "")


def shown(error: BaseException | None) -> str:
    """Returns an exception's name without SMTP in front, and its codes."""
    name = type(error).__name__.removeprefix("SMTP")
    return " ".join([name, *map(str, codes(error))])


def codes(error: BaseException | None) -> list[int]:
    """Returns the reply codes in an exception of either library."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return [refused.code for refused in error.recipients]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    code = getattr(error, "code", getattr(error, "smtp_code", None))
    return [code] if isinstance(code, int) else []
