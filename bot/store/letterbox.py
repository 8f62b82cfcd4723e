"""Notes for editors on their way to the database.

They are written a moment after the turn and apart from it: they may not cost a person the answer,
nobody waits for them, and none of them holds up the others.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import exc

from bot.clock import Clock
from bot.logs import places
from bot.store import questions
from bot.store.database import Database
from bot.store.questions import Note, Question, Report, TakenBack
from handlers.editors import Unplaced, Wrong

DAY = 86_400

WAITING = 2_000
"""Notes that wait to be written; the oldest is lost where more come while the database is away."""

_PAUSE = 0.1
_AGAIN = 5.0

_AWAY = (exc.OperationalError, exc.ProgrammingError, exc.TimeoutError, OSError)
"""What a database raises that is away, locked, or has not got the table yet."""

log = logging.getLogger(__name__)


class Letterbox:
    """Takes notes for editors and has them written."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._notes: deque[Note] = deque(maxlen=WAITING)
        self._wake = asyncio.Event()

    def of(self, face: str) -> "FaceEditors":
        """Return `handlers.editors.Editors` for what is said on a face."""
        return FaceEditors(self, face)

    @property
    def today(self) -> float:
        """The start of the day in UTC, in seconds since 1970."""
        return self._clock.now().timestamp() // DAY * DAY

    def drop(self, note: Note) -> None:
        """Take a note, to be written soon."""
        self._notes.append(note)
        self._wake.set()

    async def watch(self) -> None:
        """Write what comes until cancelled; what cannot be written yet is tried again."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(_PAUSE)
            if not await self.empty():
                await asyncio.sleep(_AGAIN)
                self._wake.set()

    async def empty(self) -> bool:
        """Write what waits; False, with the notes still waiting, where the database is away."""
        taken = list(self._notes)
        if not taken:
            return True
        try:
            await self._write(taken)
        except Exception as error:
            return not await self._is_away(error) and await self._write_singly(taken)
        self._strike(taken)
        return True

    async def _write_singly(self, taken: list[Note]) -> bool:
        """Write one note after the other and throw away each that cannot be written at all."""
        for note in taken:
            try:
                await self._write([note])
            except Exception as error:
                if await self._is_away(error):
                    return False
                log.error("a note for editors is thrown away: %s", places(error))
            self._strike([note])
        return True

    async def _write(self, notes: list[Note]) -> None:
        async with self._database.write() as connection:
            await questions.write(self._database, connection, notes)

    async def _is_away(self, error: Exception) -> bool:
        """Whether the database, not a note, is why something could not be written."""
        away = isinstance(error, _AWAY) or not await self._database.works()
        if away:
            log.error("notes for editors wait: %s", places(error))
        return away

    def _strike(self, written: Iterable[Note]) -> None:
        for note in written:
            if self._notes and self._notes[0] is note:
                self._notes.popleft()


@dataclass(frozen=True)
class FaceEditors:
    """`handlers.editors.Editors` of one face."""

    letterbox: Letterbox
    face: str

    def unplaced(self, text: str, language: str, why: Unplaced) -> None:
        """Count a masked question that could not be placed; one without a word is none."""
        note = Question(storable(text), language, self.face, why.value, self.letterbox.today)
        if note.known_by:
            self.letterbox.drop(note)

    def wrong(self, report: Wrong) -> str:
        """Keep a report of a wrong fact; return by what it can be taken back."""
        wrong = Wrong(storable(report.fact), report.language, report.call, storable(report.text))
        name = uuid4().hex
        self.letterbox.drop(Report(name, wrong, self.letterbox.today))
        return name

    def take_back(self, report: str) -> None:
        """Keep a report no longer, whether it is written already or waits."""
        self.letterbox.drop(TakenBack(report))


def storable(text: str) -> str:
    """Return `text` without what no database takes: lone surrogates and NUL."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")
