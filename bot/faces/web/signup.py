"""Reminders by email from the page: the form, and the mail that opens what is held.

Whoever asks is told the same whatever the address, after the same time: that some address is known
here, or does not work, is nobody else's business.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.faces.web import forms, notes, visitor
from bot.faces.web.card import Asked, card
from bot.faces.web.forms import Form
from bot.faces.web.notes import Note
from bot.faces.web.page import UNCACHED, Pages
from bot.faces.web.rendering import render
from bot.post import subscribing
from bot.service import Caller
from handlers.ledger import MAIL, Taken, Wanted
from handlers.reminders import selecting
from handlers.reminders.draft import CONSENT_FORM
from handlers.reminders.reading import Unreadable, address
from handlers.words import words
from rules import addresses, leads

BEAT = 0.3
"""Seconds: answers leave at multiples of this, so their time says nothing of the address."""

HONEYPOT = "website"
"""A field that people do not see and programs fill in."""


class SignUp:
    """Answers the two forms that take an email address."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._noon = pages.noon

    async def subscribe(self, request: Request) -> Response:
        """Ask the owner of a mailbox whether reminders are wanted; raises HTTPException 403."""
        form, language = await self._form(request)
        async with evenly():
            if form.one(HONEYPOT):
                return _next(language, "asked")
            try:
                wanted = self._wanted(form, language)
            except Unreadable as unreadable:
                return self._again(form, language, unreadable.problem)
            taken = await self._subscribed(request, wanted)
        if taken is Taken.TOO_MANY:
            return self._told(language, "too-many", 429)
        return _next(language, "asked")

    async def access(self, request: Request) -> Response:
        """Send the link to all that is held of a mailbox to that mailbox, if anything is."""
        form, language = await self._form(request)
        async with evenly():
            if form.one(HONEYPOT):
                return _next(language, "access")
            try:
                mailbox = addresses.parse(form.one("email"))
            except addresses.BadAddress as bad:
                return self._again(form, language, bad.problem.value)
            caller = self._caller(request)
            async with self._noon.database.write() as connection:
                books = self._noon.books(connection)
                await subscribing.ask_access(
                    books, mailbox, conversation=caller.conversation, network=caller.network
                )
        return _next(language, "access")

    async def asked(self, request: Request) -> Response:
        """Say that a mail asks for the yes; the same to everybody."""
        return self._told(visitor.language(request, self._noon.settings.lang), "asked")

    async def accessed(self, request: Request) -> Response:
        """Say that a link to what is held is mailed; the same to everybody."""
        return self._told(visitor.language(request, self._noon.settings.lang), "access")

    async def erased(self, request: Request) -> Response:
        """Say that everything was erased: the page it was done on is no more."""
        return self._told(visitor.language(request, self._noon.settings.lang), "erased")

    async def _form(self, request: Request) -> tuple[Form, str]:
        """Return the form and the page's language; raises HTTPException 400 or 403."""
        if visitor.is_foreign(request, self._noon.settings.address):
            raise HTTPException(403)
        try:
            form = await forms.read(request)
        except ClientDisconnect:
            raise HTTPException(400) from None
        return form, visitor.language(request, self._noon.settings.lang)

    def _wanted(self, form: Form, language: str) -> Wanted:
        """Return what is asked for; raises `Unreadable`."""
        if not form.one("consent"):
            raise Unreadable("web.remind.no-consent")
        desk = self._noon.almanac.desk
        actions = [each for each in form.every("action") if each in selecting.ACTIONS]
        ticked = form.every("sector") or [selecting.EVERY]
        try:
            selection = selecting.selection(desk, actions, ticked)
        except ValueError:
            raise Unreadable("web.remind.no-deadline") from None
        return Wanted(
            MAIL,
            selection,
            leads.DEFAULT,
            language,
            str(desk.zone),
            f"{CONSENT_FORM}/{language}",
            address(form.one("email")),
        )

    async def _subscribed(self, request: Request, wanted: Wanted) -> Taken:
        async with self._noon.database.write() as connection:
            ledger = self._noon.ledger(connection, self._caller(request))
            return await ledger.subscribe(wanted)

    def _caller(self, request: Request) -> Caller:
        """Return who asks: the conversation of the page where there is one already."""
        cookie = self._pages.cookie.read(request)
        conversation = self._noon.conversation("web", cookie) if cookie else ""
        return Caller(conversation, network=visitor.network(request))

    def _told(self, language: str, kind: str, status: int = 200) -> HTMLResponse:
        say = words(language).say
        told = {
            "asked": (say("web.remind.asked.title"), say("web.remind.asked")),
            "access": (say("web.remind.access.title"), say("web.remind.access")),
            "erased": (say("web.erased.title"), say("web.erased")),
            "too-many": (say("web.remind.too-many.title"), say("reminders.too-many")),
        }
        title, text = told[kind]
        if self._pages.captured and kind != "erased":
            text = f"{text}\n\n{say('reminders.captured')}"
        return notes.page(self._pages, language, Note(title, text), status)

    def _again(self, form: Form, language: str, problem: str) -> HTMLResponse:
        """Show the form as it was filled in, with what is wrong with it."""
        visit = self._pages.visit(language)
        asked = Asked(
            form.one("email")[: addresses.LONGEST],
            tuple(form.every("action")),
            tuple(form.every("sector")),
            bool(form.one("consent")),
            visit.say(problem),
        )
        html = render(
            "signup.html",
            visit.words,
            card=card(visit, self._pages.captured, asked),
            rehearsal=self._pages.rehearsal(visit),
            switch=False,
        )
        return HTMLResponse(html, 400, UNCACHED)


def _next(language: str, kind: str) -> Response:
    """Lead to the page that says what happened: a reload of it sends nothing again."""
    return RedirectResponse(f"/reminders/{kind}?lang={language}", 303, UNCACHED)


@asynccontextmanager
async def evenly() -> AsyncIterator[None]:
    """Let what is inside take a whole number of beats, whatever it did."""
    begun = time.monotonic()
    try:
        yield
    finally:
        await asyncio.sleep(BEAT - (time.monotonic() - begun) % BEAT)
