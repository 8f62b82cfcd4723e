"""A provider that refuses us gets nothing until it works again; the other one carries on."""

import asyncio
from dataclasses import replace

import pytest

from bot.post.kinds import Kind
from bot.post.mail.carrier import MailCarrier
from bot.post.mail.circuit import FIRST_WAIT, LONGEST_WAIT, Circuit
from bot.post.outcomes import Break, Command, Reply, Verdict, classify
from bot.post.settling import Report
from tests.mailing import ADDRESS, USERS, Trouble, carrying, claimed, letter, provider
from tests.smtp import ALWAYS, Policy, Rule, SmtpServer, drop, reply

REFUSED = Report(classify(Command.AUTH, Reply(535)), "535")
SENT = Report(classify(Command.DOT, Reply(250)), "250")
AWAY = Report(classify(Command.CONNECT, Break.TIMEOUT), "timeout")
LATER = Report(classify(Command.GREETING, Reply(421)), "421")
NOBODY = Report(classify(Command.RCPT, Reply(550)), "550")
SILENCE = Report(classify(Command.DOT, Break.DROP), "")


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def opened(hand: Hand) -> Circuit:
    circuit = Circuit(hand)
    assert circuit.leave(REFUSED, probe=circuit.enter())
    return circuit


def test_it_opens_once_and_lets_nothing_pass() -> None:
    hand = Hand()
    circuit = Circuit(hand)
    first, second = circuit.enter(), circuit.enter()
    assert circuit.leave(REFUSED, probe=first)
    assert not circuit.leave(REFUSED, probe=second)
    hand.seconds = FIRST_WAIT - 1
    assert (circuit.open, circuit.passable, circuit.probing) == (True, False, False)


@pytest.mark.parametrize("report", [AWAY, LATER, NOBODY, SENT, SILENCE, None])
def test_it_stays_closed_for_what_concerns_one_message(report: Report | None) -> None:
    circuit = Circuit(Hand())
    assert not circuit.leave(report, probe=circuit.enter())
    assert circuit.passable


def test_one_message_tries_it_after_a_while() -> None:
    hand = Hand()
    circuit = opened(hand)
    hand.seconds = FIRST_WAIT
    assert (circuit.passable, circuit.probing) == (True, True)
    assert circuit.enter()
    assert (circuit.passable, circuit.probing) == (False, True)


@pytest.mark.parametrize("report", [SENT, NOBODY, SILENCE])
def test_it_closes_when_a_message_got_through_to_be_judged(report: Report) -> None:
    hand = Hand()
    circuit = opened(hand)
    hand.seconds = FIRST_WAIT
    circuit.leave(report, probe=circuit.enter())
    assert (circuit.open, circuit.passable) == (False, True)
    assert circuit.leave(REFUSED, probe=circuit.enter())


@pytest.mark.parametrize("report", [REFUSED, AWAY, LATER])
def test_the_wait_doubles_up_to_five_minutes(report: Report) -> None:
    hand = Hand()
    circuit = opened(hand)
    waits = []
    for _ in range(5):
        begun = hand.seconds
        while not circuit.passable:
            hand.seconds += 1
        waits.append(hand.seconds - begun)
        assert not circuit.leave(report, probe=circuit.enter())
    assert waits == [30, 60, 120, 240, 300]
    assert LONGEST_WAIT == 300


def test_a_trial_that_was_given_up_is_taken_by_the_next_message() -> None:
    hand = Hand()
    circuit = opened(hand)
    hand.seconds = FIRST_WAIT
    circuit.leave(None, probe=circuit.enter())
    assert circuit.passable


def test_where_seconds_count_two_in_a_row_without_a_connection_show_that_it_is_dead() -> None:
    hand = Hand()
    circuit = Circuit(hand)
    came = [AWAY, LATER, AWAY, SENT, AWAY, AWAY]
    opened = [circuit.leave(one, probe=circuit.enter(), hurried=True) for one in came]
    assert opened == [False] * 5 + [True]
    assert (circuit.avoided, circuit.passable) == (True, False)
    hand.seconds = FIRST_WAIT
    circuit.leave(SENT, probe=circuit.enter(), hurried=True)
    assert (circuit.avoided, circuit.open) == (False, False)


def test_where_there_is_time_no_lost_connection_closes_a_way() -> None:
    circuit = Circuit(Hand())
    assert not any(circuit.leave(AWAY, probe=circuit.enter()) for _ in range(9))
    assert circuit.passable


def test_a_dead_provider_that_then_refuses_us_gets_nothing() -> None:
    hand = Hand()
    circuit = Circuit(hand)
    for _ in range(2):
        circuit.leave(AWAY, probe=circuit.enter(), hurried=True)
    circuit.leave(REFUSED, probe=circuit.enter(), hurried=True)
    assert (circuit.open, circuit.avoided) == (True, False)


async def broken(carrier: MailCarrier, number: int = 0) -> Verdict:
    report = await carrier.carry(claimed(number, provider=number), letter(number))
    return report.outcome.verdict


