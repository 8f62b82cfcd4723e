"""The address of the mailbox that returned mail arrives in, as `NOON_BOUNCES` writes it.

`imaps://user:password@host[:port]/folder` with TLS from the first byte (RFC 8314, 3.2), INBOX where
no folder is named; `imap://` in plain text, to this machine alone. `?ca=FILE` names the
certificates to trust instead of the system's. Errors never repeat what was given.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.post import server_url
from bot.post.server_url import ESCAPES, BadServerUrl, is_loopback

_PORTS = {"imaps": 993, "imap": 143}
_FORM = "imaps://user:password@host/folder"


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
        return f"{server_url.shown(self.host, self.port)}/{self.folder}"


def parse(url: SecretStr) -> Mailbox:
    """Return the mailbox that `url` names; raises `BadServerUrl`. No file is looked at."""
    parts = server_url.split(url, _PORTS, _FORM)
    options = server_url.options(parts.query, ("ca",), "may have one ca=FILE after the ?")
    tls, host = parts.scheme == "imaps", server_url.host(parts)
    if not tls and not is_loopback(host):
        raise BadServerUrl("needs imaps://: plain imap:// is for this machine alone (127.0.0.1)")
    if options and not tls:
        raise BadServerUrl("ca has no meaning with imap://")
    known = server_url.credentials(parts)
    if known is None:
        raise BadServerUrl(f"needs user and password; {ESCAPES}")
    folder = server_url.plain(parts.path.removeprefix("/")) or "INBOX"
    if not folder.isascii():
        raise BadServerUrl("the folder's name must be plain ASCII")
    port = server_url.port(parts) or _PORTS[parts.scheme]
    ca = Path(options["ca"]) if options else None
    return Mailbox(host, port, tls, *known, folder, ca)
