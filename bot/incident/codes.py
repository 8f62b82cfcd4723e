"""The six digits that prove a mailbox: made from the row that asked for them, kept nowhere."""

from datetime import timedelta
from hashlib import sha256
from hmac import new as hmac

DIGITS = 6
LIFE = timedelta(minutes=15)
"""How long a code works."""


def code(key: bytes, proof: str) -> str:
    """Return the six digits of the row `proof`, which only the holder of `key` can make."""
    digest = hmac(key, f"code\x1f{proof}".encode(), sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}}"
