"""The mail carrier: a message to the provider whose turn it is, and what came of it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from email.utils import getaddresses
from typing import Final

from bot.clock import Clock
from bot.logs import places
from bot.post.kinds import CARRIAGE, Kind, Lane
from bot.post.mail.captured import header
from bot.post.mail.circuit import Circuit
from bot.post.mail.login import without_secrets
from bot.post.mail.patience import Patience, patience
from bot.post.mail.pool import Pool
from bot.post.mail.session import Session
from bot.post.mail.stopped import Stopped, TooLate, told
from bot.post.mail.transfer import EVERYTHING, TROUBLE, Envelope, Taken, transfer
from bot.post.outbox import Claimed
from bot.post.outcomes import Break, Command, Outcome, Reply, Verdict, by_recipient, classify
from bot.post.providers import Provider
from bot.post.settling import Report

_HUNG_UP: Final = 421
_HIDDEN = "…"

NOT_TRIED = Report(
    Outcome(Verdict.TRANSIENT, reusable=False, counts=False),
    "not sent: its moment has passed",
    tried=False,
)
"""What is told of a message that was too late; it says nothing of the provider."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Way:
    pool: Pool
    circuit: Circuit


class MailCarrier:
    """Carries mail over `connections` kept connections to each of `providers`, the first first.

    `sender` names the envelope's sender of a message, `name` is how this machine calls itself.
    `on_trouble` is told once when a provider refuses us, with the server's words. `passing` is
    told "after_DATA". `clock` says what is too late; time-outs and circuits follow real time.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        sender: Callable[[Claimed], str],
        connections: int,
        name: str,
        clock: Clock,
        on_trouble: Callable[[Provider, str], None],
        passing: Callable[[str], None] = lambda point: None,
        waits: Callable[[Kind], Patience] = patience,
    ) -> None:
        pools = [Pool(provider, size=connections, name=name) for provider in providers]
        self._ways = [_Way(pool, Circuit()) for pool in pools]
        self._sender = sender
        self._connections = connections
        self._clock = clock
        self._on_trouble = on_trouble
        self._passing = passing
        self._alone: set[str] = set()
        self._waits = waits

    def capacity(self) -> int:
        """Return how many messages may be under way: one while a provider is only being tried."""
        circuits = [way.circuit for way in self._ways]
        if any(circuit.avoided or not circuit.open for circuit in circuits):
            return self._connections
        return 1 if any(circuit.probing for circuit in circuits) else 0

    def circuits(self) -> list[tuple[str, bool]]:
        """Return each provider's name and whether it is seen as broken."""
        return [(str(way.pool.provider), way.circuit.open) for way in self._ways]

    async def carry(self, message: Claimed, content: bytes) -> Report:
        """Send `content` to where `message` says; never raises, whatever happens.

        A message whose moment passes before the server has a byte of it is not sent.
        """
        way = self._chosen(message.provider)
        if way is None:
            return self._no_way()
        probe = way.circuit.enter()
        report = None
        to = recipients(message, content)[: 1 if message.id in self._alone else None]
        try:
            report = await self._tried(way, message, to, content)
        finally:
            known = None if report is NOT_TRIED else report
            hurried = CARRIAGE[message.kind].lane is Lane.INCIDENT
            opened = way.circuit.leave(known, probe=probe, hurried=hurried)
        if opened and way.circuit.avoided:
            log.error("mail provider %s does not answer; others go first", way.pool.provider)
        elif opened:
            self._tell(way, to, report)
        return report if report is NOT_TRIED else replace(report, by=str(way.pool.provider))

    async def close(self) -> None:
        """Take leave of all providers."""
        for way in self._ways:
            await way.pool.close()

    def _chosen(self, number: int) -> _Way | None:
        """Return the way whose turn it is, the next one where its circuit is open.

        Where no way is known to work, one that is dead is tried all the same.
        """
        count = len(self._ways)
        turns = [self._ways[(number + place) % count] for place in range(count)]
        passable = (way for way in turns if way.circuit.passable)
        avoided = (way for way in turns if way.circuit.avoided)
        return next(passable, None) or next(avoided, None)

    def _no_way(self) -> Report:
        """Return what opened a circuit: that has not changed, and nobody is asked again."""
        because = next(way.circuit.because for way in self._ways if way.circuit.because)
        return Report(because.outcome, because.answer, tried=False)

    async def _tried(
        self, way: _Way, message: Claimed, to: tuple[str, ...], content: bytes
    ) -> Report:
        """Return what came of an attempt, also of one that failed here and not at a server."""
        try:
            sender, notify = self._sender(message), _notify(message.kind)
            envelope = Envelope(sender, to, message.id, notify)
            return await self._sent(way, envelope, content, message)
        except TooLate:
            return NOT_TRIED
        except Exception as error:
            # What can break once the message is poured is `Stopped`: nothing has left here.
            log.error("message %s could not be sent: %s", message.id, places(error))
            nothing_left = classify(Command.CONNECT, Break.DROP)
            return Report(nothing_left, f"not sent: {type(error).__name__} on this machine")

    async def _sent(
        self, way: _Way, envelope: Envelope, content: bytes, message: Claimed
    ) -> Report:
        waits = self._waits(message.kind)

        def may() -> bool:
            return self._clock.now() < message.not_after

        try:
            session = await way.pool.take(waits)
            if session.messages:
                try:
                    return await self._over(way, session, envelope, content, may)
                except Stopped as stopped:
                    if not _had_gone(stopped):
                        raise
                session = await way.pool.take(waits, fresh=True)
            return await self._over(way, session, envelope, content, may)
        except Stopped as stopped:
            if stopped.at_copy:
                # A server that hangs up on the copy would never take the message itself.
                self._alone.add(message.id)
            words = without_secrets(way.pool.provider, stopped.said)
            return Report(_outcome(envelope, stopped), words)

    async def _over(
        self,
        way: _Way,
        session: Session,
        envelope: Envelope,
        content: bytes,
        may: Callable[[], bool],
    ) -> Report:
        reusable = True
        try:
            if not may():
                raise TooLate
            reusable = False
            taken = await transfer(session, envelope, content, self._passing, may)
            reusable = True
            return _report(envelope, taken)
        except Stopped as stopped:
            reusable = stopped.outcome.reusable
            raise
        finally:
            way.pool.give_back(session, reusable=reusable)

    def _tell(self, way: _Way, to: tuple[str, ...], report: Report) -> None:
        provider = way.pool.provider
        log.error("mail provider %s refuses us; it gets nothing until it works again", provider)
        answer = report.answer
        for address in to:
            answer = answer.replace(address, _HIDDEN)
        try:
            self._on_trouble(provider, answer)
        except Exception as error:
            # The message was tried, and what came of it must not be lost with the warning.
            log.error("the trouble could not be told: %s", places(error))


