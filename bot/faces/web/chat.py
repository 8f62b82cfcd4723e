"""The chat: a form comes in, is answered and kept, and the page with the answer is shown.

The same form works alone (303 back to the page) and for the page's script, which asks for just the
new exchange.
"""

import logging
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.faces.web import exchange, forms, visitor
from bot.faces.web.exchange import LONGEST_LABEL, Exchange, Shown
from bot.faces.web.page import UNCACHED, Pages
from bot.faces.web.rendering import render
from bot.logs import places
from bot.service import Answered, Caller
from bot.store import exchanges
from handlers.router import LONGEST
from handlers.turn import Turn
from handlers.words import words

FRAGMENT = "x-noon"
"""The header by which the page's script asks for the exchange alone, and sees that it is one."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Said:
    """What was sent: a typed text, or a choice with the label that was pressed."""

    text: str = ""
    choice: str | None = None
    label: str = ""

    @property
    def said(self) -> str:
        """What is shown, and kept, as said; a text that is too long to be answered is neither."""
        if self.choice is not None:
            return self.label[:LONGEST_LABEL]
        return self.text if len(self.text) <= LONGEST else "…"


class Chat:
    """Answers what people send from the page."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._noon = pages.noon

    async def say(self, request: Request) -> Response:
        """Answer a form; raises starlette's HTTPException for one from another site."""
        if visitor.is_foreign(request, self._noon.settings.address):
            raise HTTPException(403)
        try:
            form = _said(await forms.read(request))
        except ClientDisconnect:
            return Response(status_code=400)
        cookie = self._pages.cookie.read(request) or visitor.new_value()
        language = visitor.language(request, self._noon.settings.lang)
        try:
            turn = self._turn(cookie, form, language)
            caller = Caller(turn.conversation, network=visitor.network(request))
            shown, language = await self._answered(turn, caller, form.said, language)
        except Exception as error:
            log.error("a turn on the web page failed: %s", places(error))
            return await self._failed(request, form, language)
        return await self._response(request, shown, language, cookie)

    def _turn(self, cookie: str, form: Said, language: str) -> Turn:
        return Turn(
            self._noon.conversation("web", cookie),
            self._noon.clock.now(),
            text=form.text,
            choice=form.choice,
            language=language,
        )

    async def _answered(
        self, turn: Turn, caller: Caller, said: str, language: str
    ) -> tuple[Exchange, str]:
        """Return the exchange and its language; it is kept in the transaction of the turn."""
        async with self._noon.answering(turn, caller) as answered:
            language = answered.notes.language or language
            shown = exchange.made(self._noon.key, turn, said, answered.replies, language)
            shown = exchange.after(await self._last(answered, turn), shown, turn.choice)
            # Every answered turn notes a language: without one, all was erased.
            if answered.notes.language is None:
                await exchanges.forget(answered.connection, turn.conversation)
                return shown.model_copy(update={"erased": True}), language
            await self._keep(answered, turn, shown)
        return shown, language

    async def _last(self, answered: Answered, turn: Turn) -> Exchange | None:
        row = await exchanges.last(answered.connection, turn.conversation)
        return exchange.kept(*row) if row else None

    async def _keep(self, answered: Answered, turn: Turn, shown: Exchange) -> None:
        await exchanges.keep(
            self._noon.database,
            answered.connection,
            turn.conversation,
            shown.said,
            shown.kept(),
            turn.now.timestamp(),
        )

    async def _response(
        self, request: Request, shown: Exchange, language: str, cookie: str
    ) -> Response:
        response: Response
        if _wants_fragment(request):
            response = _fragment(shown, language)
        elif shown.erased:
            response = HTMLResponse(await self._pages.whole(language, shown), headers=UNCACHED)
        else:
            response = RedirectResponse("/#answer", 303, UNCACHED)
        if shown.erased:
            self._pages.cookie.drop(response)
        else:
            self._pages.cookie.set(response, cookie)
        return response

    async def _failed(self, request: Request, form: Said, language: str) -> Response:
        page = self._noon.almanac.desk.agency.contacts_page
        text = words(language).say("router.failed", page=page)
        shown = Exchange(said=form.said, replies=(Shown(text=text),))
        if _wants_fragment(request):
            return _fragment(shown, language, 500)
        html = await self._pages.whole(language, shown, draft=form.text)
        return HTMLResponse(html, 500, UNCACHED)


def _said(form: forms.Form) -> Said:
    choice = form.one("choice") or None
    text = "" if choice else form.one("text")
    return Said(text.strip(), choice, form.one("label"))


def _wants_fragment(request: Request) -> bool:
    return request.headers.get(FRAGMENT) == "fragment"


def _fragment(shown: Exchange, language: str, status: int = 200) -> Response:
    html = render("exchange.html", words(language), exchange=shown)
    headers = {**UNCACHED, FRAGMENT: "fragment", "content-language": language}
    return HTMLResponse(html, status, headers)
