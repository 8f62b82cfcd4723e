"""The address of a mail provider, as `NOON_SMTP_URL` and `NOON_SMTP_FALLBACK_URL` write it.

`smtp://user:password@host:587` with STARTTLS, which is required, never only tried; `smtps://`
with TLS from the first byte (RFC 8314, 3.3); `?tls=none` in plain text, to this machine alone.
`?ca=FILE` names the certificates to trust instead of the system's. Errors never repeat what was
given, because a password with a sign out of place turns up in any part of it.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_ESCAPES = "special signs in user and password are written as %40 for @, %2F for /, %3F for ?"
_FORMS = "smtp://user:password@host:587, smtps://… or smtp://127.0.0.1:25?tls=none"


class Tls(StrEnum):
    """How the way to the provider is encrypted."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}


class BadProvider(ValueError):
    """A provider's address that cannot be used; the text says what to change."""


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
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse(url: SecretStr) -> Provider:
    """Return the provider that `url` names; raises `BadProvider`. No file is looked at."""
    parts = _split(url.get_secret_value())
    options = _options(parts.query)
    tls = _tls(parts.scheme, options.get("tls"))
    host = _host(parts)
    if tls is Tls.NONE and not _loopback(host):
        raise BadProvider("tls=none is for this machine alone (localhost, 127.0.0.1, [::1])")
    if tls is Tls.NONE and "ca" in options:
        raise BadProvider("ca has no meaning with tls=none")
    user, password = _credentials(parts)
    ca = Path(options["ca"]) if "ca" in options else None
    return Provider(host, _port(parts) or _PORTS[tls], tls, user, password, ca)


def _split(text: str) -> SplitResult:
    # Looked at first, because urlsplit drops line breaks silently.
    if not text.isascii() or not text.isprintable() or " " in text:
        raise BadProvider(f"must be plain ASCII without spaces; {_ESCAPES}")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise BadProvider(f"must look like {_FORMS}; {_ESCAPES}") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.netloc:
        raise BadProvider(f"must look like {_FORMS}")
    if parts.path not in ("", "/") or "#" in text:
        raise BadProvider(f"has something after host and port; {_ESCAPES}, %23 for #")
    return parts


def _options(query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for pair in query.split("&") if query else []:
        name, _, value = pair.partition("=")
        if name not in ("tls", "ca") or name in options or not value:
            raise BadProvider(f"may have one tls=none and one ca=FILE after the ?; {_ESCAPES}")
        options[name] = _plain(value)
    return options


def _tls(scheme: str, option: str | None) -> Tls:
    if option is None:
        return Tls.IMPLICIT if scheme == "smtps" else Tls.STARTTLS
    if option != "none" or scheme != "smtp":
        raise BadProvider("tls may only be none, and only with smtp://")
    return Tls.NONE


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if _NAME.fullmatch(host) is None and not _is_ip(host):
        raise BadProvider(f"names no host that could exist; {_ESCAPES}")
    return host


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise BadProvider(f"the port must be a number from 1 to 65535; {_ESCAPES}")
    return port


def _credentials(parts: SplitResult) -> tuple[str | None, SecretStr | None]:
    if parts.username is None and parts.password is None:
        return None, None
    if not parts.username or not parts.password:
        raise BadProvider("needs both user and password, or neither")
    return _plain(parts.username), SecretStr(_plain(parts.password))


def _plain(text: str) -> str:
    """Return `text` without percent forms; control characters could end a command."""
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadProvider("has percent forms that are not UTF-8") from None
    if not plain.isprintable():
        raise BadProvider("has control characters in percent form")
    return plain


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _loopback(host: str) -> bool:
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)
