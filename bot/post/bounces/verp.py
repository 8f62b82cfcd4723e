"""The envelope sender that tells which message came back (VERP), signed so that nobody makes one.

`noon+b<12 of the outbox id><16 of a signature>@example.org`: 30 signs more than the sender has. A
sender whose local part would grow over 64 (RFC 5321, 4.5.3.1.1) stays as it is; what comes back is
then known by its Message-ID.
"""

import re
from collections.abc import Iterable
from hmac import compare_digest

from bot.post.outbox import Claimed
from bot.settings import Settings
from bot.store import keys
from rules.addresses import LONGEST_LOCAL

ID_LENGTH = 12
_TAG = re.compile(r"(.+)\+b([^+@]*)@(.+)")


class Forged(ValueError):
    """An address that looks like one of ours and is none."""


def envelope_sender(settings: Settings, key: bytes, claimed: Claimed) -> str:
    """Return the address that a report about `claimed` is to come to."""
    local, _, domain = settings.sender.rpartition("@")
    beginning = claimed.id[:ID_LENGTH]
    tagged = f"{local}+b{beginning}{_seal(key, beginning)}"
    if settings.bounces is None or len(tagged) > LONGEST_LOCAL:
        return settings.sender
    return f"{tagged}@{domain}"


def returned_to(sender: str, key: bytes, addresses: Iterable[str]) -> str | None:
    """Return the beginning of the outbox id that one of `addresses` names, or None if none does.

    Servers may write it in capitals. Raises `Forged`.
    """
    for address in addresses:
        match = _TAG.fullmatch(address.casefold())
        if match is not None and f"{match[1]}@{match[3]}" == sender.casefold():
            return _opened(key, match[2])
    return None


def _opened(key: bytes, tag: str) -> str:
    beginning, seal = tag[:ID_LENGTH], tag[ID_LENGTH:]
    if not tag.isascii() or not compare_digest(seal, _seal(key, beginning)):
        raise Forged("not sealed by us")
    return beginning


def _seal(key: bytes, beginning: str) -> str:
    return keys.sign(key, "bounce", beginning, length=16)
