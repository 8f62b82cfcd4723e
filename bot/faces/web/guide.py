"""A whole guide on a page of its own, to read, to print and to pass on: with sources and dates."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.faces.web import visitor
from bot.faces.web.page import UNCACHED, Pages
from bot.faces.web.rendering import render
from handlers import deadlines
from handlers.moments import cited
from handlers.steps import telling
from handlers.visit import Visit
from rules.guides import Guide, Item
from rules.sources import Citation


@dataclass(frozen=True)
class Line:
    """A line of a guide in the markup of replies, and the numbers of the sources it rests on."""

    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """A document with the places in it that a guide rests on, and the day it was checked."""

    name: str
    url: str | None
    day: str


@dataclass(frozen=True)
class Section:
    """A part of a guide: its heading, its lines, and whether they are steps with numbers."""

    title: str
    lines: tuple[Line, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Sheet:
    """A guide as it is printed."""

    guide: Guide
    clock: str
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    as_of: str


class GuidePage:
    """Shows guides by their topics."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Show a guide; a topic without one leads to the chat, an unknown one raises 404."""
        visit = self._pages.visit(await self._pages.language(request))
        topic = request.path_params["topic"]
        if topic not in visit.desk.facts.topics:
            raise HTTPException(404)
        guide = visit.desk.facts.guide(topic, visit.words.language)
        if guide is None:
            language = visitor.asked(request)
            same = f"&lang={language}" if language else ""
            return RedirectResponse(f"/?topic={topic}{same}", 303, UNCACHED)
        html = render(
            "guide.html",
            visit.words,
            sheet=sheet(visit, guide),
            address=f"{self._pages.noon.settings.address}/guide/{topic}",
            today=visit.words.day(visit.now.astimezone(visit.desk.zone)),
            rehearsal=self._pages.rehearsal(visit),
            announced=self._pages.announced(visit),
            switch=True,
            topic=topic,
        )
        return HTMLResponse(html, headers=UNCACHED)


def sheet(visit: Visit, guide: Guide) -> Sheet:
    """Return a guide as it is printed at the moment of `visit`."""
    numbers = _numbers(visit, guide)
    parts = (
        (visit.say("steps.before"), _lines(visit, guide.before, numbers), False),
        (visit.say("steps.steps"), _lines(visit, guide.steps, numbers), True),
        (visit.say("steps.trouble"), _troubles(visit, guide, numbers), False),
        (visit.say("steps.notes"), _lines(visit, guide.notes, numbers), False),
    )
    return Sheet(
        guide=guide,
        clock=(deadlines.clock(visit) or "") if guide.head.clock else "",
        sections=tuple(Section(title, lines, steps) for title, lines, steps in parts if lines),
        sources=_sources(visit, guide, numbers),
        as_of=visit.say("steps.as-of", call=guide.head.call, day=visit.words.day(guide.head.as_of)),
    )


def _numbers(visit: Visit, guide: Guide) -> dict[str, int]:
    """Return the number of each document that a guide rests on, by its name."""
    names = (_cite(visit, reference).document for reference in guide.sources)
    return {name: number for number, name in enumerate(dict.fromkeys(names), start=1)}


def _cite(visit: Visit, reference: str) -> Citation:
    return visit.desk.facts.library.cite(reference)


def _lines(visit: Visit, items: Iterable[Item], numbers: dict[str, int]) -> tuple[Line, ...]:
    return tuple(
        Line(telling.told(visit, item), _cited(visit, item.sources, numbers)) for item in items
    )


def _troubles(visit: Visit, guide: Guide, numbers: dict[str, int]) -> tuple[Line, ...]:
    told = (line.removeprefix("• ") for line in telling.troubles(guide))
    return tuple(
        Line(text, _cited(visit, trouble.sources, numbers))
        for text, trouble in zip(told, guide.trouble, strict=True)
    )


def _cited(visit: Visit, references: Iterable[str], numbers: dict[str, int]) -> tuple[int, ...]:
    return tuple(sorted({numbers[_cite(visit, one).document] for one in references}))


def _sources(visit: Visit, guide: Guide, numbers: dict[str, int]) -> tuple[Source, ...]:
    every = [_cite(visit, reference) for reference in guide.sources]
    same = ([one for one in every if one.document == name] for name in numbers)
    return tuple(_source(visit, citations) for citations in same)


def _source(visit: Visit, citations: list[Citation]) -> Source:
    """Return a document with all its places; its address without the page of one of them."""
    day = visit.words.day(min(one.as_of for one in citations))
    address = next((one.url.partition("#")[0] for one in citations if one.url), None)
    return Source(cited(visit.words, citations), address, visit.say("guide.checked", day=day))
