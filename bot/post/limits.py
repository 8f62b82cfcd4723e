"""Limits on mail that anybody can ask for, so that nobody is bombed with it.

Counted by keyed hashes: 3 mails a day to one address (dots and +tags folded), 5 a day from one
conversation, 20 an hour from one network, 200 an hour in all; codes for a notice, which are asked
for by many at once, have 600 an hour of their own. Who asks is told of the last three, which say
something about the asker alone; of the first one never.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from types import MappingProxyType
from uuid import uuid4

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.post.books import Books
from bot.store.keys import sign
from bot.store.tables import SignUp
from rules.addresses import Address


class Answer(StrEnum):
    """Whether a mail that is asked for may leave."""

    SEND = "send"
    SILENT = "silent"
    """Nothing is sent, and who asks is not told."""
    REFUSED = "refused"
    """Nothing is sent, and who asks is told to come back later."""


@dataclass(frozen=True)
class Limit:
    """At most `most` in the time `within`."""

    most: int
    within: timedelta


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "address": Limit(3, timedelta(days=1)),
        "conversation": Limit(5, timedelta(days=1)),
        "network": Limit(20, timedelta(hours=1)),
        "all": Limit(200, timedelta(hours=1)),
        "codes": Limit(600, timedelta(hours=1)),
    }
)

_WHOLES = ("all", "codes")


async def ask(
    books: Books, address: Address, *, conversation: str, network: str, of: str = "all"
) -> Answer:
    """Count a mail that is asked for and return whether it may leave.

    What is counted of the asker is the same whatever the address, or the count would tell. `of` is
    the limit on all mails of its kind: `all` or `codes`.
    """
    await _alone(books)
    scopes = _scopes(books, conversation, network, of)
    for name, scope in scopes.items():
        if not await _free(books.connection, name, scope, books.now):
            return Answer.REFUSED
    mailbox = _scope(books.key, "address", address.counted)
    free = await _free(books.connection, "address", mailbox, books.now)
    await _count(books, [*scopes.values(), *([mailbox] if free else [])])
    return Answer.SEND if free else Answer.SILENT


async def again(books: Books, *, conversation: str, network: str, of: str = "all") -> datetime:
    """Return from when on another mail may be asked for; now or earlier: at once."""
    free = books.now
    for name, scope in _scopes(books, conversation, network, of).items():
        limit, at = LIMITS[name], col(SignUp.at)
        query = select(at).where(col(SignUp.scope) == scope).order_by(at.desc())
        last = (await books.connection.execute(query.offset(limit.most - 1).limit(1))).scalar()
        if last is not None:
            free = max(free, datetime.fromtimestamp(last, UTC) + limit.within)
    return free


def _scopes(books: Books, conversation: str, network: str, of: str) -> dict[str, str]:
    askers = {"conversation": conversation, "network": counted(network), of: of}
    return {name: _scope(books.key, name, who) for name, who in askers.items() if who}


def counted(network: str) -> str:
    """Return the network that an address is counted in: itself, or the /64 of IPv6.

    A line has at least a /64 (RFC 6177) and may take another address of it for every request.
    """
    try:
        address = ip_address(network)
    except ValueError:
        return network
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), 64), strict=False))


async def _alone(books: Books) -> None:
    """Let no other sign-up be counted until this transaction ends: both would see room."""
    if not books.database.embedded:
        lock = text("SELECT pg_advisory_xact_lock(hashtext('noon:sign-up'))")
        await books.connection.execute(lock)


def _scope(key: bytes, name: str, who: str) -> str:
    return name if name in _WHOLES else sign(key, "sign-up", name, who)


async def _free(connection: AsyncConnection, name: str, scope: str, now: datetime) -> bool:
    since = (now - LIMITS[name].within).timestamp()
    query = select(func.count()).where(col(SignUp.scope) == scope, col(SignUp.at) > since)
    return int((await connection.execute(query)).scalar_one()) < LIMITS[name].most


async def _count(books: Books, scopes: list[str]) -> None:
    rows = [{"id": uuid4().hex, "scope": scope, "at": books.moment} for scope in scopes]
    await books.connection.execute(books.database.insert(SignUp), rows)
