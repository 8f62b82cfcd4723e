"""Who asks, as far as a request tells: cookie, language, network, and whether it is our own form.

The cookie is 128 random bits and says nothing else. It is set when a person first sends something,
never by looking at the page.
"""

import re
import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from handlers.words import LANGUAGES

LASTS = 90 * 86_400
"""Seconds: as long as an idle conversation is kept (bot/store/retention.py)."""

_OURS = re.compile(r"[A-Za-z0-9_-]{22}")
_CODE = re.compile(r"[a-z]{2,3}")


class Cookie:
    """The one cookie, by the rules for the public address."""

    def __init__(self, public_url: str) -> None:
        self._secure = public_url.startswith("https:")
        self.name = "__Host-noon" if self._secure else "noon"

    def read(self, request: Request) -> str | None:
        """Return the cookie's value, or None where there is none that we could have made."""
        value = request.cookies.get(self.name, "")
        return value if _OURS.fullmatch(value) else None

    def set(self, response: Response, value: str) -> None:
        """Let the browser keep `value` for as long as the conversation is kept."""
        response.set_cookie(
            self.name,
            value,
            max_age=LASTS,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response) -> None:
        """Let the browser forget."""
        response.delete_cookie(
            self.name, path="/", secure=self._secure, httponly=True, samesite="lax"
        )


def new_value() -> str:
    """Return 128 random bits for a new cookie."""
    return secrets.token_urlsafe(16)


def language(request: Request, default: str) -> str:
    """Return the language that the address asks for, else the browser's, else `default`."""
    return asked(request) or preferred(request.headers.get("accept-language", "")) or default


def asked(request: Request) -> str | None:
    """Return the language that the address asks for, or None."""
    code = request.query_params.get("lang", "").lower()
    return code if code in LANGUAGES else None


def preferred(accepted: str) -> str | None:
    """Return which of our languages an Accept-Language header likes best.

    English for somebody who names only others, None where the header names none.
    """
    codes = _ranked(accepted)
    ours = [code for code in codes if code in LANGUAGES]
    return (ours or ["en"])[0] if codes else None


def _ranked(accepted: str) -> list[str]:
    weighed = []
    for part in accepted.split(","):
        tag, _, parameters = part.partition(";")
        code, weight = tag.strip().lower().partition("-")[0], _weight(parameters)
        if _CODE.fullmatch(code) and weight > 0:
            weighed.append((weight, code))
    return [code for _, code in sorted(weighed, key=lambda pair: -pair[0])]


def _weight(parameters: str) -> float:
    match = re.fullmatch(r"\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*", parameters)
    return float(match[1]) if match else float(not parameters.strip())


def network(request: Request) -> str:
    """Return the address that the request comes from, or nothing where there is none.

    A proxy on this machine says whom it speaks for in the last entry of X-Forwarded-For, which is
    the one it wrote itself; from anywhere else that header can be anything.
    """
    peer = request.client.host if request.client else ""
    if not _is_loopback(peer):
        return peer
    forwarded = request.headers.getlist("x-forwarded-for")
    last = ",".join(forwarded).rpartition(",")[2].strip()
    return last if _is_address(last) else peer


def _is_loopback(peer: str) -> bool:
    return _is_address(peer) and ip_address(peer).is_loopback


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_foreign(request: Request, public_url: str) -> bool:
    """Whether a form comes from another site's page.

    Sec-Fetch-Site decides where the browser sends it, else Origin; programs send neither, and have
    no cookie of anybody else's.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False
    ours = {request.headers.get("host", ""), urlsplit(public_url).netloc}
    return urlsplit(origin).netloc not in ours - {""}
