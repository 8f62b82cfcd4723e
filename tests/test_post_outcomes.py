"""What every reply and every break at every command comes to."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.post.outcomes import Break, Command, Outcome, Reply, Verdict, by_recipient, classify

BEFORE_MAIL = ("connect", "greeting", "ehlo", "tls", "auth")
SHORT = {"conn": "connection", "trans": "transient", "addr": "address"}

MATRIX = """
            connect  greeting ehlo     tls      auth     mail     rcpt     data     dot
timeout     conn     conn     conn     conn     conn     conn     conn     conn     unknown
drop        conn     conn     conn     conn     conn     conn     conn     conn     unknown
refused     conn     conn     conn     conn     conn     conn     conn     conn     unknown
garbage     conn     conn     conn     conn     conn     conn     conn     conn     unknown
tls-failed  ours     ours     ours     ours     ours     conn     conn     conn     unknown
220         onward   onward   onward   onward   onward   onward   onward   conn     accepted
235         onward   onward   onward   onward   onward   onward   onward   conn     accepted
250         onward   onward   onward   onward   onward   onward   onward   conn     accepted
251         onward   onward   onward   onward   onward   onward   onward   conn     accepted
334         conn     conn     conn     conn     onward   conn     conn     onward   unknown
354         conn     conn     conn     conn     onward   conn     conn     onward   unknown
421         trans    trans    trans    trans    trans    trans    trans    trans    trans
450         trans    trans    trans    trans    trans    trans    trans    trans    trans
451         trans    trans    trans    trans    trans    trans    trans    trans    trans
452         trans    trans    trans    trans    trans    trans    trans    trans    trans
454         trans    trans    trans    trans    trans    trans    trans    trans    trans
500         path     path     path     ours     ours     path     path     path     path
502         path     path     path     ours     ours     path     path     path     path
503         path     path     path     ours     ours     path     path     path     path
521         path     path     path     ours     ours     path     path     path     path
530         ours     ours     ours     ours     ours     ours     ours     ours     ours
534         ours     ours     ours     ours     ours     ours     ours     ours     ours
535         ours     ours     ours     ours     ours     ours     ours     ours     ours
550         path     path     path     ours     ours     ours     addr     path     path
551         path     path     path     ours     ours     ours     addr     path     path
553         path     path     path     ours     ours     ours     addr     path     path
556         path     path     path     ours     ours     path     addr     path     path
552         path     path     path     ours     ours     size     trans    size     size
554         path     path     path     ours     ours     path     path     path     path
"""
"""Replies without a status, and breaks, down; commands across."""

STATUSES = """
                                                         mail     rcpt     data     dot
