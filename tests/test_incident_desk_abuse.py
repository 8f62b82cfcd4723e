"""Nobody can make Noon write to the agency, or to a stranger, more than is meant."""

from collections import Counter
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest
from sqlmodel import col

from bot.incident import holding, register, stopping
from bot.post import outbox
from bot.post.limits import LIMITS
from bot.store.database import Database
from bot.store.tables import Incident, OutboxMessage
from handlers.cases import Asked, Given, Refused, Standing, Way
from tests.notices import AGENCY, BEFORE, CASE, DURING, ENDS, MINUTE, Bureau
from tests.post_office import ANNA

CHATS, ADDRESSES, NETWORKS = 200, 700, 50


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> Bureau:
    return Bureau(database, tmp_path, given={"incident_mailbox": AGENCY, "incident_forecast": 2})


async def alarms(bureau: Bureau) -> list[str]:
    """Return the operator's warnings that leave within a minute."""
    rows = await bureau.rows(OutboxMessage, col(OutboxMessage.kind) == "alarm")
    soon = (bureau.now + MINUTE).timestamp()
    return sorted(row["key"].split(":")[1] for row in rows if row["next_at"] <= soon)


def form(number: int) -> str:
    return f"KA210-VET-{number:08X}"


async def late(bureau: Bureau, count: int) -> list[Way]:
    """Make notices of people nobody knew before the deadline; return what becomes of them."""
    ways = []
    for number in range(count):
        bureau.now += MINUTE / 60
        who = f"late-{number}"
        await bureau.prove(f"{who}@example.org", who)
        made = await bureau.confirm_notice(replace(CASE, form_id=form(number)), who)
        ways.append(made.way)
    return ways


async def test_a_crowd_that_proves_nothing_reaches_nobody(bureau: Bureau) -> None:
    bureau.now = BEFORE
    await bureau.prove(ANNA, "anna")
    bureau.now = DURING
    networks = cycle(f"198.51.100.{number}" for number in range(NETWORKS))
    asked: Counter[Asked] = Counter()
    async with bureau.books() as books:
        for number in range(ADDRESSES):
            cases = bureau.in_books(books, f"chat-{number % CHATS}", next(networks))
            asked[await cases.ask_code(f"victim-{number}@example.org")] += 1
            if number < CHATS:
                assert await cases.confirm(CASE) is Refused.NO_MAILBOX
            if number % 10 == 0:
                assert await cases.give_code(f"{number:06}") is not Given.RIGHT
    of_code = col(OutboxMessage.kind) == "code"
    mails = await bureau.rows(OutboxMessage, of_code, col(OutboxMessage.address) != ANNA)
    assert [row for row in mails if row["address"] == AGENCY] == []
    assert await bureau.rows(Incident) == []
    assert max(Counter(row["address"] for row in mails).values()) <= LIMITS["address"].most
    assert 0 < len(mails) <= LIMITS["codes"].most
    assert asked[Asked.REFUSED] > 0
    assert await alarms(bureau) == ["codes-abnormal"]
    assert (await bureau.confirm_notice(conversation="anna")).way is Way.SENDING


async def test_one_victim_gets_three_mails_from_a_crowd(bureau: Bureau) -> None:
    spelled = cycle(["victim@example.org", "v.ictim@example.org", "victim+x@example.org"])
    for number in range(20):
        await bureau.ask_code(next(spelled), f"chat-{number}", f"203.0.113.{number}")
    mails = await bureau.rows(OutboxMessage, col(OutboxMessage.kind) == "code")
    assert len(mails) == LIMITS["address"].most


async def test_far_too_many_late_notices_are_held_and_the_operator_is_warned(
    bureau: Bureau,
) -> None:
    ways = await late(bureau, 8)
    assert ways == [Way.SENDING] * 6 + [Way.HELD] * 2
    assert await alarms(bureau) == ["incident-held", "incidents-many"]
    (held,) = await bureau.notices("late-6")
    assert held.standing is Standing.HELD
    assert [step.what for step in held.steps] == ["confirmed", "held"]
    planned = await bureau.rows(OutboxMessage, col(OutboxMessage.address) == AGENCY)
    waits = [row for row in planned if row["next_at"] == row["not_after"] == ENDS.timestamp()]
    assert len(waits) == 2
    assert all(row["message_id"] for row in waits)


async def test_who_was_proved_before_the_deadline_is_never_held(bureau: Bureau) -> None:
    bureau.now = BEFORE
    await bureau.prove(ANNA, "anna")
    bureau.now = DURING
    await late(bureau, 7)
    known = replace(CASE, form_id=form(99))
    assert (await bureau.confirm_notice(known, "anna")).way is Way.SENDING


async def test_what_is_let_go_leaves_now_and_once(bureau: Bureau) -> None:
    await late(bureau, 8)
    bureau.now += MINUTE
    async with bureau.books() as books:
        held = [row.id for row in await holding.held(books)]
        assert await holding.release(books, held[:1]) == held[:1]
        assert await holding.release(books, held[:1]) == []
        assert [row.id for row in await holding.held(books)] == held[1:]
    (notice,) = await bureau.notices("late-6")
    assert (notice.way, notice.standing) == (Way.SENDING, Standing.WAITING)
    assert notice.steps[-1].what == "released"
    (row,) = await bureau.rows(
        OutboxMessage, col(OutboxMessage.key) == f"incident:{notice.id}:full"
    )
    assert row["next_at"] == row["due_at"] == bureau.now.timestamp()
    (told,) = await bureau.rows(OutboxMessage, col(OutboxMessage.kind) == "progress")
    assert told["address"] == "late-6@example.org"


async def test_whom_the_agency_has_stopped_writes_by_hand(bureau: Bureau) -> None:
    await bureau.prove(ANNA)
    first = await bureau.confirm_notice()
    async with bureau.books() as books:
        row = await register.by_id(books.connection, first.id)
        assert row is not None
        await stopping.stop(books, row)
    again = await bureau.confirm_notice(replace(CASE, title="x"))
    assert (again.way, again.number) == (Way.BY_HAND, 0)
    await bureau.prove("ben@example.org", "web-2")
    other = replace(CASE, form_id=form(7))
    assert (await bureau.confirm_notice(other, "web-2")).way is Way.SENDING
    async with bureau.books() as books:
        await stopping.lift(books)
    lifted = await bureau.confirm_notice(replace(CASE, title="x"))
    assert (lifted.way, lifted.number) == (Way.SENDING, 1)


async def test_what_is_never_let_go_ends_with_the_window_and_is_not_called_sent(
    bureau: Bureau,
) -> None:
    await late(bureau, 7)
    bureau.now = ENDS
    async with bureau.books() as books:
        await outbox.expire(books.connection, bureau.now)
        assert await holding.release(books, [row.id for row in await holding.held(books)]) == []
    (notice,) = await bureau.notices("late-6")
    assert notice.standing is Standing.STOPPED
