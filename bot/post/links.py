"""Signed links in mails: 22 characters that say which row they open, and that we made them.

Half of them is the row's own random id, half a signature for one purpose, so nothing has to be
stored and a link for one thing never opens another. The length is fixed: a header with it stays
under 78 characters, past which mail software would encode it (RFC 2047), and mails built once can
have it put in for each person.
"""

import re
import secrets
from base64 import urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac

HALF = 11
LENGTH = 2 * HALF

_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{LENGTH}}}")


class Purpose(StrEnum):
    """What a link opens.

    The id is the subscription's for `CONFIRM`, the incident's for the last two, else the contact's.
    """

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    MANAGE = "manage"
    INCIDENT = "incident"
    AGENCY = "agency"
    """Stops this Noon's mail to the agency; it stands in the foot of the notice itself."""


def new_id() -> str:
    """Return a random id of 64 bits, in 11 characters that may stand in an address."""
    return urlsafe_b64encode(secrets.token_bytes(8)).decode().rstrip("=")


def sealed(key: bytes, purpose: Purpose, identifier: str) -> str:
    """Return the link's 22 characters for the row `identifier`, made by `new_id`."""
    return identifier + _signature(key, purpose, identifier)


def opened(key: bytes, purpose: Purpose, token: str) -> str | None:
    """Return the row that `token` opens for `purpose`, or None where we did not make it."""
    if _TOKEN.fullmatch(token) is None:
        return None
    identifier, signature = token[:HALF], token[HALF:]
    genuine = compare_digest(signature, _signature(key, purpose, identifier))
    return identifier if genuine else None


def _signature(key: bytes, purpose: Purpose, identifier: str) -> str:
    digest = hmac(key, f"link\x1f{purpose}\x1f{identifier}".encode(), sha256).digest()
    return urlsafe_b64encode(digest[:8]).decode().rstrip("=")
