"""The page behind the link in every mail: all that is held of a mailbox, and all that can be done.

The link proves the mailbox. Looking changes nothing; every act is a button that posts.
"""

from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from bot.faces.web import forms, notes
from bot.faces.web.forms import Form
from bot.faces.web.mailed import opened, refuse_foreign, spoken
from bot.faces.web.notes import PERSONAL, Note
from bot.faces.web.page import Pages
from bot.faces.web.rendering import render
from bot.post.ledger import ContactLedger
from bot.post.links import Purpose
from handlers import holdings
from handlers.ledger import Ledger, Subscribed
from handlers.reminders import acting, selecting, telling, zones
from handlers.turn import Attachment
from handlers.visit import Visit
from rules.deadlines import Deadline


@dataclass(frozen=True)
class Due:
    """A deadline that is ahead, in words; `handed`: the application is in."""

    id: str
    text: str
    handed: bool


@dataclass(frozen=True)
class Kept:
    """A subscription as the page shows it; `changes`: its times, language and zone can be."""

    id: str
    text: str
    changes: bool
    leads: str
    language: str
    zone: str


@dataclass(frozen=True)
class Overview:
    """Everything the page shows; `done` says what was just done, in the markup of replies."""

    address: str = field(repr=False)
    deadlines: tuple[Due, ...]
    kept: tuple[Kept, ...]
    zones: tuple[str, ...]
    held: str
    done: str


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
            return await self._page(request, ledger, "")

    async def act(self, request: Request) -> Response:
        """Do what the pressed button says; raises HTTPException 403 for a foreign form."""
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
            note = Note(visit.say("web.erased.title"), visit.say("web.erased"))
            return notes.page(self._pages, visit.words.language, note)
        wishes = {name: form.one(name) for name in ("leads", "language", "zone")}
        done = await acting.act(visit, ledger, act, what, wishes)
        return await self._page(request, ledger, done)

    async def _visit(self, request: Request, ledger: ContactLedger) -> Visit:
        found = await ledger.subscriptions()
        known = found[0].language if found else None
        return self._pages.visit(spoken(self._pages, request, known))

    async def _page(self, request: Request, ledger: ContactLedger, done: str) -> Response:
        visit = await self._visit(request, ledger)
        first = request.query_params.get("deadline", "")
        html = render(
            "manage.html",
            visit.words,
            page=await _overview(visit, ledger, await ledger.address(), first, done),
            captured=self._pages.captured,
            rehearsal=self._pages.rehearsal(visit),
            switch=True,
        )
        return HTMLResponse(html, headers=PERSONAL)


async def _overview(visit: Visit, ledger: Ledger, address: str, first: str, done: str) -> Overview:
    found = await ledger.subscriptions()
    held = await ledger.held()
    handed = {each["deadline"] for each in held.get("handed", [])}
    return Overview(
        address=address,
        deadlines=tuple(
            Due(each.id, telling.named(visit, each), each.id in handed)
            for each in sorted(_ahead(visit, found), key=lambda each: each.id != first)
        ),
        kept=tuple(
            Kept(
                each.id,
                telling.kept(visit, each),
                each.channel in ledger.channels,
                each.leads,
                each.language,
                each.zone,
            )
            for each in found
        ),
        zones=zones.offered(visit.desk),
        held=holdings.told(visit, held),
        done=done,
    )


def _ahead(visit: Visit, found: list[Subscribed]) -> list[Deadline]:
    """Return the deadlines ahead of confirmed subscriptions, each once, earliest first."""
    every = selecting.ahead(visit.desk, "all", visit.now)
    wanted = {
        each.id
        for one in found
        if one.confirmed
        for each in selecting.ahead(visit.desk, one.selection, visit.now)
    }
    return [each for each in every if each.id in wanted]


def _file(file: Attachment) -> Response:
    disposition = f'attachment; filename="{file.name}"'
    headers = {**PERSONAL, "content-disposition": disposition}
    return Response(file.content, 200, headers, file.media_type)
