"""The relay: what is planned is carried once, fixed before it leaves, and noted afterwards."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import select, update
from sqlmodel import col

from bot.clock import Clock
from bot.post import outbox
from bot.post.kinds import Kind, Lane
from bot.post.outbox import Claimed, Frozen, Planned, Undecided
from bot.post.outcomes import Break, Command, Reply, classify
from bot.post.relay import Relay, Way
from bot.post.settling import Report
from bot.store.database import Database
from bot.store.tables import OutboxMessage as Row

NOON = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
PATIENCE = 20.0
OK = Report(classify(Command.DOT, Reply(250, "2.0.0 Ok: queued as 4711")), "250 queued as 4711")
LATER = Report(classify(Command.RCPT, Reply(450, "4.2.1 later")), "450 later")
NOBODY = Report(classify(Command.RCPT, Reply(550, "5.1.1 unknown")), "550 unknown")
SILENCE = Report(classify(Command.DOT, Break.DROP), "")


class Carrying:
    """Carries nothing anywhere: answers by script and remembers what it was given."""

    def __init__(self, *answers: Report) -> None:
        self._answers = list(answers)
        self.carried: list[tuple[str, bytes]] = []
        self.at_once = 0
        self.most_at_once = 0

    def capacity(self) -> int:
        return 16

    async def carry(self, message: Claimed, content: bytes) -> Report:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.carried.append((str(message.content["text"]), content))
        self.at_once -= 1
        return self._answers.pop(0) if self._answers else OK


def make(claimed: Claimed) -> Frozen:
    unique = f"{claimed.content['text']}-{claimed.fence}"
    return Frozen(unique.encode(), f"<{unique}@noon.invalid>")


def planned(text: str, due: datetime = NOON, kind: Kind = Kind.REMINDER) -> Planned:
    until = NOON + timedelta(days=2)
    return Planned(text, kind, "mail", f"{text}@example.org", {"text": text}, due, until)


async def plan(database: Database, *messages: Planned) -> None:
    async with database.write() as connection:
        await outbox.plan(database, connection, messages)


@asynccontextmanager
async def relaying(
    database: Database,
    carrier: Carrying,
    rate: float = 1.0,
    lane: Lane = Lane.ORDINARY,
    per_second: float = 0.0,
    making: Callable[[Claimed], Frozen | None] = make,
) -> AsyncIterator[Relay]:
    relay = Relay(
        database,
        Clock(NOON, rate),
        carrier,
        making,
        way=Way(lane, "mail", per_second),
        owner="one",
        lease=30.0,
        rng=Random(1),
    )
    running = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def states(database: Database) -> Counter[str]:
    async with database.read() as connection:
        return Counter((await connection.execute(select(col(Row.state)))).scalars())


async def until(database: Database, holds: Callable[[Counter[str]], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds(await states(database)):
            await asyncio.sleep(0.02)


async def test_each_leaves_once_and_no_more_at_a_time_than_allowed(database: Database) -> None:
    await plan(database, *(planned(f"m{n}") for n in range(150)))
    carrier = Carrying()
    async with relaying(database, carrier):
        await until(database, lambda now: now == {"accepted": 150})
    assert Counter(text for text, _ in carrier.carried) == {f"m{n}": 1 for n in range(150)}
    assert 1 < carrier.most_at_once <= 16


async def test_what_is_refused_for_now_leaves_later_with_the_same_bytes(
    database: Database,
) -> None:
    await plan(database, planned("a"))
    carrier = Carrying(LATER, SILENCE, OK)
    async with relaying(database, carrier, rate=3_600.0):
        await until(database, lambda now: now == {"accepted": 1})
    assert carrier.carried == [("a", b"a-1")] * 3


async def test_a_dead_address_is_tried_once(database: Database) -> None:
    await plan(database, planned("gone"), planned("there"))
    carrier = ByName({"gone": NOBODY})
    async with relaying(database, carrier, rate=3_600.0):
        await until(database, lambda now: now["accepted"] == 1 and not now["sending"])
        await asyncio.sleep(0.3)
    assert Counter(text for text, _ in carrier.carried) == {"gone": 1, "there": 1}


class ByName(Carrying):
    """Answers by what the message says."""

    def __init__(self, answers: dict[str, Report]) -> None:
        super().__init__()
        self._by_name = answers

    async def carry(self, message: Claimed, content: bytes) -> Report:
        await super().carry(message, content)
        return self._by_name.get(str(message.content["text"]), OK)


async def test_an_incident_has_a_lane_of_its_own(database: Database) -> None:
    await plan(database, planned("notice", kind=Kind.INCIDENT), planned("reminder"))
    carrier = Carrying()
    async with relaying(database, carrier, lane=Lane.INCIDENT):
        await until(database, lambda now: now["accepted"] == 1)
    assert [text for text, _ in carrier.carried] == ["notice"]


async def test_a_stop_notes_what_was_carried(database: Database) -> None:
    await plan(database, *(planned(f"m{n}") for n in range(40)))
    carrier = Carrying()
    async with relaying(database, carrier):
        async with asyncio.timeout(PATIENCE):
            while len(carrier.carried) < 20:
                await asyncio.sleep(0)
    carried = len(carrier.carried)
    assert (await states(database))["accepted"] >= carried - carrier.at_once


async def test_no_more_leave_a_second_than_the_provider_takes(database: Database) -> None:
    await plan(database, *(planned(f"m{n}") for n in range(30)))
    carrier = Carrying()
    begun = asyncio.get_running_loop().time()
    async with relaying(database, carrier, per_second=10.0):
        await until(database, lambda now: now == {"accepted": 30})
    assert asyncio.get_running_loop().time() - begun >= 1.8


async def test_what_is_outdated_when_its_turn_comes_is_called_off(database: Database) -> None:
    await plan(database, planned("old"), planned("new"))
    carrier = Carrying()

    def only_new(claimed: Claimed) -> Frozen | None:
        return None if claimed.content["text"] == "old" else make(claimed)

    async with relaying(database, carrier, making=only_new):
        await until(database, lambda now: now == {"accepted": 1, "cancelled": 1})
    assert [text for text, _ in carrier.carried] == ["new"]


async def test_while_no_way_is_open_nothing_is_claimed(database: Database) -> None:
    await plan(database, planned("a"))
    carrier = Closed()
    async with relaying(database, carrier) as relay:
        await asyncio.sleep(0.2)
        assert await states(database) == {"planned": 1}
        carrier.open = True
        relay.wake.set()
        await until(database, lambda now: now == {"accepted": 1})


class Closed(Carrying):
    """Has no room until it is opened."""

    open = False

    def capacity(self) -> int:
        return super().capacity() if self.open else 0


async def test_one_that_cannot_be_built_is_left_to_a_person_and_keeps_nobody_back(
    database: Database,
) -> None:
    await plan(database, *(planned(f"m{n}") for n in range(5)), planned("bad"))

    def only_good(claimed: Claimed) -> Frozen:
        if claimed.content["text"] == "bad":
            raise KeyError("no such words")
        return make(claimed)

    async with relaying(database, Carrying(), making=only_good):
        await until(database, lambda now: now == {"accepted": 5, "needs_human": 1})


async def test_what_waits_when_the_way_closes_can_be_taken_by_others(database: Database) -> None:
    await plan(database, *(planned(f"m{n}") for n in range(60)))
    carrier = Closing()
    async with relaying(database, carrier):
        await until(database, lambda now: now["accepted"] > 0 and not now["sending"])
    assert (await states(database))["deferred"] > 0


class Closing(Closed):
    """Closes after the first few."""

    open = True

    async def carry(self, message: Claimed, content: bytes) -> Report:
        self.open = len(self.carried) < 8
        return await super().carry(message, content)


async def test_a_carrier_that_fails_leaves_no_message_in_its_hands(database: Database) -> None:
    await plan(database, planned("falls"), planned("flies"))
    async with relaying(database, Falling(), rate=3_600.0):
        await until(database, lambda now: now == {"accepted": 2})


class Falling(Carrying):
    """Fails once, as no carrier should."""

    async def carry(self, message: Claimed, content: bytes) -> Report:
        await super().carry(message, content)
        if len(self.carried) == 1:
            raise ConnectionResetError("the store went away")
        return OK


async def test_what_others_know_better_is_left_to_them(database: Database) -> None:
    await plan(database, planned("newer"), planned("mine"))
    carrier = Carrying()

    def undecided(claimed: Claimed) -> Frozen:
        if claimed.content["text"] == "newer":
            raise Undecided
        return make(claimed)

    async with relaying(database, carrier, making=undecided):
        await until(database, lambda now: now == {"accepted": 1, "deferred": 1})
    async with relaying(database, carrier, rate=600.0):
        await until(database, lambda now: now == {"accepted": 2})


async def test_what_is_outdated_by_its_second_attempt_is_called_off(database: Database) -> None:
    await plan(database, planned("moves"))
    carrier = Carrying(LATER)

    def until_tried(claimed: Claimed) -> Frozen | None:
        return None if carrier.carried else make(claimed)

    async with relaying(database, carrier, rate=3_600.0, making=until_tried):
        await until(database, lambda now: now == {"cancelled": 1})
    assert len(carrier.carried) == 1


async def test_what_is_called_off_while_it_is_sent_is_not_tried_again(database: Database) -> None:
    await plan(database, planned("stopped"))
    carrier = Stopping(database, "stopped")
    async with relaying(database, carrier, rate=3_600.0):
        await until(database, lambda now: now == {"expired": 1})
    assert len(carrier.carried) == 1


class Stopping(Carrying):
    """Somebody calls the message off while the server makes up its mind."""

    def __init__(self, database: Database, key: str) -> None:
        super().__init__(LATER)
        self._database = database
        self._key = key

    async def carry(self, message: Claimed, content: bytes) -> Report:
        async with self._database.write() as connection:
            await outbox.cancel(connection, [self._key], NOON)
        return await super().carry(message, content)


async def test_a_silence_near_the_end_is_no_reason_to_try_without_end(database: Database) -> None:
    short = Planned(
        "a",
        Kind.REMINDER,
        "mail",
        "a@example.org",
        {"text": "a"},
        NOON,
        NOON + timedelta(minutes=5),
    )
    await plan(database, short)
    carrier = Carrying(SILENCE, SILENCE, SILENCE)
    async with relaying(database, carrier):
        await until(database, lambda now: now == {"needs_human": 1})
        await asyncio.sleep(0.3)
    assert len(carrier.carried) == 1


async def test_kinds_of_a_newer_release_are_left_alone(database: Database) -> None:
    await plan(database, planned("known"), planned("unknown"))
    async with database.write() as connection:
        newer = update(Row).where(col(Row.key) == "unknown")
        await connection.execute(newer.values(kind="from-a-newer-version"))
    async with relaying(database, Carrying()):
        await until(database, lambda now: now == {"accepted": 1, "planned": 1})
