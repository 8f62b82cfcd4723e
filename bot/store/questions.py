"""What editors learn: questions that were not placed, counted, and facts said to be wrong.

Notes are written a moment after the turn and apart from it: they may not cost a person the answer,
nobody waits for them, and nothing in them says whose they are. Days are kept, not moments.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.clock import Clock
from bot.logs import places
from bot.store.database import Database
from bot.store.tables import Unanswered, WrongFact
from handlers.editors import Unplaced, Wrong
from rules.folding import fold

DAY = 86_400

WAITING = 2_000
"""Notes that wait to be written; the oldest is lost where more come while the database is away."""

MOST = 20_000
"""Rows of each table: beyond it only what is known already is counted, so that nobody fills it."""

_PAUSE = 0.1
_AGAIN = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Question:
    text: str
    language: str
    face: str
    why: str
    at: float

    @property
    def id(self) -> str:
        """What the same question of the same language and face is known by."""
        return sha256("\x1f".join((fold(self.text), self.language, self.face)).encode()).hexdigest()


@dataclass(frozen=True)
class _Report:
    id: str
    wrong: Wrong
    at: float


class Letterbox:
    """Takes notes for editors and has them written."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._notes: deque[_Question | _Report] = deque(maxlen=WAITING)
        self._wake = asyncio.Event()

    def of(self, face: str) -> "FaceEditors":
        """Return `handlers.editors.Editors` for what is said on a face."""
        return FaceEditors(self, face)

    @property
    def today(self) -> float:
        """The start of the day in UTC, in seconds since 1970."""
        return self._clock.now().timestamp() // DAY * DAY

    def drop(self, note: _Question | _Report) -> None:
        """Take a note, to be written soon."""
        self._notes.append(note)
        self._wake.set()

    async def watch(self) -> None:
        """Write what comes until cancelled; what cannot be written is tried again."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(_PAUSE)
            if not await self.empty():
                await asyncio.sleep(_AGAIN)
                self._wake.set()

    async def empty(self) -> bool:
        """Write what waits; False, with the notes still waiting, where that failed."""
        taken = list(self._notes)
        if not taken:
            return True
        try:
            async with self._database.write() as connection:
                await _count(self._database, connection, taken)
                await _report(self._database, connection, taken)
        except Exception as error:
            log.error("notes for editors wait: %s", places(error))
            return False
        for note in taken:
            if self._notes and self._notes[0] is note:
                self._notes.popleft()
        return True


@dataclass(frozen=True)
class FaceEditors:
    """`handlers.editors.Editors` of one face."""

    letterbox: Letterbox
    face: str

    def unplaced(self, text: str, language: str, why: Unplaced) -> None:
        """Count a masked question that could not be placed."""
        if fold(text):
            today = self.letterbox.today
            self.letterbox.drop(_Question(text, language, self.face, why.value, today))

    def wrong(self, report: Wrong) -> None:
        """Keep a report of a wrong fact."""
        self.letterbox.drop(_Report(uuid4().hex, report, self.letterbox.today))


async def unanswered(connection: AsyncConnection) -> list[Unanswered]:
    """Return the questions that were not placed, each by language and face, most frequent first."""
    row = Unanswered
    query = select(row).order_by(col(row.count).desc(), col(row.last_at).desc(), col(row.id))
    return [Unanswered(**found._mapping) for found in await connection.execute(query)]


async def reports(connection: AsyncConnection) -> list[WrongFact]:
    """Return every report of a wrong fact, the oldest first."""
    query = select(WrongFact).order_by(col(WrongFact.at), col(WrongFact.id))
    return [WrongFact(**found._mapping) for found in await connection.execute(query)]


async def _count(
    database: Database, connection: AsyncConnection, notes: Sequence[_Question | _Report]
) -> None:
    """Count questions; rows are touched in one order, so that two processes never block."""
    asked: dict[str, list[_Question]] = {}
    for note in notes:
        if isinstance(note, _Question):
            asked.setdefault(note.id, []).append(note)
    room = MOST - await _rows(connection, Unanswered)
    known = select(col(Unanswered.id)).where(col(Unanswered.id).in_(list(asked)))
    there = set((await connection.execute(known)).scalars()) if asked else set()
    for identifier, same in sorted(asked.items()):
        room -= identifier not in there
        if identifier in there or room >= 0:
            await _add(database, connection, same)


async def _add(database: Database, connection: AsyncConnection, same: list[_Question]) -> None:
    latest = same[-1]
    insert = database.insert(Unanswered).values(
        id=latest.id,
        text=latest.text,
        language=latest.language,
        face=latest.face,
        why=latest.why,
        count=len(same),
        first_at=same[0].at,
        last_at=latest.at,
    )
    new = {name: insert.excluded[name] for name in ("text", "why", "last_at")}
    more = {"count": col(Unanswered.count) + len(same)}
    await connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=new | more))


async def _report(
    database: Database, connection: AsyncConnection, notes: Sequence[_Question | _Report]
) -> None:
    rows = [
        {
            "id": note.id,
            "fact": note.wrong.fact,
            "language": note.wrong.language,
            "call": note.wrong.call,
            "text": note.wrong.text,
            "at": note.at,
        }
        for note in notes
        if isinstance(note, _Report)
    ]
    room = max(0, MOST - await _rows(connection, WrongFact)) if rows else 0
    if rows[:room]:
        insert = database.insert(WrongFact)
        await connection.execute(insert.on_conflict_do_nothing(), rows[:room])


async def _rows(connection: AsyncConnection, table: type[Unanswered] | type[WrongFact]) -> int:
    return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
