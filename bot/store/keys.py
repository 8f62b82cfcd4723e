"""The key for hashed ids and the webhook: set by the operator, or made once and kept."""

import secrets
from hashlib import sha256
from hmac import new as hmac

from sqlalchemy import select
from sqlmodel import col

from bot.store.database import Database
from bot.store.tables import Secret


async def key(database: Database, given: str | None) -> bytes:
    """Return the operator's key, or the one kept in the database, made on first need."""
    if given:
        return given.encode()
    async with database.write() as connection:
        insert = database.insert(Secret).values(name="key", value=secrets.token_urlsafe(32))
        await connection.execute(insert.on_conflict_do_nothing(index_elements=["name"]))
        query = select(col(Secret.value)).where(col(Secret.name) == "key")
        return str((await connection.execute(query)).scalar_one()).encode()


def sign(key: bytes, *parts: object, length: int = 32) -> str:
    """Return `length` hex digits that only the holder of `key` can make from `parts`."""
    text = "\x1f".join(str(part) for part in parts)
    return hmac(key, text.encode(), sha256).hexdigest()[:length]
