"""The calendar feed: `/calendar/<selection>.ics`, the same bytes as long as the data are the same.

A feed carries nothing personal and needs no cookie. It is never compressed and ignores Accept:
calendar programs send none, and some fail on gzip.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from bot.faces.headers import SECURITY
from bot.faces.representation import Representation
from bot.service import Noon
from handlers import deadlines as told
from handlers import ics
from handlers.visit import Desk
from handlers.words import LANGUAGES, words
from rules.deadlines import Deadline
from rules.selection import Selection, UnknownSelection, parse, select

LONGEST = 500
"""A selection written with more characters than this is not one."""

K = TypeVar("K")

KEPT = 512
"""Feeds and spellings of them that are kept in memory; then all are made anew."""


class BadRequest(ValueError):
    """The address asks for something that does not exist; the text says what can be written."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


@dataclass(frozen=True)
class Order:
    """What an address asks for, in its one canonical form."""

    selection: Selection
    language: str
    alarm: str | None
    download: bool


class Feed:
    """Answers `GET` and `HEAD` for feeds, as an ASGI application."""

    def __init__(self, noon: Noon) -> None:
        self._noon = noon
        self._desk: Desk | None = None
        self._since = datetime.now(UTC)
        self._spelled: dict[tuple[str, bytes], Representation] = {}
        self._made: dict[Order, Representation] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the feed that the address names, or 404 in plain text with what can be written."""
        desk = self._noon.almanac.desk
        if desk is not self._desk:
            self._begin(desk)
        spelling = (scope["path"], scope["query_string"])
        feed = self._spelled.get(spelling)
        if feed is None:
            try:
                feed = self._look_up(scope, desk)
            except BadRequest as bad:
                await PlainTextResponse(f"{bad}\n", bad.status, SECURITY)(scope, receive, send)
                return
            _keep(self._spelled, spelling, feed)
        await feed(scope, receive, send)

    def _begin(self, desk: Desk) -> None:
        self._desk = desk
        self._since = datetime.now(UTC)
        self._spelled.clear()
        self._made.clear()

    def _look_up(self, scope: Scope, desk: Desk) -> Representation:
        order = read(scope["path_params"]["selection"], scope["query_string"], desk)
        feed = self._made.get(order)
        if feed is None:
            feed = make(order, desk, self._since)
            _keep(self._made, order, feed)
        return feed


def read(selection: str, query: bytes, desk: Desk) -> Order:
    """Return what an address means, or raise `BadRequest`; query keys of others are ignored."""
    given = parse_qs(query.decode("latin-1"))
    language = given.get("lang", [desk.language])[-1].lower()
    if language not in LANGUAGES:
        codes = ", ".join(LANGUAGES)
        raise BadRequest(400, words(desk.language).say("web.feed.bad-language", known=codes))
    alarm = given.get("alarm", [None])[-1]
    try:
        if alarm is not None:
            ics.before(alarm)
    except ics.BadAlarm:
        raise BadRequest(400, words(language).say("web.feed.bad-alarm")) from None
    return Order(_parsed(selection, language, desk), language, alarm, "download" in given)


def _parsed(selection: str, language: str, desk: Desk) -> Selection:
    written = selection if len(selection) <= LONGEST else f"{selection[:LONGEST]}…"
    try:
        return parse([written], list(desk.facts.newest.deadlines.values()))
    except UnknownSelection as unknown:
        raise BadRequest(404, told.unknown_selection(words(language), unknown)) from None


def make(order: Order, desk: Desk, since: datetime) -> Representation:
    """Return the feed of `order`; Last-Modified is when the newest of its data became known."""
    alarm = ics.before(order.alarm) if order.alarm else None
    body = ics.build(desk, order.selection, words(order.language), alarm=alarm)
    headers = {
        "content-type": "text/calendar; charset=utf-8",
        "cache-control": "private, max-age=900",
    }
    if order.download:
        headers["content-disposition"] = f'attachment; filename="noon-{order.selection}.ics"'
    every = list(desk.facts.newest.deadlines.values())
    modified = _last_change(select(order.selection, every) or every)
    return Representation(body, headers, modified=modified, in_force_since=since)


def _last_change(deadlines: list[Deadline]) -> datetime:
    return max(deadline.recorded for deadline in deadlines)


def _keep(kept: dict[K, Representation], key: K, feed: Representation) -> None:
    if len(kept) >= KEPT:
        kept.clear()
    kept[key] = feed