def recipients(message: Claimed, content: bytes) -> tuple[str, ...]:
    """Return who gets a mail: whom it is for, and after that those to whom a notice goes in copy.

    The copies are those that the fixed bytes name, so that header and envelope always agree.
    """
    if message.kind is not Kind.INCIDENT:
        return (message.address,)
    copies = [address for _, address in getaddresses([header(content, "Cc")]) if address]
    return tuple(dict.fromkeys((message.address, *copies)))


def _notify(kind: Kind) -> bytes:
    return EVERYTHING if CARRIAGE[kind].lane is Lane.INCIDENT else TROUBLE


def _had_gone(stopped: Stopped) -> bool:
    """Whether a kept connection ended while nothing of a message had left: a new one may do."""
    if stopped.command is not Command.MAIL:
        return False
    result = stopped.result
    return result is Break.DROP or (isinstance(result, Reply) and result.code == _HUNG_UP)


def _outcome(envelope: Envelope, stopped: Stopped) -> Outcome:
    """Return what follows for whom the message is for; a refusal of several names nobody."""
    if stopped.command is Command.RCPT:
        return stopped.outcome
    return by_recipient(envelope.recipients, {}, stopped.outcome)[envelope.recipients[0]]


def _report(envelope: Envelope, taken: Taken) -> Report:
    end = classify(Command.DOT, taken.reply)
    outcome = by_recipient(envelope.recipients, taken.refused, end)[envelope.recipients[0]]
    words = [told(taken.reply), *(f"rcpt: {told(reply)}" for reply in taken.refused.values())]
    return Report(outcome, "; ".join(words))
