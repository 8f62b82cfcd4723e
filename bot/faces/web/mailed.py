"""Where links in mails lead: a page with one button. Looking changes nothing, the button acts."""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from bot.faces.web import forms, notes, visitor
from bot.faces.web.notes import PERSONAL, Note
from bot.faces.web.page import Pages
from bot.post import links, subscribing
from bot.post.ledger import ContactLedger
from bot.post.links import Purpose
from handlers.ledger import MAIL, Subscribed
from handlers.reminders import telling

DONE = "done"
"""What the address of a page has after its form was sent."""


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
        """Confirm and lead to the page that says so; a second time says the same.

        Raises HTTPException 403 for a foreign form.
        """
        refuse_foreign(self._pages, request)
        subscription = opened(self._pages, request, Purpose.CONFIRM)
        if subscription is None:
            return notes.bad_link(self._pages, spoken(self._pages, request))
        async with self._noon.database.write() as connection:
            found = await subscribing.confirm(self._noon.books(connection), subscription)
        if found is None:
            return notes.old_link(self._pages, spoken(self._pages, request))
        return again(request, spoken(self._pages, request, found.language))

    def _page(self, request: Request, found: Subscribed) -> Response:
        if found.confirmed:
            return self._done(request, found)
        language = spoken(self._pages, request, found.language)
        visit = self._pages.visit(language)
        ahead = telling.ahead(visit, found.selection, ZoneInfo(found.zone))
        text = "\n\n".join([visit.say("web.confirm"), telling.offered(visit, found), ahead])
        note = Note(visit.say("web.confirm.title"), text, visit.say("web.confirm.button"))
        return notes.page(self._pages, language, note, switch=True)

    def _done(self, request: Request, found: Subscribed) -> Response:
        language = spoken(self._pages, request, found.language)
        visit = self._pages.visit(language)
        parts = [
            visit.say("web.confirmed"),
            *filter(None, [telling.first(visit, found)]),
            telling.offered(visit, found),
            telling.ahead(visit, found.selection, ZoneInfo(found.zone)),
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
        """Show what the button does, or that reminders are stopped already."""
        language = spoken(self._pages, request)
        contact = opened(self._pages, request, Purpose.UNSUBSCRIBE)
        if contact is None:
            return notes.bad_link(self._pages, language)
        async with self._noon.database.read() as connection:
            found = await ContactLedger(self._noon.books(connection), contact).subscriptions()
        say = self._pages.visit(language).say
        if not any(each.channel == MAIL for each in found):
            kind = "unsubscribed" if request.query_params.get(DONE) else "stopped-already"
            return notes.page(
                self._pages, language, Note(say(f"web.{kind}.title"), say(f"web.{kind}"))
            )
        title, button = say("web.unsubscribe.title"), say("web.unsubscribe.button")
        note = Note(title, say("web.unsubscribe"), button)
        return notes.page(self._pages, language, note, switch=True)

    async def act(self, request: Request) -> Response:
        """End them, and lead a person to the page that says so; a second time says the same.

        A mail program is answered at once: RFC 8058 forbids redirecting it.
        """
        language = spoken(self._pages, request)
        contact = opened(self._pages, request, Purpose.UNSUBSCRIBE)
        if contact is None:
            return notes.bad_link(self._pages, language)
        try:
            form = await forms.read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        async with self._noon.database.write() as connection:
            await subscribing.unsubscribe(self._noon.books(connection), contact)
        if not form.one("List-Unsubscribe"):
            return again(request, language, **{DONE: "1"})
        say = self._pages.visit(language).say
        note = Note(say("web.unsubscribed.title"), say("web.unsubscribed"))
        return notes.page(self._pages, language, note)


def again(request: Request, language: str, **more: str) -> Response:
    """Lead to the same address, to be looked at: a reload sends nothing again."""
    query = urlencode({"lang": language, **more})
    return RedirectResponse(f"{request.url.path}?{query}", 303, PERSONAL)


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
