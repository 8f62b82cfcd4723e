"""What editors learn: questions that were not placed, counted, and facts said to be wrong.

Nothing in the rows says whose they are. Days are kept, not moments.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Database
from bot.store.tables import Unanswered, WrongFact
from handlers.editors import Wrong

MOST = 20_000
"""Rows of each table: beyond it the least telling go, so that nobody fills it or is silenced."""


@dataclass(frozen=True)
class Question:
    """A masked question that was not placed, asked on the day that begins `at`."""

    text: str
    language: str
    face: str
    why: str
    at: float

    @property
    def known_by(self) -> str:
        """The words of the question in whatever script, without case and accents."""
        return " ".join("".join(map(_bare, _decomposed(self.text))).split())

    @property
    def id(self) -> str:
        """What the same question of the same language and face is known by."""
        return sha256("\x1f".join((self.known_by, self.language, self.face)).encode()).hexdigest()


@dataclass(frozen=True)
class Report:
    """A report of a wrong fact, made on the day that begins `at`."""

    id: str
    wrong: Wrong
    at: float


@dataclass(frozen=True)
class TakenBack:
    """A report that is to be kept no longer."""

    report: str


Note = Question | Report | TakenBack


async def write(database: Database, connection: AsyncConnection, notes: Sequence[Note]) -> None:
    """Count the questions among `notes`, keep the reports, and delete what is taken back."""
    asked = [note for note in notes if isinstance(note, Question)]
    told = [note for note in notes if isinstance(note, Report)]
    if asked:
        await _count(database, connection, asked)
    if told:
        await _report(database, connection, told)
    back = [note.report for note in notes if isinstance(note, TakenBack)]
    if back:
        await connection.execute(delete(WrongFact).where(col(WrongFact.id).in_(back)))


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
    database: Database, connection: AsyncConnection, asked: Iterable[Question]
) -> None:
    """Count questions; rows are touched in one order, so that two processes never block."""
    in_order = sorted(asked, key=lambda note: note.id)
    for _, same in groupby(in_order, key=lambda note: note.id):
        await _add(database, connection, list(same))
    row = Unanswered
    written = {note.id for note in in_order}
    least = select(col(row.id)).order_by(col(row.count), col(row.last_at), col(row.id))
    await _make_room(connection, row, least.where(col(row.id).not_in(list(written))))


async def _add(database: Database, connection: AsyncConnection, same: list[Question]) -> None:
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


async def _report(database: Database, connection: AsyncConnection, told: Sequence[Report]) -> None:
    rows = [
        {
            "id": note.id,
            "fact": note.wrong.fact,
            "language": note.wrong.language,
            "call": note.wrong.call,
            "text": note.wrong.text,
            "at": note.at,
        }
        for note in told
    ]
    await connection.execute(database.insert(WrongFact).on_conflict_do_nothing(), rows)
    row = WrongFact
    often = select(col(row.fact), func.count().label("times")).group_by(col(row.fact)).subquery()
    oldest = (
        select(col(row.id))
        .join(often, often.c.fact == col(row.fact))
        .order_by(often.c.times.desc(), col(row.text) != "", col(row.at), col(row.id))
    )
    await _make_room(connection, row, oldest.where(col(row.id).not_in([note.id for note in told])))


async def _make_room(
    connection: AsyncConnection,
    table: type[Unanswered] | type[WrongFact],
    least_telling: Select[str],
) -> None:
    """Delete what is over `MOST`, by the order of `least_telling`.

    Rows that another process writes at this moment are passed over: nobody waits.
    """
    rows = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
    if rows > MOST:
        over = least_telling.limit(rows - MOST).with_for_update(skip_locked=True, of=table)
        gone = list((await connection.execute(over)).scalars())
        await connection.execute(delete(table).where(col(table.id).in_(gone)))


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold())


def _bare(sign: str) -> str:
    """Return a letter, a figure or a vowel sign; nothing for an accent, a space for the rest."""
    if unicodedata.combining(sign):
        return ""
    return sign if unicodedata.category(sign)[0] in "LMN" else " "
