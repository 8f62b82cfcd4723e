"""The post office as a role: plans what is due, carries it, reads what comes back, watches itself.

Every lane of every channel has a relay and connections of its own, so that a long run of reminders
never stands before an incident, and a slow mail provider never before Telegram.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from random import SystemRandom
from typing import Any
from uuid import uuid4

from bot.faces import ops
from bot.faces.telegram.face import make_bot
from bot.incident import following
from bot.incident.messages import Messages
from bot.incident.returning import Returning
from bot.incident.warning import Warnings
from bot.post import bounces, claiming, suppression
from bot.post.kinds import Lane
from bot.post.letters import Letters
from bot.post.mail import Capture, MailCarrier
from bot.post.planner import Planner
from bot.post.relay import Carrier, Relay, Way
from bot.post.telegram import TelegramCarrier
from bot.post.watch import Watcher
from bot.service import Noon
from handlers.ledger import MAIL, TELEGRAM

CONNECTIONS = {Lane.INCIDENT: 2, Lane.ORDINARY: 8}
"""Connections to a mail provider. More than eight gain nothing (measured in `bench`)."""


class Office:
    """The parts of one process's post office.

    `passing` is told the points of each message's way, so that a test can stop the process there.
    """

    def __init__(self, noon: Noon, passing: Callable[[str], None] = lambda point: None) -> None:
        self._noon = noon
        self._passing = passing
        self._owner = uuid4().hex
        self._letters = Letters(lambda: noon.almanac.desk, noon.key, noon.settings, noon.clock)
        self._messages = Messages(self._letters, noon.books)
        zone = noon.almanac.desk.agency.zone
        self._watcher = Watcher(noon.database, noon.settings, noon.clock, zone)
        self._carriers: dict[Way, Carrier] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        if self._noon.database.embedded:
            # The role's lock on this machine shows that nobody else carries messages.
            async with self._noon.database.write() as connection:
                await claiming.let_go(connection)
        noon = self._noon
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            for way in self._ways():
                carrier = await stack.enter_async_context(self._carrier(way))
                self._carriers[way] = carrier
                tasks.create_task(self._relay(way, carrier).run())
            tasks.create_task(self._planner().run())
            tasks.create_task(self._watcher.run())
            tasks.create_task(Warnings(noon.database, noon.clock, noon.books).run())
            tasks.create_task(bounces.run(noon, Returning(noon.books)))
            tasks.create_task(ops.serve(self._noon, self.circuits))

    def circuits(self) -> Sequence[tuple[str, bool]]:
        """Return each mail provider and whether its circuit is open, in any lane."""
        states: dict[str, bool] = {}
        for carrier in self._carriers.values():
            if isinstance(carrier, MailCarrier):
                for provider, is_open in carrier.circuits():
                    states[provider] = states.get(provider, False) or is_open
        return list(states.items())

    def _ways(self) -> list[Way]:
        settings = self._noon.settings
        rate = settings.mail_rate if settings.mail_providers else 0.0
        ways = [Way(Lane.INCIDENT, MAIL), Way(Lane.ORDINARY, MAIL, rate)]
        if settings.telegram_token is not None:
            ways += [Way(lane, TELEGRAM) for lane in Lane]
        return ways

    @asynccontextmanager
    async def _carrier(self, way: Way) -> AsyncIterator[Carrier]:
        noon = self._noon
        if way.channel == TELEGRAM:
            carrier = TelegramCarrier(make_bot(noon), noon.clock, fetch=noon.files.draft)
            try:
                yield carrier
            finally:
                await carrier.close()
        elif not noon.settings.mail_providers:
            yield Capture(noon.settings.data_dir / "mail", noon.clock)
        else:
            mail = self._mail(way)
            try:
                yield mail
            finally:
                await mail.close()

    def _mail(self, way: Way) -> MailCarrier:
        settings, key = self._noon.settings, self._noon.key
        return MailCarrier(
            settings.mail_providers,
            sender=lambda claimed: bounces.envelope_sender(settings, key, claimed),
            connections=CONNECTIONS[way.lane],
            name=settings.sender.rpartition("@")[2],
            clock=self._noon.clock,
            on_trouble=self._watcher.trouble,
            passing=self._passing,
        )

    def _planner(self) -> Planner:
        noon = self._noon
        return Planner(
            noon.database, noon.clock, lambda: noon.almanac.desk, noon.settings, noon.key,
            owner=self._owner,
        )  # fmt: skip

    def _relay(self, way: Way, carrier: Carrier) -> Relay:
        noon = self._noon
        return Relay(
            noon.database,
            noon.clock,
            carrier,
            self._letters.make,
            way=way,
            owner=self._owner,
            lease=noon.settings.lease,
            rng=SystemRandom(),
            lose=lambda connection, claimed: suppression.lose(
                noon.database, connection, noon.key, claimed, noon.clock.now()
            ),
            passing=self._passing,
            **(self._incidents() if way.lane is Lane.INCIDENT else {}),
        )

    def _incidents(self) -> dict[str, Any]:
        """Return what the incident lane tells and records besides."""
        books = self._noon.books
        return {
            "tell": self._messages.make,
            "noted": lambda connection, settled: following.noted(books(connection), settled),
        }


async def serve(noon: Noon) -> None:
    """Run the post office until cancelled."""
    await Office(noon).run()
