"""Incident notices for tests: a desk at deadline time, people with a mailbox, cases and files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from typing import Any

from sqlmodel import col

from bot.incident.codes import code
from bot.incident.desk import ConversationCases
from bot.post.books import Books
from bot.settings import Settings
from bot.store.tables import MailboxProof, OutboxMessage
from handlers.cases import Added, Asked, Given, Notice, Refused
from handlers.turn import Upload
from rules.incident import Case
from tests.post_office import ANNA, CLOSES, HOUR, KEY, SOON, Office

AGENCY = "incidents@agency.example"
MINUTE = timedelta(minutes=1)
DURING = CLOSES + 10 * MINUTE
BEFORE = CLOSES - HOUR
ENDS = CLOSES + 2 * HOUR
"""When the window of the test's deadline closes."""

CASE = Case(
    deadline=SOON,
    action="KA210",
    sector="VET",
    organisation="Rīgas 1. vidusskola",
    form_id="KA210-VET-0A1B2C3D",
    attempt=CLOSES - 2 * MINUTE,
    happened="The form says «Submission failed».",
)


def picture(number: int = 1, size: int = 2_000) -> Upload:
    """Return a screenshot, each number another."""
    content = b"\x89PNG\r\n\x1a\n" + bytes([number % 251]) * size
    name = sha256(content).hexdigest()
    return Upload("screenshot", "image/png", size * 3, name, content, content[: size // 2])


def pdf(number: int = 1, size: int = 3_000, problem: str = "") -> Upload:
    """Return the form's PDF, each number another; `problem` keeps it from being sent."""
    content = b"%PDF-1.7\n" + bytes([number % 251]) * size
    name = sha256(content).hexdigest()
    return Upload("form", "application/pdf", len(content), name, content, problem=problem)


@dataclass
class Bureau(Office):
    """An office at deadline time: ten minutes past noon, with a mailbox of the agency."""

    now: datetime = DURING
    given: dict[str, Any] = field(default_factory=lambda: {"incident_mailbox": AGENCY})

    @property
    def settings(self) -> Settings:
        """The settings of the office, with those that were given."""
        return super().settings.model_copy(update=self.given)

    @asynccontextmanager
    async def cases(
        self, conversation: str = "web-1", chat: int | None = None, network: str = ""
    ) -> AsyncIterator[ConversationCases]:
        """Yield the cases of a conversation for one turn."""
        async with self.books() as books:
            yield ConversationCases(books, conversation, chat, network)

    def in_books(self, books: Books, conversation: str, network: str) -> ConversationCases:
        """Return the cases of a conversation where many share a transaction."""
        return ConversationCases(books, conversation, None, network)

    async def ask_code(
        self, address: str = ANNA, conversation: str = "web-1", network: str = ""
    ) -> Asked:
        """Ask for a code."""
        async with self.cases(conversation, network=network) as cases:
            return await cases.ask_code(address)

    async def give(self, typed: str, conversation: str = "web-1") -> Given:
        """Type a code."""
        async with self.cases(conversation) as cases:
            return await cases.give_code(typed)

    async def codes(self, conversation: str = "web-1") -> list[str]:
        """Return the codes that were sent for a conversation, the newest last."""
        mine = col(MailboxProof.conversation) == conversation
        rows = await self.rows(MailboxProof, mine)
        ordered = sorted(rows, key=lambda row: row["asked_at"])
        return [code(KEY, row["id"]) for row in ordered if not row["id"].startswith("~")]

    async def prove(self, address: str = ANNA, conversation: str = "web-1") -> None:
        """Confirm a mailbox by its code."""
        assert await self.ask_code(address, conversation) is Asked.SENT
        assert await self.give((await self.codes(conversation))[-1], conversation) is Given.RIGHT

    async def confirm_notice(self, case: Case = CASE, conversation: str = "web-1") -> Notice:
        """Make a notice that is to be made, and return it."""
        async with self.cases(conversation) as cases:
            made = await cases.confirm(case)
        assert isinstance(made, Notice), made
        return made

    async def notices(self, conversation: str = "web-1") -> list[Notice]:
        """Return the notices of a conversation as they stand."""
        async with self.cases(conversation) as cases:
            return list(await cases.notices())


async def add(bureau: Bureau, *uploads: Upload, conversation: str = "web-1") -> list[Added]:
    """Send files, each in a turn of its own."""
    answers = []
    for upload in uploads:
        bureau.now += MINUTE / 60
        async with bureau.cases(conversation) as cases:
            answers.append(await cases.add(upload))
    return answers


async def confirm(
    bureau: Bureau, case: Case = CASE, conversation: str = "web-1"
) -> Notice | Refused:
    async with bureau.cases(conversation) as cases:
        return await cases.confirm(case)


async def mail(bureau: Bureau, notice: Notice) -> EmailMessage:
    """Return a notice as it leaves."""
    async with bureau.cases() as cases:
        letter = await cases.letter(notice.id)
    assert letter is not None
    message = message_from_bytes(letter.content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


async def outgoing(bureau: Bureau) -> list[dict[str, object]]:
    """Return what is planned for the agency."""
    return await bureau.rows(OutboxMessage, col(OutboxMessage.address) == AGENCY)
