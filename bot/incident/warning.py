"""Looks after notices that have not arrived: each second, so that nothing ends in silence.

Everything is decided from what the tables say, never from what this process remembers: after a kill
the next look goes on where the last one was. Every step is noted once, whoever notes it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.incident import composing, moving, progress, register, unsent
from bot.incident.unsent import Unsent
from bot.logs import places
from bot.post import outbox
from bot.post.alarms import warn
from bot.post.books import Books
from bot.post.retries import WARNINGS, warnings
from bot.post.states import State
from bot.store.database import TROUBLE, Database
from handlers.cases import Way

EVERY = 1.0
"""Real seconds between looks, less where Noon's clock runs so fast that a minute takes less."""

SHORTEST = 0.05

UNTAKEN = 20.0
"""Real seconds after which a notice that no server has taken yet is handed to its person."""

ALARMS = {
    unsent.STOPPED: "incident-stopped",
    unsent.UNSURE: "incident-unsure",
    unsent.REFUSED: "incident-refused",
}
"""How a notice ended, and what the operator is told of it."""

_MINUTE = timedelta(minutes=1)
_ENDED = (State.REJECTED, State.NEEDS_HUMAN, State.EXPIRED, State.CANCELLED)

log = logging.getLogger(__name__)


class What(StrEnum):
    """What is due for a notice that no server has taken."""

    CALL_OFF = "call-off"
    """Its deadline does not take place; the notice goes on."""
    REPLACE = "replace"
    """It was too large: a smaller one takes its place."""
    STOP = "stop"
    """It is not tried any more."""
    HAND_OVER = "hand-over"
    """No server has taken it yet, whether it was begun or not."""
    WARN = "warn"


@dataclass(frozen=True)
class Due:
    """Something to be done; `once` makes it the only one, `minutes` are those of a warning."""

    what: What
    once: str
    minutes: int = 0


class Warnings:
    """Looks every second until it is cancelled; `books` opens the post office's books."""

    def __init__(
        self, database: Database, clock: Clock, books: Callable[[AsyncConnection], Books]
    ) -> None:
        self._database = database
        self._clock = clock
        self._books = books
        self._pause = min(EVERY, max(SHORTEST, clock.real_seconds(60.0)))

    async def run(self) -> None:
        """Look until cancelled; a look that fails is made up for by the next one."""
        while True:
            try:
                await self.look()
            except TROUBLE as error:
                log.error("notices could not be looked after: %s", places(error))
            except Exception as error:
                log.error("looking after notices failed: %s", places(error))
            await asyncio.sleep(self._pause)

    async def look(self) -> None:
        """Look once: end what is over, send smaller what was too large, warn of what has waited."""
        await self._move()
        await self._expire()
        async with self._database.read() as connection:
            books = self._books(connection)
            waiting = await unsent.every(connection)
            some = [one.row.id for one in waiting if await self._due(books, one)]
        for identifier in some:
            await self._alone(identifier)

    async def _move(self) -> None:
        """Move the windows of moved deadlines before anything is ended by them."""
        async with self._database.read() as connection:
            moved = await moving.affected(connection, self._books(connection).desk)
        for identifier in moved:
            try:
                async with self._database.write() as connection:
                    row = await register.by_id(connection, identifier)
                    books = self._books(connection)
                    if row is not None and moving.moved(books.desk, row):
                        await moving.move(books, row)
            except TROUBLE:
                raise
            except Exception as error:
                log.error("a notice's window could not be moved: %s", places(error))

    async def _expire(self) -> None:
        async with self._database.read() as connection:
            over = await outbox.any_over(connection, self._clock.now())
        if over:
            async with self._database.write() as connection:
                await outbox.expire(connection, self._clock.now())

    async def _alone(self, identifier: str) -> None:
        """Do what is due for one notice; a mistake with one keeps no other waiting."""
        try:
            async with self._database.write() as connection:
                books = self._books(connection)
                # Seen again in the transaction in which it is done.
                for one in await unsent.every(connection, identifier):
                    for due in await self._due(books, one):
                        await _do(books, one, due)
        except TROUBLE:
            raise
        except Exception as error:
            log.error("a notice could not be looked after: %s", places(error))

    async def _due(self, books: Books, one: Unsent) -> list[Due]:
        found = list(due(books, one, UNTAKEN / self._clock.real_seconds(1.0)))
        known = await unsent.noted(books.connection, [each.once for each in found])
        return [each for each in found if each.once not in known]


