"""Reminders in Telegram: people who are to have one, planned by `noon post`, and where they are."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.engine import URL
from sqlmodel import col

from bot.post.links import new_id
from bot.store import contacts, subscriptions
from bot.store.contacts import Contact
from bot.store.database import Database
from bot.store.subscriptions import Subscription
from bot.store.tables import OutboxMessage as Row
from bot.store.tables import TelegramUpdate
from handlers.ledger import TELEGRAM
from tests.post.running import BEFORE, DUE
from tests.telegram.service import Service

LEAD = "T-30d"
PATIENCE = 120.0


def service(api: str, url: URL, folder: Path, **variables: str) -> Service:
    """Return a process whose clock begins when the reminders are due, with Telegram's limits."""
    ours = {
        "NOON_DATABASE_URL": url.render_as_string(hide_password=False),
        "NOON_OPS_PORT": "0",
        "NOON_TELEGRAM_RATE": "25",
        "NOON_TELEGRAM_CHAT_RATE": "1",
        "NOON_NOW": DUE,
    }
    return Service(api, folder, **(ours | variables))


async def subscribe(database: Database, chats: Iterable[int]) -> None:
    """Keep a confirmed subscription to KA220 for each chat."""
    people = [
        Contact(new_id(), TELEGRAM, str(chat), "lv", "Europe/Riga", 1.0, 1.0) for chat in chats
    ]
    wanted = [
        Subscription(new_id(), one.id, "", "KA220-SCH", LEAD, "soak", 1.0, 1.0) for one in people
    ]
    async with database.write() as connection:
        await contacts.keep(database, connection, people)
        await subscriptions.keep(database, connection, wanted)


async def planned(api: str, database: Database, folder: Path, number: int) -> None:
    """Let `noon post` plan the reminders, some days before they are due."""
    async with service(api, database.url, folder, NOON_NOW=BEFORE) as office:
        await office.start("post")
        await until_reminders(database, "planned", number)
        await office.stop()


async def until_reminders(
    database: Database, state: str, number: int, patience: float = PATIENCE
) -> None:
    """Wait until so many reminders are in `state`."""
    found: Counter[str] = Counter()
    try:
        async with asyncio.timeout(patience):
            while (found := await reminders(database))[state] < number:
                await asyncio.sleep(0.5)
    except TimeoutError:
        raise TimeoutError(f"not {number} reminders are {state}: {dict(found)}") from None


async def reminders(database: Database) -> Counter[str]:
    """Return how many of the planned reminders are in each state; others may be added meanwhile."""
    query = select(col(Row.state), func.count()).where(
        col(Row.channel) == TELEGRAM, col(Row.key).endswith(f":{LEAD}")
    )
    async with database.read() as connection:
        rows = await connection.execute(query.group_by(col(Row.state)))
        return Counter(dict(rows.all()))


async def updates(database: Database) -> Counter[str]:
    """Return how many updates are in each state."""
    state = col(TelegramUpdate.state)
    async with database.read() as connection:
        rows = await connection.execute(select(state, func.count()).group_by(state))
        return Counter(dict(rows.all()))
