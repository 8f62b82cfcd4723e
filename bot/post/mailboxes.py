"""The address of the mailbox that returned mail arrives in, as `NOON_BOUNCES` writes it.

`imaps://user:password@host[:port]/folder` with TLS from the first byte (RFC 8314, 3.2), INBOX where
no folder is named; `imap://` in plain text, to this machine alone. `?ca=FILE` names the
certificates to trust instead of the system's. Errors never repeat what was given.
"""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

_PORTS = {"imaps": 993, "imap": 143}
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_ESCAPES = "special signs in user and password are written as %40 for @, %2F for /, %3F for ?"
_FORM = "must look like imaps://user:password@host/folder"


class BadMailbox(ValueError):
    """A mailbox's address that cannot be used; the text says what to change."""


@dataclass(frozen=True)
class Mailbox:
    """A folder on an IMAP server; `str` names it without any secret."""

    host: str
    port: int
    tls: bool
    user: str
    password: SecretStr
    folder: str = "INBOX"
    ca: Path | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}/{self.folder}"


def parse(url: SecretStr) -> Mailbox:
    """Return the mailbox that `url` names; raises `BadMailbox`. No file is looked at."""
    parts = _split(url.get_secret_value())
    host = _host(parts)
    tls = parts.scheme == "imaps"
    ca = _ca(parts.query)
    if not tls and not _loopback(host):
        raise BadMailbox("needs imaps://: plain imap:// is for this machine alone (127.0.0.1)")
    if ca is not None and not tls:
        raise BadMailbox("ca has no meaning with imap://")
    if not parts.username or not parts.password:
        raise BadMailbox(f"needs user and password; {_ESCAPES}")
    user, password = _plain(parts.username), SecretStr(_plain(parts.password))
    folder = _plain(parts.path.removeprefix("/")) or "INBOX"
    if not folder.isascii():
        raise BadMailbox("the folder's name must be plain ASCII")
    return Mailbox(host, _port(parts), tls, user, password, folder, ca)


def _split(text: str) -> SplitResult:
    # Looked at first, because urlsplit drops line breaks silently.
    if not text.isascii() or not text.isprintable() or " " in text:
        raise BadMailbox(f"must be plain ASCII without spaces; {_ESCAPES}")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise BadMailbox(f"{_FORM}; {_ESCAPES}") from None
    if parts.scheme not in _PORTS or not parts.netloc:
        raise BadMailbox(_FORM)
    if "#" in text:
        raise BadMailbox(f"has something after the folder; {_ESCAPES}, %23 for #")
    return parts


def _ca(query: str) -> Path | None:
    name, _, value = query.partition("=")
    if query and (name != "ca" or not value or "&" in value):
        raise BadMailbox(f"may have one ca=FILE after the ?; {_ESCAPES}")
    return Path(_plain(value)) if value else None


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if _NAME.fullmatch(host) is None and not _is_ip(host):
        raise BadMailbox(f"names no host that could exist; {_ESCAPES}")
    return host


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise BadMailbox(f"the port must be a number from 1 to 65535; {_ESCAPES}")
    return port or _PORTS[parts.scheme]


def _plain(text: str) -> str:
    """Return `text` without percent forms; control characters could end a command."""
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadMailbox("has percent forms that are not UTF-8") from None
    if not plain.isprintable():
        raise BadMailbox("has control characters in percent form")
    return plain


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _loopback(host: str) -> bool:
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)
