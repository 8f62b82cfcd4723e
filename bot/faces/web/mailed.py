"""Where links in mails lead: a page with one button. Looking changes nothing, the button acts."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.faces.web import notes, visitor
from bot.faces.web.notes import Note
from bot.faces.web.page import Pages
from bot.post import links, subscribing
from bot.post.links import Purpose
from handlers.ledger import Subscribed
from handlers.reminders import telling


class Confirm:
    """Asks the owner of a mailbox whether reminders are wanted, and takes the yes."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._noon = pages.noon

    async def show(self, request: Request) -> Response:
        """Show what is to be confirmed; nothing is changed."""
        subscription = opened(self._pages, request, Purpose.CONFIRM)
        if subscription is None:
            return notes.bad_link(self._pages, spoken(self._pages, request))
        async with self._noon.database.read() as connection:
            found = await subscribing.waiting(self._noon.books(connection), subscription)
        if found is None:
            return notes.old_link(self._pages, spoken(self._pages, request))
        return self._page(request, found)

    async def act(self, request: Request) -> Response:
        """Confirm; a second time says the same. Raises HTTPException 403 for a foreign form."""
        refuse_foreign(self._pages, request)
        subscription = opened(self._pages, request, Purpose.CONFIRM)
        if subscription is None:
            return notes.bad_link(self._pages, spoken(self._pages, request))
        async with self._noon.database.write() as connection:
            found = await subscribing.confirm(self._noon.books(connection), subscription)
        if found is None:
            return notes.old_link(self._pages, spoken(self._pages, request))
        return self._done(request, found)

    def _page(self, request: Request, found: Subscribed) -> Response:
        if found.confirmed:
            return self._done(request, found)
        language = spoken(self._pages, request, found.language)
        visit = self._pages.visit(language)
        text = f"{visit.say('web.confirm')}\n\n{telling.offered(visit, found)}"
        note = Note(visit.say("web.confirm.title"), text, visit.say("web.confirm.button"))
        return notes.page(self._pages, language, note, switch=True)

    def _done(self, request: Request, found: Subscribed) -> Response:
        language = spoken(self._pages, request, found.language)
        visit = self._pages.visit(language)
        parts = [
            visit.say("web.confirmed"),
            telling.offered(visit, found),
            telling.ahead(visit, found.selection),
        ]
        if self._pages.captured:
            parts.append(visit.say("reminders.captured"))
        note = Note(visit.say("web.confirmed.title"), "\n\n".join(parts))
        return notes.page(self._pages, language, note)


class Unsubscribe:
    """Ends all reminders to a mailbox: by the page's button, or at once by the mail program's own.

    The latter is RFC 8058: a POST with `List-Unsubscribe=One-Click`, without a cookie and from
    anywhere. The token alone is the permission, so both ways are the same.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._noon = pages.noon

    async def show(self, request: Request) -> Response:
        """Show what the button does, whether or not there is anything to end."""
        language = spoken(self._pages, request)
        if opened(self._pages, request, Purpose.UNSUBSCRIBE) is None:
            return notes.bad_link(self._pages, language)
        say = self._pages.visit(language).say
        title, button = say("web.unsubscribe.title"), say("web.unsubscribe.button")
        note = Note(title, say("web.unsubscribe"), button)
        return notes.page(self._pages, language, note, switch=True)

    async def act(self, request: Request) -> Response:
        """End them; a second time says the same."""
        language = spoken(self._pages, request)
        contact = opened(self._pages, request, Purpose.UNSUBSCRIBE)
        if contact is None:
            return notes.bad_link(self._pages, language)
        async with self._noon.database.write() as connection:
            await subscribing.unsubscribe(self._noon.books(connection), contact)
        say = self._pages.visit(language).say
        note = Note(say("web.unsubscribed.title"), say("web.unsubscribed"))
        return notes.page(self._pages, language, note)


def opened(pages: Pages, request: Request, purpose: Purpose) -> str | None:
    """Return the row that the link opens, or None where we did not make it."""
    return links.opened(pages.noon.key, purpose, request.path_params["token"])


def spoken(pages: Pages, request: Request, known: str | None = None) -> str:
    """Return the language asked for, else the one that is known, else the browser's."""
    if request.query_params.get("lang") or known is None:
        return visitor.language(request, pages.noon.settings.lang)
    return known


def refuse_foreign(pages: Pages, request: Request) -> None:
    """Raise HTTPException 403 for a form from another site's page."""
    if visitor.is_foreign(request, pages.noon.settings.address):
        raise HTTPException(403)
