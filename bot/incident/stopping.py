"""The agency's wish to get no more mail from here: kept until the operator lifts it.

What is planned, tried again or held is called off at once; the post office then hands it to its
person, as it does with every notice that ends unsent.

Everybody who is sent a copy of a notice has the link in its foot too, and must not be able to stop
everybody else's notices on the day they are needed. So the link stops those of the same sender, at
once, and warns the operator, who can stop all.
"""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlmodel import col

from bot.post import alarms, outbox
from bot.post.books import Books
from bot.post.suppression import mailbox
from bot.store.tables import Incident, OutboxMessage, Secret

ALL = "agency-stopped"
"""The note that no notice goes to the agency; of one sender's there is a hash behind it."""


async def is_stopped(books: Books, address: str) -> bool:
    """Whether notices of the mailbox `address` are not sent to the agency any more."""
    names = (ALL, _name(books, address))
    query = select(col(Secret.name)).where(col(Secret.name).in_(names))
    return (await books.connection.execute(query)).first() is not None


async def is_blocked(books: Books) -> bool:
    """Whether no notice at all is sent to the agency."""
    query = select(col(Secret.name)).where(col(Secret.name) == ALL)
    return (await books.connection.execute(query)).first() is not None


async def stop(books: Books, row: Incident) -> None:
    """Send no more notices of this one's sender, and warn the operator; again changes nothing."""
    name = _name(books, row.address)
    await _note(books, name)
    await _call_off(books, [key for key, by in await _on_their_way(books) if by == name])
    await alarms.warn(
        books.database,
        books.connection,
        books.settings,
        books.now,
        "agency-stopped",
        f"agency-stopped:{row.id}",
        {"id": row.id},
    )


async def block(books: Books) -> None:
    """Send no notice to the agency any more."""
    await _note(books, ALL)
    await _call_off(books, [key for key, _ in await _on_their_way(books)])


async def _on_their_way(books: Books) -> list[tuple[str, str]]:
    """Return the outbox keys of notices that may still leave, each with its sender's note."""
    query = (
        select(col(OutboxMessage.key), col(Incident.address))
        .join(OutboxMessage, col(OutboxMessage.id) == col(Incident.message))
        .where(outbox.LIVE)
    )
    found = await books.connection.execute(query)
    return [(row.key, _name(books, row.address)) for row in found]


async def _call_off(books: Books, keys: Collection[str]) -> None:
    if keys:
        await outbox.cancel(books.connection, keys, books.now)


async def lift(books: Books) -> int:
    """Send notices to the agency again; return how many stops were lifted."""
    mine = col(Secret.name).startswith(ALL)
    return int((await books.connection.execute(delete(Secret).where(mine))).rowcount)


async def _note(books: Books, name: str) -> None:
    insert = books.database.insert(Secret).values(name=name, value=books.now.isoformat())
    await books.connection.execute(insert.on_conflict_do_nothing(index_elements=["name"]))


def _name(books: Books, address: str) -> str:
    return f"{ALL}:{mailbox(books.key, address)}"
