"""Files for a notice: kept for the one being prepared, then bound to the one that was made.

A file is known by the hash of its bytes as they came. What is attached may be another: a screenshot
is drawn anew, a form's PDF never.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post.books import Books
from bot.post.links import new_id
from bot.store.tables import Evidence as Row
from handlers.cases import Added, Kept
from handlers.turn import Upload

SCREENSHOT = "screenshot"
FORM = "form"
MOST = 6
"""Screenshots of one notice."""


@dataclass(frozen=True)
class Evidence:
    """A file with its bytes: `content` is what is attached, `small` a screenshot in few bytes."""

    id: str
    kind: str
    media_type: str
    size: int
    sha256: str
    problem: str
    content: bytes = field(repr=False)
    small: bytes = field(repr=False)


async def keep(books: Books, conversation: str, upload: Upload) -> Added:
    """Keep a file for the notice that is being prepared; a form takes the place of another."""
    if upload.kind not in (SCREENSHOT, FORM):
        return Added.REFUSED
    kept = await being_prepared(books.connection, conversation)
    if any(one.sha256 == upload.sha256 and one.kind == upload.kind for one in kept):
        return Added.SAME
    if upload.kind == FORM:
        former = [one.id for one in kept if one.kind == FORM]
        await books.connection.execute(delete(Row).where(col(Row.id).in_(former)))
    elif sum(one.kind == SCREENSHOT for one in kept) >= MOST:
        return Added.TOO_MANY
    await books.connection.execute(books.database.insert(Row), [_row(books, conversation, upload)])
    return Added(upload.kind)


def _row(books: Books, conversation: str, upload: Upload) -> dict[str, Any]:
    names = ("kind", "media_type", "size", "sha256", "problem", "content", "small")
    given = {name: getattr(upload, name) for name in names}
    return {"id": new_id(), "conversation": conversation, "at": books.moment, **given}


async def drop(connection: AsyncConnection, conversation: str, identifier: str) -> bool:
    """Forget a file of the notice that is being prepared; False where there is none."""
    mine = and_(_open(conversation), col(Row.id) == identifier)
    return (await connection.execute(delete(Row).where(mine))).rowcount > 0


async def being_prepared(connection: AsyncConnection, conversation: str) -> list[Kept]:
    """Return what is kept for the notice that is being prepared, oldest first."""
    return await _kept(connection, _open(conversation))


async def of_notice(connection: AsyncConnection, incident: str) -> list[Kept]:
    """Return the files of a made notice, oldest first."""
    return await _kept(connection, col(Row.incident) == incident)


async def read(connection: AsyncConnection, conversation: str, before: str = "") -> list[Evidence]:
    """Return the files for the notice being prepared, with those of the notice `before` it.

    The newest form takes the place of every other, and no more than six screenshots are taken, the
    newest; the form comes first.
    """
    new = await _whole(connection, _open(conversation))
    mine = and_(col(Row.incident) == before, col(Row.conversation) == conversation)
    old = await _whole(connection, mine) if before else []
    return chosen([*old, *new])


def chosen(files: Sequence[Evidence]) -> list[Evidence]:
    """Return what one notice takes of `files`, which are ordered from the oldest."""
    once = {one.sha256: one for one in files}.values()
    forms = [one for one in once if one.kind == FORM]
    return [*forms[-1:], *[one for one in once if one.kind == SCREENSHOT][-MOST:]]


async def of(connection: AsyncConnection, incident: str) -> list[Evidence]:
    """Return the files of a made notice with their bytes, the form first."""
    return chosen(await _whole(connection, col(Row.incident) == incident))


async def bind(books: Books, conversation: str, incident: str, files: Collection[Evidence]) -> None:
    """Let the files of the notice that was prepared be those of the made one.

    A file that an earlier notice has already is kept a second time: each has its own.
    """
    open_files = await being_prepared(books.connection, conversation)
    mine = update(Row).where(_open(conversation))
    await books.connection.execute(mine.values(incident=incident))
    known = {one.id for one in open_files}
    again = [
        {
            "id": new_id(),
            "conversation": conversation,
            "incident": incident,
            "at": books.moment,
            **{name: value for name, value in vars(one).items() if name != "id"},
        }
        for one in files
        if one.id not in known
    ]
    if again:
        await books.connection.execute(books.database.insert(Row), again)


def _open(conversation: str) -> ColumnElement[bool]:
    return and_(col(Row.conversation) == conversation, col(Row.incident).is_(None))


async def _kept(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[Kept]:
    names = ("id", "kind", "media_type", "size", "sha256", "problem")
    query = select(*(col(getattr(Row, name)) for name in names)).where(condition)
    rows = (await connection.execute(query.order_by(col(Row.at), col(Row.id)))).mappings().all()
    return [_named(row, number) for number, row in _numbered(rows)]


def _numbered(rows: Sequence[Mapping[Any, Any]]) -> list[tuple[int, Mapping[Any, Any]]]:
    """Return rows, each with its number among those of its kind."""
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        seen[row["kind"]] = seen.get(row["kind"], 0) + 1
        found.append((seen[row["kind"]], row))
    return found


def _named(row: Mapping[Any, Any], number: int) -> Kept:
    ending = row["media_type"].rpartition("/")[2].replace("jpeg", "jpg")
    name = f"form.{ending}" if row["kind"] == FORM else f"screenshot-{number}.{ending}"
    return Kept(row["id"], row["kind"], name, row["size"], row["sha256"], row["problem"])


async def _whole(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[Evidence]:
    columns = [col(getattr(Row, name)) for name in Evidence.__dataclass_fields__]
    query = select(*columns).where(condition).order_by(col(Row.at), col(Row.id))
    return [Evidence(*row) for row in await connection.execute(query)]
