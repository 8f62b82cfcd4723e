"""The address of a mail provider, as `NOON_SMTP_URL` and `NOON_SMTP_FALLBACK_URL` write it.

`smtp://user:password@host:587` with STARTTLS, which is required, never only tried; `smtps://`
with TLS from the first byte (RFC 8314, 3.3); `?tls=none` in plain text, to this machine alone.
`?ca=FILE` names the certificates to trust instead of the system's. Errors never repeat what was
given, because a password with a sign out of place turns up in any part of it.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from bot.post import server_url
from bot.post.server_url import ESCAPES, BadServerUrl, is_loopback

_FORMS = "smtp://user:password@host:587, smtps://… or smtp://127.0.0.1:25?tls=none"
_OPTIONS = "may have one tls=none and one ca=FILE after the ?"


class Tls(StrEnum):
    """How the way to the provider is encrypted."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}


@dataclass(frozen=True)
class Provider:
    """One mail provider; `str` names it without any secret."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: SecretStr | None = None
    ca: Path | None = None

    def __str__(self) -> str:
        return server_url.shown(self.host, self.port)


def parse(url: SecretStr) -> Provider:
    """Return the provider that `url` names; raises `BadServerUrl`. No file is looked at."""
    parts = server_url.split(url, ("smtp", "smtps"), _FORMS)
    if parts.path not in ("", "/"):
        raise BadServerUrl(f"has something after host and port; {ESCAPES}")
    options = server_url.options(parts.query, ("tls", "ca"), _OPTIONS)
    tls, host = _tls(parts.scheme, options.get("tls")), server_url.host(parts)
    if tls is Tls.NONE and not is_loopback(host):
        raise BadServerUrl("tls=none is for this machine alone (localhost, 127.0.0.1, [::1])")
    if tls is Tls.NONE and "ca" in options:
        raise BadServerUrl("ca has no meaning with tls=none")
    user, password = server_url.credentials(parts) or (None, None)
    ca = Path(options["ca"]) if "ca" in options else None
    return Provider(host, server_url.port(parts) or _PORTS[tls], tls, user, password, ca)


def _tls(scheme: str, option: str | None) -> Tls:
    if option is None:
        return Tls.IMPLICIT if scheme == "smtps" else Tls.STARTTLS
    if option != "none" or scheme != "smtp":
        raise BadServerUrl("tls may only be none, and only with smtp://")
    return Tls.NONE
