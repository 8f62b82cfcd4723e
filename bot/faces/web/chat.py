"""The chat: a form comes in, is answered and kept, and the page with the answer is shown.

The same form works alone (303 back to the page) and for the page's script, which asks for just the
new exchange.
"""

import logging
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.faces.web import exchange, uploads, visitor
from bot.faces.web.exchange import LONGEST_LABEL, Exchange, Shown
from bot.faces.web.page import UNCACHED, Pages
from bot.faces.web.rendering import render
from bot.faces.web.uploads import Brought, Uploads
from bot.logs import places
from bot.service import Answered, Caller
from bot.store import exchanges
from handlers.router import LONGEST
from handlers.turn import Turn
from handlers.words import words

FRAGMENT = "x-noon"
"""The header by which the page's script asks for the exchange alone, and sees that it is one."""

_NOT_TAKEN = {
    uploads.TooLarge: "files-too-large",
    uploads.Busy: "files-busy",
    uploads.Broken: "files-broken",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Said:
    """What was sent: a typed text, or a choice with the label that was pressed; and files.

    `topic` is what a link had the page show before anything was sent.
    """

    text: str = ""
    choice: str | None = None
    label: str = ""
    files: int = 0
    topic: str = ""

    def said(self, language: str) -> str:
        """Return what is shown, and kept, as said.

        A text that is too long to be answered is not; of files only how many there were.
        """
        if self.choice is not None:
            return self.label[:LONGEST_LABEL]
        text = self.text if len(self.text) <= LONGEST else "…"
        files = words(language).say("web.files.sent", n=self.files) if self.files else ""
        return f"{text} ({files})" if text and files else text or files


class Chat:
    """Answers what people send from the page."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._noon = pages.noon
        self._uploads = Uploads(pages.noon)

    async def say(self, request: Request) -> Response:
        """Answer a form; raises starlette's HTTPException for one from another site."""
        if visitor.is_foreign(request, self._noon.settings.address):
            raise HTTPException(403)
        known = self._pages.cookie.read(request)
        cookie = known or visitor.new_value()
        language = visitor.language(request, self._noon.settings.lang)
        try:
            asked = self._noon.conversation("web", known) if known else None
            async with self._uploads.brought(request, asked) as brought:
                return await self._said(request, brought, cookie, language)
        except ClientDisconnect:
            return Response(status_code=400)
        except (uploads.TooLarge, uploads.Busy, uploads.Broken) as refusal:
            return await self._not_taken(request, refusal, language)

    async def _said(
        self, request: Request, brought: Brought, cookie: str, language: str
    ) -> Response:
        form = _said(brought)
        try:
            turn = self._turn(cookie, form, brought, language)
            caller = Caller(turn.conversation, network=visitor.network(request), later=True)
            shown, language = await self._answered(turn, caller, form, language)
        except Exception as error:
            log.error("a turn on the web page failed: %s", places(error))
            return await self._failed(request, form, language)
        return await self._response(request, shown, language, cookie)

    def _turn(self, cookie: str, form: Said, brought: Brought, language: str) -> Turn:
        return Turn(
            self._noon.conversation("web", cookie),
            self._noon.clock.now(),
            text=form.text,
            choice=form.choice,
            language=language,
            attachments=brought.named,
            uploads=brought.found,
            looked_at=form.topic,
        )

    async def _answered(
        self, turn: Turn, caller: Caller, form: Said, language: str
    ) -> tuple[Exchange, str]:
        """Return the exchange and its language; it is kept in the transaction of the turn."""
        async with self._noon.answering(turn, caller) as answered:
            language = answered.notes.language or language
            said = form.said(language)
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
        shown = Exchange(said=form.said(language), replies=(Shown(text=text),))
        if _wants_fragment(request):
            return _fragment(shown, language, 500)
        html = await self._pages.whole(language, shown, draft=form.text)
        return HTMLResponse(html, 500, UNCACHED)

    async def _not_taken(self, request: Request, refusal: HTTPException, language: str) -> Response:
        """Say that files were not received; the page's script shows it where it stands."""
        kind = _NOT_TAKEN[type(refusal)]
        if not _wants_fragment(request):
            return await self._pages.explained(request, refusal, kind)
        said = words(language)
        # A reply takes files after one that was not received, as it did before.
        told = Shown(text=said.say(f"web.{kind}"), takes_files=True)
        answer = _fragment(Exchange(said="", replies=(told,)), language, refusal.status_code)
        answer.headers.update(refusal.headers or {})
        return answer


def _said(brought: Brought) -> Said:
    form = brought.form
    choice = form.one("choice") or None
    text = "" if choice else form.one("text")
    return Said(text.strip(), choice, form.one("label"), len(brought.named), form.one("topic"))


def _wants_fragment(request: Request) -> bool:
    return request.headers.get(FRAGMENT) == "fragment"


def _fragment(shown: Exchange, language: str, status: int = 200) -> Response:
    html = render("exchange.html", words(language), exchange=shown, topic="")
    headers = {**UNCACHED, FRAGMENT: "fragment", "content-language": language}
    return HTMLResponse(html, status, headers)
