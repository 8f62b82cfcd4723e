"""The page itself, and the pages that say why there is none."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.faces.headers import SECURITY
from bot.faces.web import exchange, visitor
from bot.faces.web.card import card
from bot.faces.web.exchange import Exchange
from bot.faces.web.limits import MOST_WITH_FILES
from bot.faces.web.overview import overview
from bot.faces.web.rendering import render
from bot.incident import announcing
from bot.logs import places
from bot.service import Noon
from bot.store import exchanges, notebooks
from handlers import steps, welcome
from handlers.incident import about
from handlers.moments import BRUSSELS, moment
from handlers.notebook import Notebook
from handlers.turn import Choice, Reply, Turn
from handlers.visit import Visit
from handlers.words import words
from rules.incident import Phase, window

FAILURE = "late-submission"
"""The topic of what to do when the form fails; letters lead to it."""

UNCACHED = {"cache-control": "no-store"}

_EXPLAINED = {403: "forbidden", 404: "not-found", 405: "method", 413: "too-large"}

log = logging.getLogger(__name__)


def _still_told(visit: Visit) -> str:
    """Return that the agency can still be told of a failure, while a window is open; or nothing."""
    agency = visit.desk.agency
    open_ = [window(one, agency) for one in about.pressing(visit.desk, visit.now)]
    during = [one.closes for one in open_ if one.phase(visit.now) is Phase.DURING]
    if not during:
        return ""
    closes = moment(visit.words, max(during), BRUSSELS, visit.desk.zone)
    return visit.say("web.still-told", agency=agency.short, closes=closes)


class Pages:
    """Answers with whole pages, in the language of whoever asks."""

    def __init__(self, noon: Noon) -> None:
        self.noon = noon
        self.cookie = visitor.Cookie(noon.settings.address)

    async def home(self, request: Request) -> Response:
        """Show the page: the guide that a link leads to, else the conversation's last exchange."""
        language, last = await self._met(request)
        topic = request.query_params.get("topic", "")
        if topic not in self.noon.almanac.desk.facts.topics:
            return HTMLResponse(await self.whole(language, last), headers=UNCACHED)
        # Whoever made the link knew in which language; a conversation may be in another.
        language = visitor.asked(request) or language
        shown = await self._linked(language, topic)
        return HTMLResponse(await self.whole(language, shown, topic=topic), headers=UNCACHED)

    async def _linked(self, language: str, topic: str) -> Exchange:
        visit = self.visit(language)
        replies = self._with_door(visit, topic, await steps.show(visit, topic))
        said = steps.title(visit, topic)
        return exchange.made(self.noon.key, visit.turn, said, replies, language)

    def _with_door(self, visit: Visit, topic: str, replies: list[Reply]) -> list[Reply]:
        """Return a guide with the way to a notice, which a page that is only looked at can lead to.

        A letter's link leads here, and the visit of somebody who only looks has nothing personal.
        """
        if topic != FAILURE or not replies:
            return replies
        door = Choice("incident:start", visit.say("welcome.door.incident"))
        first, *rest = replies
        return [replace(first, choices=(door, *first.choices)), *rest]

    async def whole(
        self, language: str, last: Exchange | None, draft: str = "", topic: str = ""
    ) -> str:
        """Return the page with an exchange, or with a greeting; `draft` is already typed in.

        `topic` is what the exchange is of where nobody asked for it: the first form that is sent
        from the page says so, because looking at a page notes nothing.
        """
        visit = self.visit(language)
        greeting = exchange.made(
            self.noon.key, visit.turn, "", await welcome.start(visit, ""), language
        )
        return render(
            "page.html",
            visit.words,
            exchange=last or greeting,
            is_greeting=last is None,
            draft=draft,
            topic=topic,
            overview=overview(visit),
            agency=visit.desk.agency,
            address=self.noon.settings.address,
            card=card(visit, self.captured),
            rehearsal=self.rehearsal(visit),
            announced=self.announced(visit),
            most_with_files=MOST_WITH_FILES,
            still_told=_still_told(visit),
        )

    @property
    def captured(self) -> bool:
        """Whether mail is only kept on this machine, because no mail server is set."""
        return not self.noon.settings.mail_providers

    def rehearsal(self, visit: Visit) -> str:
        """Return what is said of a clock that is not the real one; nothing where it is."""
        if not self.noon.clock.rehearsed:
            return ""
        local = visit.now.astimezone(visit.desk.zone)
        day, hour = visit.words.day(local), visit.words.clock(local)
        return visit.say("router.rehearsal", day=day, hour=hour)

    def announced(self, visit: Visit) -> list[str]:
        """Return what the operator tells everybody now, in the markup of replies."""
        found = self.noon.announced(visit.now, visit.words.language)
        return [announcing.said(one, visit.words, visit.desk) for one in found]

    async def refused(self, request: Request, error: Exception) -> Response:
        """Explain a request that is not answered: an address that is not there, a foreign form."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        return await self._explained(request, status, getattr(error, "headers", None) or {})

    async def failed(self, request: Request, error: Exception) -> Response:
        """Explain that something went wrong; the log has the places, not what people wrote."""
        log.error("a page failed: %s", places(error))
        return await self._explained(request, 500, {})

    async def explained(self, request: Request, error: HTTPException, kind: str) -> Response:
        """Explain by the words for `kind` why a request was not answered."""
        return await self._explained(request, error.status_code, error.headers or {}, kind)

    async def _explained(
        self, request: Request, status: int, headers: Mapping[str, str], kind: str = ""
    ) -> Response:
        language, _ = await self._met(request)
        desk = self.noon.almanac.desk
        kind = kind or _EXPLAINED.get(status, "failed")
        html = render("explained.html", words(language), kind=kind, page=desk.agency.contacts_page)
        return HTMLResponse(html, status, {**UNCACHED, **SECURITY, **headers})

    async def language(self, request: Request) -> str:
        """Return the language that the address asks for, else the conversation's.

        A page that only shows something must not be in another one than was chosen: what is
        pressed on it is said in the language that it is in.
        """
        asked = visitor.asked(request)
        if asked is not None:
            return asked
        language, _ = await self._met(request)
        return language

    async def _met(self, request: Request) -> tuple[str, Exchange | None]:
        """Return the page's language and the conversation's last exchange, if there is one."""
        told = visitor.language(request, self.noon.settings.lang)
        cookie = self.cookie.read(request)
        if cookie is None:
            return told, None
        try:
            stored, last = await self._remembered(self.noon.conversation("web", cookie))
        except (SQLAlchemyError, OSError) as error:
            log.error("a conversation could not be read: %s", places(error))
            return told, None
        return stored or told, last

    async def _remembered(self, conversation: str) -> tuple[str | None, Exchange | None]:
        async with self.noon.database.read() as connection:
            notes = (await notebooks.load(connection, [conversation]))[conversation]
            row = await exchanges.last(connection, conversation)
        return notes.language, exchange.kept(*row) if row else None

    def visit(self, language: str) -> Visit:
        """Return the visit of somebody who looks at a page."""
        turn = Turn("web", self.noon.clock.now())
        return Visit(turn, Notebook(), words(language), self.noon.almanac.desk)
