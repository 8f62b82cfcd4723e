"""The address of a server or proxy, in the form in which Noon is told it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

HOST = "127.0.0.1"

Tls = Literal["starttls", "tls", "none"]


def smtp_url(port: int, user: str = "", password: str = "", tls: Tls = "starttls") -> str:
    """Returns the address of this port on loopback as `NOON_SMTP_URL` takes it.

    `starttls` is `smtp://…` (STARTTLS demanded), `tls` is `smtps://…`, `none` is clear text.
    """
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    scheme = "smtps" if tls == "tls" else "smtp"
    return f"{scheme}://{login}{HOST}:{port}{'?tls=none' if tls == 'none' else ''}"
