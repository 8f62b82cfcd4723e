"""The address of a server with user and password, as settings write it; read strictly.

Errors never repeat what was given, because a password with a sign out of place turns up in any
part of it.
"""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

ESCAPES = "special signs in user and password are written as %40 for @, %2F for /, %3F for ?"

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")


class BadServerUrl(ValueError):
    """An address that cannot be used; the text says what to change."""


def split(url: SecretStr, schemes: Collection[str], forms: str) -> SplitResult:
    """Return the parts of `url`; `forms` is told where it is none of `schemes`."""
    text = url.get_secret_value()
    # Looked at first, because urlsplit drops line breaks silently.
    if not text.isascii() or not text.isprintable() or " " in text:
        raise BadServerUrl(f"must be plain ASCII without spaces; {ESCAPES}")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise BadServerUrl(f"must look like {forms}; {ESCAPES}") from None
    if parts.scheme not in schemes or not parts.netloc:
        raise BadServerUrl(f"must look like {forms}")
    if "#" in text:
        raise BadServerUrl(f"has something after its end; {ESCAPES}, %23 for #")
    return parts


def options(query: str, known: Collection[str], told: str) -> dict[str, str]:
    """Return what stands after the question mark; `told` says what may."""
    found: dict[str, str] = {}
    for pair in query.split("&") if query else []:
        name, _, value = pair.partition("=")
        if name not in known or name in found or not value:
            raise BadServerUrl(f"{told}; {ESCAPES}")
        found[name] = plain(value)
    return found


def host(parts: SplitResult) -> str:
    """Return the name or number of the machine."""
    name = parts.hostname or ""
    if _NAME.fullmatch(name) is None and not _is_ip(name):
        raise BadServerUrl(f"names no host that could exist; {ESCAPES}")
    return name


def port(parts: SplitResult) -> int | None:
    """Return the port, or None where none is given."""
    try:
        number = parts.port
    except ValueError:
        number = 0
    if number == 0:
        raise BadServerUrl(f"the port must be a number from 1 to 65535; {ESCAPES}")
    return number


def credentials(parts: SplitResult) -> tuple[str, SecretStr] | None:
    """Return user and password, or None where neither is given."""
    if parts.username is None and parts.password is None:
        return None
    if not parts.username or not parts.password:
        raise BadServerUrl("needs both user and password, or neither")
    return plain(parts.username), SecretStr(plain(parts.password))


def plain(text: str) -> str:
    """Return `text` without percent forms; control characters could end a command."""
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadServerUrl("has percent forms that are not UTF-8") from None
    if not decoded.isprintable():
        raise BadServerUrl("has control characters in percent form")
    return decoded


def shown(name: str, number: int) -> str:
    """Return host and port as people write them."""
    return f"[{name}]:{number}" if ":" in name else f"{name}:{number}"


def is_loopback(name: str) -> bool:
    """Whether `name` can only be this machine."""
    return name == "localhost" or (_is_ip(name) and ipaddress.ip_address(name).is_loopback)


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
