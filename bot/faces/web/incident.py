"""The page of one notice, behind a signed link: how it stands, what to do, what to download.

Everything here is looked at; nothing is changed by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import or_
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.faces.web import notes, standing
from bot.faces.web.mailed import opened, spoken
from bot.faces.web.notes import PERSONAL
from bot.faces.web.page import Pages
from bot.faces.web.rendering import render
from bot.faces.web.standing import Shown, Way
from bot.incident import letter, moving, preparing, register, wording
from bot.incident.desk import RECEIPTS
from bot.post.books import Books
from bot.post.links import Purpose, sealed
from bot.store.tables import Incident as Row
from handlers.turn import Attachment
from handlers.visit import Visit

REFRESH = 5
"""Seconds after which the page loads itself again."""

STILL = "still"
"""What the address has where the page is not to load itself again."""


@dataclass(frozen=True)
class Found:
    """A notice of which the link is ours, in open books."""

    row: Row
    books: Books


class IncidentPage:
    """Shows one notice."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._noon = pages.noon

    async def show(self, request: Request) -> Response:
        """Show how the notice stands; 404 for a link that is not ours, 410 for one that is over."""
        async with self._noon.database.read() as connection:
            found = await self._found(request, self._noon.books(connection))
            if isinstance(found, Response):
                return found
            language = spoken(self._pages, request, found.row.language)
            visit = self._pages.visit(language)
            view = await _view(visit, found, request.url.path)
        return self._page(request, visit, view, sent=bool(found.row.message))

    async def file(self, request: Request) -> Response:
        """Send a file: the mail to be sent by hand, the mail as it left, or the receipt."""
        async with self._noon.database.read() as connection:
            found = await self._found(request, self._noon.books(connection))
        if isinstance(found, Response):
            return found
        made = await self._file(found.row.id, request.path_params["name"])
        if made is None:
            return notes.old_link(self._pages, spoken(self._pages, request, found.row.language))
        return Response(made.content, 200, _headers(made), made.media_type)

    async def _file(self, incident: str, name: str) -> Attachment | None:
        """Return a file; it may wait for its turn, so no transaction is open."""
        files = self._noon.files
        if name == "notice.eml":
            return await files.draft(incident)
        if name == "sent.eml":
            return await files.sent(incident)
        ending = name.removeprefix("receipt")
        return await files.receipt(incident, ending) if ending in RECEIPTS else None

    async def _found(self, request: Request, books: Books) -> Found | Response:
        identifier = opened(self._pages, request, Purpose.INCIDENT)
        if identifier is None:
            return notes.bad_link(self._pages, spoken(self._pages, request))
        row = await register.by_id(books.connection, identifier)
        if row is None:
            return notes.old_link(self._pages, spoken(self._pages, request))
        return Found(row, books)

    def _page(self, request: Request, visit: Visit, view: Shown, *, sent: bool) -> Response:
        still = STILL in request.query_params
        html = render(
            "incident.html",
            visit.words,
            view=view,
            seconds=REFRESH if view.refreshes and not still else 0,
            still=still,
            sent=sent,
            address=request.url.path,
            agency=visit.desk.agency,
            rehearsal=self._pages.rehearsal(visit),
            announced=self._pages.announced(visit),
            switch=True,
        )
        return HTMLResponse(html, headers=PERSONAL)


async def _view(visit: Visit, found: Found, address: str) -> Shown:
    row, books = found.row, found.books
    notice = await register.notice(books, row)
    # Without its files, which may be megabytes: the link has no room for them anyway.
    written = await preparing.again(books, row, ())
    mailto = letter.mailto(written) if written is not None else ""
    zone = preparing.zone_of(books, row)
    within = moving.within(books.desk, row)
    related = [_way(visit, books, one, row) for one in await _related(books, row)]
    return standing.shown(visit, notice, zone, within, address, mailto, related)


async def _related(books: Books, row: Row) -> list[Row]:
    """Return the first notice and its corrections, without this one; oldest first."""
    first = row.corrects or row.id
    mine = or_(col(Row.id) == first, col(Row.corrects) == first)
    return [one for one in await register.where(books.connection, mine) if one.id != row.id]


def _way(visit: Visit, books: Books, one: Row, row: Row) -> Way:
    key = "web.incident.correction" if one.number else "web.incident.first"
    at = wording.moment(visit.words, preparing.at(one.made_at), preparing.zone_of(books, row))
    link = f"/incident/{sealed(books.key, Purpose.INCIDENT, one.id)}"
    return Way(visit.say(key, number=one.number, at=at), link, saved=False)


def _headers(file: Attachment) -> Mapping[str, str]:
    name = quote(file.name, safe="")
    return {**PERSONAL, "content-disposition": f"attachment; filename*=utf-8''{name}"}
