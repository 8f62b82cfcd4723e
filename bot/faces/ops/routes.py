"""Every address of the operator's pages. All are read with GET and change nothing."""

import asyncio
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.faces.headers import SECURITY
from bot.faces.ops import letters
from bot.faces.ops.letters import Letter
from bot.faces.ops.loopback import LoopbackOnly
from bot.faces.ops.metrics import MEDIA_TYPE, exposition
from bot.faces.ops.snapshot import Circuits, Looking, Snapshot, no_circuits
from bot.faces.web import health
from bot.incident.counting import LOST, ON_ITS_WAY
from bot.logs import places
from bot.post.mail import captured
from bot.post.states import State
from bot.service import Noon
from bot.store.database import TROUBLE
from handlers.cases import Standing
from handlers.moments import BRUSSELS, both_times, moment
from handlers.words import words

PAGES = Path(__file__).parents[2] / "pages" / "operator"

_PAGE = {
    **SECURITY,
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
}
_LINKS_OPEN = "allow-popups allow-popups-to-escape-sandbox"
_LETTER = {
    **SECURITY,
    "cache-control": "no-store",
    "content-security-policy": (
        f"sandbox {_LINKS_OPEN}; default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
        " form-action 'none'; frame-ancestors 'self'"
    ),
    "x-frame-options": "SAMEORIGIN",
}
"""For a letter's HTML: no script, nothing fetched; its links open elsewhere."""

log = logging.getLogger(__name__)

_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


def app(noon: Noon, circuits: Circuits = no_circuits) -> Starlette:
    """Return the operator's pages; `circuits` tells of the mail providers of this process."""
    pages = _Pages(noon, circuits)
    return Starlette(
        routes=[
            Route("/", pages.overview),
            Route("/metrics", pages.metrics),
            Route("/incidents", pages.incidents),
            Route("/mail", pages.mail),
            Route("/mail/{name}.eml", pages.raw),
            Route("/mail/{name}.html", pages.html),
            Route("/mail/{name}", pages.letter),
            Route("/operator.css", _style),
            *health.routes(noon),
        ],
        middleware=[Middleware(LoopbackOnly)],
    )


class _Pages:
    def __init__(self, noon: Noon, circuits: Circuits) -> None:
        self._noon = noon
        self._circuits = circuits
        self._looking = Looking(noon)
        self._folder = letters.folder(noon.settings)
        self._templates = _environment()

    async def metrics(self, _: Request) -> Response:
        body = exposition(self._noon, await self._snapshot(), self._circuits())
        return Response(body, media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})

    async def overview(self, _: Request) -> Response:
        settings = self._noon.settings
        return self._page(
            "overview.html",
            seen=await self._snapshot(),
            circuits=list(self._circuits()),
            captured=not settings.mail_providers,
            states=_STATES,
        )

    async def incidents(self, _: Request) -> Response:
        seen = await self._snapshot()
        return self._page(
            "incidents.html",
            count=None if seen is None else seen.incidents,
            announced=self._noon.announced(self._noon.clock.now(), self._noon.settings.lang),
            forecast=self._noon.settings.incident_forecast,
            parts=_PARTS,
            about=self._about,
            part=_part,
        )

    def _about(self, deadline: str) -> str:
        """Return a deadline in words: its actions' code and its moment; its id if it is unknown."""
        desk = self._noon.almanac.desk
        calls = desk.facts.calls.values()
        found = next((one.deadlines[deadline] for one in calls if deadline in one.deadlines), None)
        if found is None:
            return deadline
        speech, zone = words(self._noon.settings.lang), ZoneInfo(desk.agency.zone)
        return f"{found.action}, {both_times(speech, found, zone)}"

    async def mail(self, _: Request) -> Response:
        kept = await asyncio.to_thread(captured, self._folder)
        return self._page(
            "mail.html", letters=kept, captured=not self._noon.settings.mail_providers
        )

    async def letter(self, request: Request) -> Response:
        return self._page("letter.html", letter=await self._found(request), linked=_linked)

    async def html(self, request: Request) -> Response:
        # Without a target a link would open inside the frame, where nothing may be framed.
        found = await self._found(request)
        return HTMLResponse(f'<base target="_blank">{found.html}', headers=_LETTER)

    async def raw(self, request: Request) -> Response:
        found = await self._found(request)
        headers = {
            "content-disposition": f'attachment; filename="{found.name}.eml"',
            "cache-control": "no-store",
        }
        return Response(found.raw, media_type="message/rfc822", headers={**SECURITY, **headers})

    async def _found(self, request: Request) -> Letter:
        name = request.path_params["name"]
        found = await asyncio.to_thread(letters.letter, self._folder, name)
        if found is None:
            raise HTTPException(404)
        return found

    async def _snapshot(self) -> Snapshot | None:
        try:
            return await self._looking.look()
        except (TimeoutError, *TROUBLE) as error:
            log.warning("the database could not be looked at: %s", places(error))
            return None

    def _page(self, template: str, **values: object) -> Response:
        speech = words(self._noon.settings.lang)
        desk = self._noon.almanac.desk
        zone = ZoneInfo(desk.agency.zone)
        page = self._templates.get_template(template).render(
            say=speech.say,
            language=speech.language,
            rehearsed=desk.rehearsed,
            now=moment(speech, self._noon.clock.now(), BRUSSELS, zone),
            told=lambda at: moment(speech, at, BRUSSELS, zone),
            length=_length,
            **values,
        )
        return HTMLResponse(page, headers=_PAGE)


_STATES: Mapping[str, tuple[State, ...]] = {
    "planned": (State.PLANNED,),
    "waiting": (State.DUE, State.SENDING, State.DEFERRED, State.UNKNOWN),
    "accepted": (State.ACCEPTED, State.DELIVERED, State.DELAYED),
    "bounced": (State.BOUNCED,),
    "dead": (State.REJECTED, State.EXPIRED),
    "person": (State.NEEDS_HUMAN,),
    "cancelled": (State.CANCELLED,),
}
"""The states as the overview counts them together."""


_PARTS: Mapping[str, tuple[Standing, ...]] = {
    "delivered": (Standing.DELIVERED,),
    "accepted": (Standing.ACCEPTED,),
    "way": tuple(sorted(ON_ITS_WAY)),
    "held": (Standing.HELD,),
    "lost": tuple(sorted(LOST)),
    "hand": (Standing.BY_HAND,),
    "captured": (Standing.CAPTURED,),
}
"""How notices stand as the page of incidents counts them together."""


def _part(standing: Standing) -> str:
    """Return the name of the part that a standing is counted in."""
    return next(name for name, members in _PARTS.items() if standing in members)


async def _style(_: Request) -> Response:
    return Response(_css(), media_type="text/css", headers=_PAGE)


def _css() -> str:
    return (PAGES / "operator.css").read_text(encoding="utf-8")


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _length(seconds: float) -> str:
    """Return a length of time as hours, minutes and seconds, without fractions."""
    return str(timedelta(seconds=max(0, int(seconds))))


def _linked(text: str) -> list[tuple[str, str]]:
    """Return `text` in pieces, each with the address it leads to or nothing."""
    pieces, end = [], 0
    for found in _ADDRESS.finditer(text):
        pieces += [(text[end : found.start()], ""), (found.group(), found.group())]
        end = found.end()
    return [*pieces, (text[end:], "")]
