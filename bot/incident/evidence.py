"""Files for a notice: kept for the one being prepared, then bound to the one that was made.

A file is known by the hash of its bytes as they came. What is attached may be another: a screenshot
is drawn anew, a form's PDF never.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post import limits
from bot.post.books import Books
from bot.post.links import new_id
from bot.store.keys import sign
from bot.store.tables import Evidence as Row
from bot.store.tables import EvidenceBytes as Bytes
from handlers.cases import Added, Kept
from handlers.turn import Upload

SCREENSHOT = "screenshot"
FORM = "form"
MOST = 6
"""Screenshots of one notice."""

OF_NETWORK = 100_000_000
"""Octets of files that one network may have here for notices that were not made."""

OF_ALL = 2_000_000_000
"""Octets of files that all together may have here for notices that were not made."""

_SIGNS = 8

_TOLD = ("kind", "media_type", "size", "sha256", "problem")
"""What is known of a file beside its bytes."""


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


async def keep(books: Books, conversation: str, upload: Upload, network: str = "") -> Added:
    """Keep a file for the notice that is being prepared; a form takes the place of another.

    `network` is the visitor's IP address where there is one: for the limits.
    """
    if upload.kind not in (SCREENSHOT, FORM):
        return Added.REFUSED
    kept = await being_prepared(books.connection, conversation)
    if any(one.sha256 == upload.sha256 and one.kind == upload.kind for one in kept):
        return Added.SAME
    of_network = _of_network(books, network)
    if not await _has_room(books, of_network, len(upload.content) + len(upload.small)):
        return Added.FULL
    if upload.kind == FORM:
        former = [one.id for one in kept if one.kind == FORM]
        await books.connection.execute(delete(Row).where(col(Row.id).in_(former)))
    elif sum(one.kind == SCREENSHOT for one in kept) >= MOST:
        return Added.TOO_MANY
    await _insert(books, conversation, None, [upload], of_network)
    return Added(upload.kind)


def _of_network(books: Books, network: str) -> str:
    """Return what ids of files from a network begin with: a keyed hash of it, or nothing."""
    counted = limits.counted(network)
    return sign(books.key, "files", counted, length=_SIGNS) if counted else ""


async def _has_room(books: Books, of_network: str, octets: int) -> bool:
    """Whether so many octets more may be kept, from this network and in all."""
    if await _octets(books.connection, true()) + octets > OF_ALL:
        return False
    theirs = col(Row.id).startswith(of_network, autoescape=True)
    return not of_network or await _octets(books.connection, theirs) + octets <= OF_NETWORK


async def _octets(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    """Return how many octets of notices that were not made are kept."""
    size = func.length(col(Bytes.content)) + func.length(col(Bytes.small))
    held = select(func.coalesce(func.sum(size), 0)).join(Row, col(Bytes.evidence) == col(Row.id))
    query = held.where(col(Row.incident).is_(None), which)
    return int((await connection.execute(query)).scalar_one())


async def _insert(
    books: Books,
    conversation: str,
    incident: str | None,
    files: Sequence[Upload | Evidence],
    of_network: str = "",
) -> None:
    """Keep files with their bytes, each under an id of its own."""
    named = [(of_network + new_id(), one) for one in files]
    given = {"conversation": conversation, "incident": incident, "at": books.moment}
    rows = [{"id": name, **given, **{key: getattr(one, key) for key in _TOLD}}
            for name, one in named]  # fmt: skip
    contents = [
        {"evidence": name, "content": one.content, "small": one.small} for name, one in named
    ]
    await books.connection.execute(books.database.insert(Row), rows)
    await books.connection.execute(books.database.insert(Bytes), contents)


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


async def is_whole(connection: AsyncConnection, incident: str) -> bool:
    """Whether the bytes of all files of a made notice are kept still."""
    mine = await connection.execute(_hashes(col(Row.incident) == incident))
    theirs = select(col(Row.conversation)).where(col(Row.incident) == incident)
    there = func.length(col(Bytes.content)) > 0
    kept = await connection.execute(_hashes(col(Row.conversation).in_(theirs), there))
    return {*mine.scalars()} <= {*kept.scalars()}


def _hashes(*which: ColumnElement[bool]) -> Select[Any]:
    return select(col(Row.sha256)).join(Bytes, col(Bytes.evidence) == col(Row.id)).where(*which)


async def bind(books: Books, conversation: str, incident: str, files: Collection[Evidence]) -> None:
    """Let the files of the notice that was prepared be those of the made one.

    A file that an earlier notice has already is kept a second time: each has its own. Of a form
    that is not sent the bytes are kept once: it may be very large.
    """
    open_files = await being_prepared(books.connection, conversation)
    mine = update(Row).where(_open(conversation))
    await books.connection.execute(mine.values(incident=incident))
    known = {one.id for one in open_files}
    once = (replace(one, content=b"") if one.problem else one for one in files)
    again = [one for one in once if one.id not in known]
    if again:
        await _insert(books, conversation, incident, again)


def _open(conversation: str) -> ColumnElement[bool]:
    return and_(col(Row.conversation) == conversation, col(Row.incident).is_(None))


async def _kept(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[Kept]:
    query = select(*(col(getattr(Row, name)) for name in ("id", *_TOLD))).where(condition)
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
    columns = [col(getattr(Row, name)) for name in ("id", *_TOLD)]
    columns += [col(Bytes.content), col(Bytes.small)]
    found = select(*columns).join(Bytes, col(Bytes.evidence) == col(Row.id)).where(condition)
    query = found.order_by(col(Row.at), col(Row.id))
    rows = [Evidence(*row) for row in await connection.execute(query)]
    return [one if one.content else await _filled(connection, one) for one in rows]


async def _filled(connection: AsyncConnection, one: Evidence) -> Evidence:
    """Return a file with its bytes, where another notice of its conversation has them."""
    its = select(col(Row.conversation)).where(col(Row.id) == one.id).scalar_subquery()
    held = select(col(Bytes.content)).join(Row, col(Bytes.evidence) == col(Row.id))
    same = and_(col(Row.conversation) == its, col(Row.sha256) == one.sha256)
    query = held.where(same, func.length(col(Bytes.content)) > 0).limit(1)
    kept = (await connection.execute(query)).scalar()
    return one if kept is None else replace(one, content=bytes(kept))
