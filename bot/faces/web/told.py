"""What a form did, carried to the page that is shown after it, so that a reload sends nothing.

The words travel in the page's address, signed for one page and for a few minutes: nothing is kept
for it, and nobody can have a page say what we did not.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hmac import compare_digest

from bot.store.keys import sign

LASTS = 600
"""Seconds: whoever comes later sees the page without it."""


def sealed(key: bytes, page: str, text: str, now: datetime) -> str:
    """Return `text` as it may stand in the address of `page`."""
    told = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    at = str(int(now.timestamp()))
    return f"{at}.{told}.{sign(key, 'told', page, at, told)}"


def opened(key: bytes, page: str, value: str, now: datetime) -> str:
    """Return the text in `value`; empty for another page's, an old and a made-up one."""
    at, _, rest = value.partition(".")
    told, _, signature = rest.partition(".")
    genuine = sign(key, "told", page, at, told)
    if not compare_digest(signature.encode(), genuine.encode()):
        return ""
    if not 0 <= now.timestamp() - int(at) <= LASTS:
        return ""
    try:
        return urlsafe_b64decode(told + "=" * (-len(told) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