550 5.1.1 no such user                                   ours     addr     addr     addr
550-5.1.10 no mail for this domain                       ours     addr     addr     addr
554 5.1.1 no such user                                   ours     addr     addr     addr
550 5.1.8 sender's domain not found                      ours     ours     ours     ours
553 5.1.7 sender's address is malformed                  ours     ours     ours     ours
550 5.2.1 mailbox is off                                 ours     addr     addr     addr
552 5.2.2 mailbox is full                                trans    trans    trans    trans
550 5.2.2 mailbox is full                                trans    trans    trans    trans
552 5.2.3 too long for this mailbox                      size     size     size     size
552 5.3.4 too big                                        size     size     size     size
554 5.3.4 too big                                        size     size     size     size
550 5.4.4 no such host                                   trans    trans    trans    trans
554 5.4.4 no route                                       trans    trans    trans    trans
550 5.4.5 daily quota                                    trans    trans    trans    trans
550 5.4.1 recipient rejected                             ours     addr     path     path
550 5.7.1 looks like spam                                path     path     path     path
550 5.7.515 sender not authenticated                     path     path     path     path
554 5.7.1 relay denied                                   path     path     path     path
535 5.7.8 wrong password                                 ours     ours     ours     ours
530 5.7.0 STARTTLS first                                 ours     ours     ours     ours
501 5.1.3 malformed recipient                            ours     addr     addr     addr
550 4.2.2 code and status contradict each other          trans    trans    trans    trans
451 5.7.1 code and status contradict each other          trans    trans    trans    trans
550 no status, though 5.1.1 stands in the text           ours     addr     path     path
550 5.1.1.2 no status either                             ours     addr     path     path
550 2.1.5 a status of success means nothing here         ours     addr     path     path
"""
"""Replies with a status down, commands across."""

FLAGS = [
    ("dot", "250 2.0.0 queued as 4F", "accepted", "reuse counts"),
    ("mail", "250", "onward", "reuse"),
    ("connect", "refused", "connection", "counts"),
    ("greeting", "timeout", "connection", "counts"),
    ("rcpt", "drop", "connection", "counts"),
    ("rcpt", "garbage", "connection", "counts"),
    ("data", "250", "connection", "counts"),
    ("dot", "timeout", "unknown", "counts"),
    ("dot", "drop", "unknown", "counts"),
    ("dot", "354", "unknown", "counts"),
    ("rcpt", "450 4.2.0 grey-listed", "transient", "reuse counts"),
    ("dot", "451", "transient", "reuse counts"),
    ("rcpt", "421", "transient", "counts"),
    ("dot", "421", "transient", "counts"),
    ("greeting", "450", "transient", "counts"),
    ("auth", "454 4.7.0", "transient", "counts"),
    ("auth", "535 5.7.8", "ours", "circuit"),
    ("mail", "530 5.7.0", "ours", "circuit"),
    ("mail", "550 5.1.8", "ours", "circuit"),
    ("tls", "tls-failed", "ours", "circuit"),
    ("tls", "502", "ours", "circuit"),
    ("greeting", "554", "path", "circuit"),
    ("ehlo", "550", "path", "circuit"),
    ("rcpt", "550 5.1.1", "address", "reuse counts suppress"),
    ("rcpt", "551", "address", "reuse counts suppress"),
    ("dot", "550 5.1.1", "address", "reuse counts suppress"),
    ("rcpt", "554 5.7.1", "path", "reuse counts"),
    ("dot", "550", "path", "reuse counts"),
    ("rcpt", "521", "path", "counts"),
    ("mail", "552 5.3.4", "size", "reuse counts"),
    ("rcpt", "552", "transient", "reuse counts"),
]


def result(written: str) -> Reply | Break:
    """Return `550 5.1.1 no such user` as a reply and `timeout` as a break."""
    if not written[0].isdigit():
        return Break(written)
    return Reply(int(written[:3]), written[4:])


def cells(picture: str) -> list[tuple[str, str, str]]:
    """Return command, result and verdict of every cell of a table."""
    head, *rows = picture.strip("\n").splitlines()
    commands = head.split()
    found = []
    for row in rows:
        written, *verdicts = row.rsplit(maxsplit=len(commands))
        for command, verdict in zip(commands, verdicts, strict=True):
            found.append((command, written, SHORT.get(verdict, verdict)))
    return found


def flags(outcome: Outcome) -> str:
    said = {
        "reuse": outcome.reusable,
        "counts": outcome.counts,
        "circuit": outcome.opens_circuit,
        "suppress": outcome.suppresses,
    }
    return " ".join(name for name, holds in said.items() if holds)


def test_the_table_asks_about_every_command() -> None:
    assert {command for command, _, _ in cells(MATRIX)} == set(Command)
    assert {written for _, written, _ in cells(MATRIX)} >= set(Break)


@pytest.mark.parametrize(("command", "written", "verdict"), cells(MATRIX) + cells(STATUSES))
def test_a_result_at_a_command_has_its_verdict(command: str, written: str, verdict: str) -> None:
    assert classify(Command(command), result(written)).verdict == verdict


@pytest.mark.parametrize(("command", "written", "verdict", "follows"), FLAGS)
def test_a_verdict_says_what_follows(
    command: str, written: str, verdict: str, follows: str
) -> None:
    outcome = classify(Command(command), result(written))
    assert (outcome.verdict, flags(outcome)) == (verdict, follows)


@pytest.mark.parametrize("command", Command)
def test_every_code_at_every_command_has_an_outcome_that_is_no_more_than_was_said(
    command: Command,
) -> None:
    for code in range(200, 600):
        outcome = classify(command, Reply(code))
        accepted = command is Command.DOT and code < 300
        assert (outcome.verdict is Verdict.ACCEPTED) is accepted, code
        assert (outcome.verdict is Verdict.ONWARD) <= (code < 400), code


OUTCOMES = st.builds(
    classify,
    st.sampled_from(Command),
    st.one_of(
        st.sampled_from(Break),
        st.builds(
            Reply,
            st.integers(-1, 1000),
            st.one_of(st.text(), st.from_regex(r"[245]\.[0-9]{1,3}\.[0-9]{1,3} ")),
        ),
    ),
)


@given(OUTCOMES)
def test_what_follows_from_an_outcome_fits_together(outcome: Outcome) -> None:
    assert outcome.suppresses <= (outcome.verdict is Verdict.ADDRESS)
    assert outcome.opens_circuit <= (outcome.verdict in (Verdict.OURS, Verdict.PATH))
    assert outcome.opens_circuit <= (not outcome.counts and not outcome.reusable)
    # What neither counts nor opens the circuit could be tried for ever in a tight loop.
    assert outcome.counts or outcome.opens_circuit or outcome.verdict is Verdict.ONWARD
    if outcome.verdict in (Verdict.CONNECTION, Verdict.UNKNOWN, Verdict.OURS):
        assert not outcome.reusable


@given(st.sampled_from(Command), st.integers(), st.text())
def test_no_refusal_and_no_nonsense_counts_as_accepted(
    command: Command, code: int, text: str
) -> None:
    taken = classify(command, Reply(code, text)).verdict is Verdict.ACCEPTED
    assert taken <= (command is Command.DOT and 200 <= code < 300)


@pytest.mark.parametrize(("command", "kind"), [*product(Command, Break)])
def test_a_break_leaves_nothing_unknown_before_the_final_dot_and_everything_after(
    command: Command, kind: Break
) -> None:
    outcome = classify(command, kind)
    assert (outcome.verdict is Verdict.UNKNOWN) is (command is Command.DOT)
    assert not outcome.reusable


@pytest.mark.parametrize("command", BEFORE_MAIL)
@given(code=st.integers(400, 599), text=st.from_regex(r"5\.[1-7]\.[0-9] "))
def test_before_mail_nothing_is_said_of_a_message_or_an_address(
    command: str, code: int, text: str
) -> None:
    verdict = classify(Command(command), Reply(code, text)).verdict
    assert verdict in (Verdict.TRANSIENT, Verdict.OURS, Verdict.PATH)


def test_a_reply_of_ten_megabytes_is_read_like_a_short_one() -> None:
    assert classify(Command.RCPT, Reply(550, "5.1.1 " + "x" * 10**7)).verdict is Verdict.ADDRESS
    assert classify(Command.DOT, Reply(550, " " * 10**7)).verdict is Verdict.PATH


ACCEPTED = classify(Command.DOT, Reply(250))
NO_SUCH_USER = Reply(550, "5.1.1 no such user")
LATE = classify(Command.DOT, NO_SUCH_USER)


@pytest.mark.parametrize(
    ("refused", "end", "expected"),
    [
        ({}, ACCEPTED, {"a": "accepted", "b": "accepted"}),
        ({"b": NO_SUCH_USER}, ACCEPTED, {"a": "accepted", "b": "address"}),
        ({"b": Reply(451)}, ACCEPTED, {"a": "accepted", "b": "transient"}),
        (
            {"b": NO_SUCH_USER},
            classify(Command.DOT, Break.DROP),
            {"a": "unknown", "b": "address"},
        ),
        (
            {"a": Reply(552), "b": NO_SUCH_USER},
            classify(Command.DATA, Reply(554)),
            {"a": "transient", "b": "address"},
        ),
    ],
)
def test_each_recipient_of_one_message_has_an_outcome_of_its_own(
    refused: dict[str, Reply], end: Outcome, expected: dict[str, str]
) -> None:
    found = by_recipient(("a", "b"), refused, end)
    assert {name: outcome.verdict for name, outcome in found.items()} == expected


def test_a_late_refusal_suppresses_an_address_only_when_it_can_mean_no_other() -> None:
    assert by_recipient(("a",), {}, LATE) == {"a": LATE}
    assert by_recipient(("a", "b"), {"b": Reply(450)}, LATE)["a"] == LATE
    nobody = replace(LATE, suppresses=False)
    assert by_recipient(("a", "b"), {}, LATE) == {"a": nobody, "b": nobody}