def due(books: Books, one: Unsent, untaken: float) -> Iterator[Due]:
    """Yield what is due for a notice, whether it was done already or not.

    `untaken` is how many seconds of Noon's clock it may wait until a server has it.
    """
    row, now = one.row, books.moment
    if moving.cancelled(books.desk, row):
        yield Due(What.CALL_OFF, moving.once(row))
    if composing.replaceable(one.state, one.verdict, one.variant):
        yield Due(What.REPLACE, f"{row.id}:smaller:{composing.SMALLER[one.variant]}")
    elif one.state in _ENDED:
        yield Due(What.STOP, one.stopped)
    else:
        if row.way == Way.SENDING and now - one.due_at > untaken:
            yield Due(What.HAND_OVER, progress.handed(row))
        yield from _warning(books, one)


def _warning(books: Books, one: Unsent) -> Iterator[Due]:
    """Yield the latest warning that is due: after a pause one is told, not all at once."""
    within = moving.within(books.desk, one.row)
    if within is None:
        return
    moments = warnings(within.deadline, within.closes)
    passed = [
        (after, at)
        for after, at in zip(WARNINGS, moments, strict=False)
        if at.timestamp() > one.row.made_at and at <= books.now
    ]
    for after, at in passed[-1:]:
        minutes = int(after / _MINUTE)
        once = f"{one.row.id}:warned-{minutes}:{at.timestamp():.0f}"
        yield Due(What.WARN, once, minutes)


async def _do(books: Books, one: Unsent, due: Due) -> None:
    row = one.row
    match due.what:
        case What.CALL_OFF:
            await moving.call_off(books, row)
        case What.REPLACE:
            await _replace(books, one)
        case What.STOP:
            await _stop(books, one, due.once)
        case What.HAND_OVER:
            await progress.hand_over(books, row)
        case What.WARN:
            await _warn(books, one, due)


async def _replace(books: Books, one: Unsent) -> None:
    """Send the smaller notice; where it cannot be written, the next look tells so."""
    try:
        async with books.connection.begin_nested():
            if await composing.replace(books, one.row, one.variant):
                return
    except TROUBLE:
        raise
    except Exception as error:
        log.error("a smaller notice could not be written: %s", places(error))
    await composing.give_up(books, one.row.message)


async def _stop(books: Books, one: Unsent, once: str) -> None:
    """Say that a notice is not tried any more, and what is known of it."""
    row, database = one.row, books.database
    await register.add_step(
        database, books.connection, row.id, once, books.now, "stopped", one.ending
    )
    await progress.tell(books, row, one.ending, letter=not one.handed, once=once)
    # Who had it blocked knows that.
    if one.ending in ALARMS:
        await warn(
            database, books.connection, books.settings, books.now, ALARMS[one.ending],
            f"incident-stopped-{row.message}-{one.fence}",
        )  # fmt: skip


async def _warn(books: Books, one: Unsent, due: Due) -> None:
    row, what = one.row, f"warned-{due.minutes}"
    await register.add_step(books.database, books.connection, row.id, due.once, books.now, what)
    message = "held" if row.way == Way.HELD else what
    await progress.tell(books, row, message, once=due.once)
    values = {"minutes": str(due.minutes), "left": str(_left(row.closes_at, books.now))}
    await warn(
        books.database, books.connection, books.settings, books.now, "incident-unsent",
        due.once, values,
    )  # fmt: skip


def _left(closes_at: float, now: datetime) -> int:
    """Return the whole minutes until a window closes."""
    return max(0, int((closes_at - now.timestamp()) // 60))
