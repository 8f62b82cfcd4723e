"""Notices to the agency put straight into the tables, as the desk would have made them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col

from bot.incident import register
from bot.post import fixed
from bot.post.books import Books
from bot.post.kinds import Kind
from bot.post.links import new_id
from bot.post.outbox import Frozen, Planned
from bot.service import Noon
from bot.store.tables import Evidence, EvidenceBytes, Incident, OutboxMessage
from handlers.cases import Way
from rules.incident import Case

DEADLINE = "2026-ka220-r1"
NOON = datetime.fromisoformat("2026-03-05T11:00:00+00:00")
"""The deadline: noon in Brussels."""

CLOSES = NOON + timedelta(hours=2)
FORM_ID = "KA220-VET-0A1B2C3D"
PERSON = "anna.berzina@example.org"
AGENCY = "incidents@agency.example"
CASE = Case(
    deadline=DEADLINE,
    action="KA220",
    sector="VET",
    organisation="Liepājas Valsts tehnikums",
    oid="E10012345",
    title="Prasmes rītdienai",
    form_id=FORM_ID,
    attempt=NOON - timedelta(minutes=2),
    first_failure=NOON - timedelta(minutes=5),
    happened="Pogai “Submit” seko tukša lapa.",
    contact="Anna Bērziņa",
    phone="+371 20000000",
    unchanged=True,
)


async def notice(
    noon: Noon,
    made: datetime = NOON + timedelta(minutes=5),
    way: Way = Way.SENDING,
    outbox_values: dict[str, Any] | None = None,
    steps: tuple[tuple[str, str], ...] = (),
    **given: Any,
) -> Incident:
    """Keep a notice with its mail, its steps a minute apart, and return its row."""
    identifier = new_id()
    row = Incident(
        **{
            "id": identifier,
            "conversation": f"web-{identifier}",
            "deadline": DEADLINE,
            "form": identifier,
            "address": PERSON,
            "mailbox": AGENCY,
            "language": "lv",
            "zone": "Europe/Riga",
            "told": register.written(CASE),
            "way": way.value,
            "message_id": f"<incident.{identifier}@noon.example>",
            "made_at": made.timestamp(),
            "closes_at": CLOSES.timestamp(),
            **given,
        }
    )
    async with noon.database.write() as connection:
        books = noon.books(connection)
        if way is not Way.BY_HAND:
            row.message = await _mail(books, row, made)
            change = update(OutboxMessage).where(col(OutboxMessage.id) == row.message)
            if outbox_values:
                await connection.execute(change.values(**outbox_values))
        await register.keep(noon.database, connection, row)
        await _picture(books, row)
        for number, (what, words) in enumerate((("confirmed", ""), *steps)):
            at = made + timedelta(minutes=number)
            once = f"{identifier}:{number}"
            await register.add_step(noon.database, connection, identifier, once, at, what, words)
    return row


async def _mail(books: Books, row: Incident, made: datetime) -> str:
    content = {"what": "incident", "incident": row.id, "language": "lv", "zone": "Europe/Riga"}
    held = row.way == Way.HELD.value
    planned = Planned(
        f"incident:{row.id}:full",
        Kind.INCIDENT,
        "mail",
        AGENCY,
        content,
        CLOSES if held else made,
        CLOSES,
    )
    frozen = Frozen(b"Subject: the notice\r\n\r\nas it leaves\r\n", row.message_id)
    (message,) = await fixed.plan(books.database, books.connection, [(planned, frozen)])
    return message


async def _picture(books: Books, row: Incident) -> None:
    values = {
        "id": new_id(),
        "conversation": row.conversation,
        "incident": row.id,
        "kind": "screenshot",
        "media_type": "image/png",
        "size": 1000,
        "sha256": "ab" * 32,
        "problem": "",
        "at": row.made_at,
    }
    await books.connection.execute(insert(Evidence).values(values))
    content = {"evidence": values["id"], "content": b"\x89PNG", "small": b"\x89PNG"}
    await books.connection.execute(insert(EvidenceBytes).values(content))
