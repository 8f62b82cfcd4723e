"""Pages that say one thing: what was done, or what a button does that has not been pressed yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse

from bot.faces.web.page import UNCACHED, Pages
from bot.faces.web.rendering import render
from handlers.words import words

PERSONAL: Mapping[str, str] = {**UNCACHED, "x-robots-tag": "noindex, nofollow"}
"""Headers of pages behind a signed link: kept nowhere, listed nowhere."""


@dataclass(frozen=True)
class Note:
    """A page's heading and its text, in the markup of replies; `button` sends the page's address.

    `link` is an address to go on at with its label, besides the start page.
    """

    title: str
    text: str
    button: str = ""
    link: tuple[str, str] | None = None


def page(
    pages: Pages, language: str, note: Note, status: int = 200, *, switch: bool = False
) -> HTMLResponse:
    """Return a note as a page of its own; `switch` offers it in the other language too."""
    rehearsal = pages.rehearsal(pages.visit(language))
    html = render("note.html", words(language), note=note, rehearsal=rehearsal, switch=switch)
    return HTMLResponse(html, status, PERSONAL)


def bad_link(pages: Pages, language: str) -> HTMLResponse:
    """Return the page for a link that we did not make, or that was cut off on its way."""
    say = words(language).say
    return page(pages, language, Note(say("web.link-bad.title"), say("web.link-bad")), 404)


def old_link(pages: Pages, language: str) -> HTMLResponse:
    """Return the page for a link whose time is over, or of something that was erased."""
    say = words(language).say
    return page(pages, language, Note(say("web.link-old.title"), say("web.link-old")), 410)
