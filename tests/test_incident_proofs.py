"""A mailbox is proved by the code that was sent to it, or was proved here before."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlmodel import col

from bot.clock import Clock
from bot.incident.codes import code
from bot.post import claiming
from bot.post.kinds import Lane
from bot.post.letters import Letters
from bot.post.limits import LIMITS
from bot.store.database import Database
from bot.store.tables import Answer, MailboxProof, OutboxMessage
from handlers.cases import Asked, Given
from handlers.words import LANGUAGES
from rules.addresses import BadAddress
from tests.notices import BEFORE, DURING, MINUTE, Bureau
from tests.post_office import ANNA, DAY, KEY, wanted

BEN = "ben@example.org"
WRONG = "not-it"


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> Bureau:
    return Bureau(database, tmp_path)


async def proved(bureau: Bureau, conversation: str = "web-1") -> str | None:
    async with bureau.cases(conversation) as cases:
        return await cases.proved()


async def mails(bureau: Bureau) -> list[str]:
    """Return whom codes were planned for."""
    rows = await bureau.rows(OutboxMessage, col(OutboxMessage.kind) == "code")
    return [row["address"] for row in rows]


async def test_the_code_that_was_sent_proves_the_mailbox(bureau: Bureau) -> None:
    assert await bureau.ask_code(ANNA) is Asked.SENT
    assert await proved(bureau) is None
    (digits,) = await bureau.codes()
    assert await bureau.give(f" {digits[:3]} {digits[3:]} ") is Given.RIGHT
    assert await proved(bureau) == ANNA
    assert await proved(bureau, "web-2") is None


async def test_a_code_given_twice_is_right_twice(bureau: Bureau) -> None:
    await bureau.prove()
    assert await bureau.give((await bureau.codes())[0]) is Given.RIGHT


async def test_nothing_was_asked_so_nothing_is_right(bureau: Bureau) -> None:
    assert await bureau.give("000000") is Given.OVER


async def test_five_tries_and_no_more(bureau: Bureau) -> None:
    await bureau.ask_code(ANNA)
    (digits,) = await bureau.codes()
    answers = [await bureau.give(WRONG) for _ in range(5)]
    assert answers == [Given.WRONG] * 4 + [Given.OVER]
    assert await bureau.give(digits) is Given.OVER
    assert await proved(bureau) is None


@pytest.mark.parametrize(
    ("after", "answer"), [(15 * MINUTE - MINUTE / 60, Given.RIGHT), (15 * MINUTE, Given.OVER)]
)
async def test_a_code_works_for_fifteen_minutes(
    bureau: Bureau, after: timedelta, answer: Given
) -> None:
    await bureau.ask_code(ANNA)
    (digits,) = await bureau.codes()
    bureau.now = DURING + after
    assert await bureau.give(digits) is answer


async def test_the_code_of_a_mail_that_came_late_is_right_too(bureau: Bureau) -> None:
    await bureau.ask_code(ANNA)
    bureau.now += MINUTE
    await bureau.ask_code(ANNA)
    first, second = await bureau.codes()
    assert first != second
    assert await bureau.give(first) is Given.RIGHT


async def test_a_code_is_for_the_mailbox_that_was_asked_last(bureau: Bureau) -> None:
    await bureau.ask_code(ANNA)
    bureau.now += MINUTE
    await bureau.ask_code(BEN)
    annas, bens = await bureau.codes()
    assert await bureau.give(annas) is Given.WRONG
    assert await bureau.give(bens) is Given.RIGHT
    assert await proved(bureau) == BEN


async def test_a_code_of_another_conversation_proves_nothing(bureau: Bureau) -> None:
    await bureau.ask_code(ANNA, "web-1")
    await bureau.ask_code(ANNA, "web-2")
    (digits,) = await bureau.codes("web-1")
    assert await bureau.give(digits, "web-2") is Given.WRONG


async def test_a_proved_mailbox_is_not_asked_again_and_is_the_last_one(bureau: Bureau) -> None:
    await bureau.prove(ANNA)
    bureau.now += MINUTE
    await bureau.prove(BEN)
    bureau.now += MINUTE
    assert await bureau.ask_code(ANNA) is Asked.PROVED
    assert await proved(bureau) == ANNA
    assert sorted(await mails(bureau)) == [ANNA, BEN]


async def test_a_confirmed_subscription_of_the_conversation_proves_its_mailbox(
    bureau: Bureau,
) -> None:
    bureau.now = BEFORE - DAY
    await bureau.subscribed(wanted(), conversation="web-1")
    assert await proved(bureau, "web-1") == ANNA
    assert await bureau.ask_code(ANNA, "web-1") is Asked.PROVED
    assert await proved(bureau, "web-2") is None
    assert await mails(bureau) == []


async def test_an_unconfirmed_subscription_proves_nothing(bureau: Bureau) -> None:
    await bureau.ask(wanted(), conversation="web-1")
    assert await proved(bureau, "web-1") is None


async def test_one_mailbox_gets_three_codes_a_day_and_nobody_is_told(bureau: Bureau) -> None:
    asked = [await bureau.ask_code(ANNA, f"web-{number}") for number in range(6)]
    assert asked == [Asked.SENT] * 6
    assert await mails(bureau) == [ANNA] * 3
    answers = {await bureau.give(f"{number:06}", "web-5") for number in range(4)}
    assert answers == {Given.WRONG}
    assert await bureau.give("000004", "web-5") is Given.OVER


async def test_no_digits_match_a_code_that_was_not_sent(bureau: Bureau) -> None:
    for number in range(4):
        await bureau.ask_code(ANNA, f"web-{number}")
    (unsent,) = await bureau.rows(MailboxProof, col(MailboxProof.conversation) == "web-3")
    assert await bureau.give(code(KEY, unsent["id"]), "web-3") is Given.WRONG


async def test_a_conversation_that_asks_too_often_is_refused(bureau: Bureau) -> None:
    most = LIMITS["conversation"].most
    asked = [await bureau.ask_code(f"p{number}@example.org") for number in range(most + 1)]
    assert asked == [*[Asked.SENT] * most, Asked.REFUSED]
    assert len(await mails(bureau)) == most


async def test_what_is_no_address_is_not_asked(bureau: Bureau) -> None:
    with pytest.raises(BadAddress):
        await bureau.ask_code("anna@example.org\nBcc: ben@example.org")
    assert await bureau.rows(MailboxProof) == []


async def test_the_code_stands_in_no_table(bureau: Bureau) -> None:
    await bureau.ask_code(ANNA)
    (digits,) = await bureau.codes()
    for table in (MailboxProof, OutboxMessage):
        assert digits not in str([list(row.values()) for row in await bureau.rows(table)])


async def the_letter(bureau: Bureau) -> bytes:
    """Return the mail with the code, as the post office makes it."""
    letters = Letters(lambda: bureau.desk, KEY, bureau.settings, Clock())
    async with bureau.database.write() as connection:
        (claimed,) = await claiming.claim(
            connection, now=bureau.now, owner="test", seconds=30.0, limit=9, lane=Lane.INCIDENT,
            channel="mail",
        )  # fmt: skip
    made = letters.make(claimed)
    assert made is not None
    return made.content


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_letter_shows_the_code_at_a_glance(bureau: Bureau, language: str) -> None:
    person = {"conversation": "web-1", "form": "person", "question": "language"}
    async with bureau.books() as books:
        row = {**person, "value": language, "answered_at": 0.0}
        await books.connection.execute(bureau.database.insert(Answer), [row])
    await bureau.ask_code(ANNA)
    (digits,) = await bureau.codes()
    mail = message_from_bytes(await the_letter(bureau), policy=default)
    assert mail["Subject"].startswith(digits)
    assert mail["To"] == ANNA
    assert mail["Content-Language"] == language
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert digits in body.get_content()
        assert "15" in body.get_content()


async def test_a_code_that_is_too_old_does_not_leave(bureau: Bureau) -> None:
    await bureau.ask_code(ANNA)
    (row,) = await bureau.rows(OutboxMessage)
    assert row["not_after"] == (bureau.now + 15 * MINUTE).timestamp()