async def test_messages_take_the_next_provider_while_the_first_refuses_us() -> None:
    trouble = Trouble()
    async with SmtpServer(USERS) as first, SmtpServer(USERS) as second:
        refusal = first.at("mail", reply(550, "5.1.8 <bounces@noon.example.org>: no"), times=ALWAYS)
        ways = provider(first), provider(second)
        async with carrying(*ways, on_trouble=trouble) as carrier:
            assert await broken(carrier) is Verdict.OURS
            assert carrier.circuits() == [(str(ways[0]), True), (str(ways[1]), False)]
            assert carrier.capacity() == 8
            verdicts = [await broken(carrier, number) for number in range(4)]
        assert verdicts == [Verdict.ACCEPTED] * 4
        assert (refusal.met, len(second.messages)) == (1, 4)
        assert [name for name, _ in trouble.told] == [str(ways[0])]


async def test_no_persons_address_is_told_to_the_operator() -> None:
    trouble = Trouble()
    async with SmtpServer(USERS) as smtp:
        smtp.at("rcpt", reply(530, f"5.7.0 <{ADDRESS}>: log in first"))
        async with carrying(provider(smtp), on_trouble=trouble) as carrier:
            assert await broken(carrier) is Verdict.OURS
    assert trouble.told[0][1] == "rcpt: 530 5.7.0 <…>: log in first"


async def test_each_provider_has_its_turn() -> None:
    async with SmtpServer() as first, SmtpServer() as second:
        ways = provider(first, "none"), provider(second, "none")
        async with carrying(*ways) as carrier:
            for number in range(5):
                await broken(carrier, number)
        assert (len(first.messages), len(second.messages)) == (3, 2)


async def test_all_that_wait_are_told_the_same_and_one_finds_it_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.post.mail.circuit.FIRST_WAIT", 0.3)
    async with SmtpServer(USERS) as smtp:
        smtp.at("auth", reply(535, "5.7.8 no"), times=2)
        async with carrying(provider(smtp)) as carrier:
            assert await broken(carrier) is Verdict.OURS
            assert carrier.capacity() == 0
            assert await broken(carrier, 1) is Verdict.OURS
            assert len(smtp.transcript.of("AUTH")) == 1
            await asyncio.sleep(0.35)
            assert carrier.capacity() == 1
            assert await broken(carrier, 2) is Verdict.OURS
            assert carrier.capacity() == 0
            await asyncio.sleep(0.65)
            assert await broken(carrier, 3) is Verdict.ACCEPTED
            assert (carrier.capacity(), carrier.circuits()[0][1]) == (8, False)


async def test_only_one_message_at_a_time_tries_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.post.mail.circuit.FIRST_WAIT", 0.0)
    async with SmtpServer(USERS) as smtp:
        smtp.at("auth", reply(535, "5.7.8 no"))
        held: Rule = smtp.at("auth", reply(235, "2.7.0 yes", delay=0.3))
        async with carrying(provider(smtp)) as carrier:
            await broken(carrier)
            trial = asyncio.create_task(broken(carrier, 1))
            await held.reached()
            assert carrier.capacity() == 1
            assert await broken(carrier, 2) is Verdict.OURS
            assert await trial is Verdict.ACCEPTED


async def test_two_providers_that_both_refuse_us() -> None:
    trouble = Trouble()
    async with SmtpServer(USERS) as first, SmtpServer(Policy(extended=False)) as second:
        ways = replace(provider(first), user="nobody"), provider(second, "none")
        async with carrying(*ways, on_trouble=trouble) as carrier:
            verdicts = [await broken(carrier, number) for number in range(4)]
            assert carrier.capacity() == 0
    assert Verdict.ACCEPTED not in verdicts
    assert sorted(name for name, _ in trouble.told) == sorted(map(str, ways))


async def urgent(carrier: MailCarrier, number: int, turn: int = 0) -> Verdict:
    message = claimed(number, kind=Kind.CODE, provider=turn)
    return (await carrier.carry(message, letter(number))).outcome.verdict


async def test_what_cannot_wait_leaves_a_dead_provider_alone_while_another_works() -> None:
    async with SmtpServer() as first, SmtpServer() as second:
        first.refuse_connections()
        ways = provider(first, "none"), provider(second, "none")
        async with carrying(*ways, connections=2) as carrier:
            verdicts = [await urgent(carrier, number) for number in range(5)]
            assert carrier.circuits() == [(str(ways[0]), True), (str(ways[1]), False)]
            assert carrier.capacity() == 2
    assert verdicts == [Verdict.CONNECTION] * 2 + [Verdict.ACCEPTED] * 3


async def test_a_dead_provider_is_asked_all_the_same_where_there_is_no_other() -> None:
    async with SmtpServer() as smtp:
        smtp.at("greeting", drop(), times=4)
        async with carrying(provider(smtp, "none"), connections=2) as carrier:
            verdicts = [await urgent(carrier, number) for number in range(5)]
            assert (carrier.capacity(), carrier.circuits()[0][1]) == (2, False)
    assert verdicts == [Verdict.CONNECTION] * 4 + [Verdict.ACCEPTED]


async def test_of_two_dead_providers_each_is_asked_at_its_turn() -> None:
    async with SmtpServer() as first, SmtpServer() as second:
        ways = provider(first, "none"), provider(second, "none")
        dead = [smtp.at("greeting", drop(), times=ALWAYS) for smtp in (first, second)]
        async with carrying(*ways, connections=2) as carrier:
            for number in range(8):
                assert await urgent(carrier, number, number % 2) is Verdict.CONNECTION
            assert carrier.capacity() == 2
    assert [rule.met for rule in dead] == [4, 4]
