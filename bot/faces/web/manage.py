"""The page behind the link in every mail: all that is held of a mailbox, and all that can be done.

The link proves the mailbox. Looking changes nothing; every act is a button that posts.
"""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.faces.web import forms, notes, own, told
from bot.faces.web.forms import Form
from bot.faces.web.mailed import DONE, again, opened, refuse_foreign, spoken
from bot.faces.web.notes import PERSONAL
from bot.faces.web.own import Typed
from bot.faces.web.page import Pages
from bot.faces.web.rendering import render
from bot.post.ledger import ContactLedger
from bot.post.links import Purpose
from handlers import holdings
from handlers.reminders import acting
from handlers.reminders.reading import Unreadable
from handlers.turn import Attachment
from handlers.visit import Visit


class Manage:
    """Shows and changes what is held of a mailbox."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._noon = pages.noon

    async def show(self, request: Request) -> Response:
        """Show the page; a deadline named in the address comes first."""
        contact = opened(self._pages, request, Purpose.MANAGE)
        if contact is None:
            return notes.bad_link(self._pages, spoken(self._pages, request))
        async with self._noon.database.read() as connection:
            ledger = ContactLedger(self._noon.books(connection), contact)
            if not await ledger.known():
                return notes.old_link(self._pages, spoken(self._pages, request))
            return await self._page(request, ledger, Typed())

    async def act(self, request: Request) -> Response:
        """Do what the pressed button says, and lead to the page that says what was done.

        A change that cannot be read is shown again as it was sent. Raises HTTPException 403 for a
        foreign form.
        """
        refuse_foreign(self._pages, request)
        contact = opened(self._pages, request, Purpose.MANAGE)
        if contact is None:
            return notes.bad_link(self._pages, spoken(self._pages, request))
        try:
            form = await forms.read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        async with self._noon.database.write() as connection:
            ledger = ContactLedger(self._noon.books(connection), contact)
            if not await ledger.known():
                return notes.old_link(self._pages, spoken(self._pages, request))
            return await self._done(request, ledger, form)

    async def _done(self, request: Request, ledger: ContactLedger, form: Form) -> Response:
        visit = await self._visit(request, ledger)
        act, _, what = form.one("do").partition(":")
        if act == "export":
            return _file(holdings.exported(await ledger.held()))
        if act == "erase":
            await ledger.erase()
            gone = f"/reminders/erased?lang={visit.words.language}"
            return RedirectResponse(gone, 303, PERSONAL)
        try:
            done = await acting.act(visit, ledger, act, what, own.wishes(form))
        except Unreadable as unreadable:
            return await self._page(request, ledger, own.read(form, what, unreadable.problem))
        sealed = told.sealed(self._noon.key, request.url.path, done, visit.now)
        return again(request, visit.words.language, **({DONE: sealed} if done else {}))

    async def _visit(self, request: Request, ledger: ContactLedger) -> Visit:
        found = await ledger.subscriptions()
        known = found[0].language if found else None
        return self._pages.visit(spoken(self._pages, request, known))

    async def _page(self, request: Request, ledger: ContactLedger, typed: Typed) -> Response:
        visit = await self._visit(request, ledger)
        asked = request.query_params
        first, sealed = asked.get("deadline", ""), asked.get(DONE, "")
        done = told.opened(self._noon.key, request.url.path, sealed, visit.now)
        address = await ledger.address()
        html = render(
            "manage.html",
            visit.words,
            page=await own.overview(visit, ledger, address, first, done, typed),
            captured=self._pages.captured,
            rehearsal=self._pages.rehearsal(visit),
            switch=True,
        )
        return HTMLResponse(html, 400 if typed.problem else 200, PERSONAL)


def _file(file: Attachment) -> Response:
    disposition = f'attachment; filename="{file.name}"'
    headers = {**PERSONAL, "content-disposition": disposition}
    return Response(file.content, 200, headers, file.media_type)
