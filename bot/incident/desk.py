"""The desk that handlers are given: the incident notices of one conversation, over the tables.

Everything happens in the turn's own transaction: a notice that was confirmed is kept with its bytes
and planned to leave, or nothing of it is.
"""

import asyncio
from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from bot.incident import evidence, letter, preparing, proofs, receipt, register
from bot.incident.making import Making
from bot.post.books import Books
from bot.store.tables import Answer, FrozenMessage, Incident
from handlers.cases import Added, Asked, Draft, Given, Kept, Notice, Refused
from handlers.turn import Attachment, Upload
from handlers.words import LANGUAGES
from rules.incident import Case


class ConversationCases:
    """`handlers.cases.Cases` for one conversation, in the transaction of `books`.

    `chat` is the number of a private Telegram chat, None elsewhere; `network` is the visitor's IP
    address where there is one, for the limits.
    """

    def __init__(
        self, books: Books, conversation: str, chat: int | None = None, network: str = ""
    ) -> None:
        self._books = books
        self._conversation = conversation
        self._chat = chat
        self._network = network

    @property
    def captured(self) -> bool:
        """Whether mail is only kept on this machine, because no mail server is set."""
        return not self._books.settings.mail_providers

    @property
    def mailbox(self) -> str | None:
        """The agency's mailbox for notices: the operator's setting, else what the data say."""
        return preparing.mailbox(self._books)

    async def proved(self) -> str | None:
        """Return the mailbox that was confirmed in this conversation last, or None."""
        found = await proofs.proved(self._books, self._conversation)
        return found.address if found else None

    async def ask_code(self, address: str) -> Asked:
        """Send a six-digit code to `address`; raises `rules.addresses.BadAddress`."""
        language = await _language(self._books, self._conversation)
        zone = self._books.desk.agency.zone
        asker = proofs.Asker(self._conversation, language, zone, self._network)
        return await proofs.ask(self._books, asker, address)

    async def give_code(self, code: str) -> Given:
        """Try the code for the mailbox that was asked last."""
        return await proofs.give(self._books, self._conversation, code)

    async def add(self, upload: Upload) -> Added:
        """Keep a file for the notice that is being prepared."""
        return await evidence.keep(self._books, self._conversation, upload)

    async def files(self) -> Sequence[Kept]:
        """Return what is kept for the notice that is being prepared, oldest first."""
        return await evidence.being_prepared(self._books.connection, self._conversation)

    async def drop(self, identifier: str) -> bool:
        """Forget a file of the notice that is being prepared; False where there is none."""
        return await evidence.drop(self._books.connection, self._conversation, identifier)

    async def draft(self, case: Case) -> Draft:
        """Return the notice as it would leave now."""
        maker = await self._making()
        return preparing.draft(await maker.prepared(case), maker.language)

    async def confirm(self, case: Case) -> Notice | Refused:
        """Make the notice; pressed twice, it is made once.

        The same case told again with nothing new is the notice that is there already; anything
        else is a correction of the first for the same form and deadline.
        """
        made = await (await self._making()).confirmed(case)
        return made if isinstance(made, Refused) else await register.notice(self._books, made)

    async def notices(self) -> Sequence[Notice]:
        """Return the notices of this conversation, oldest first."""
        rows = await register.of_conversation(self._books.connection, self._conversation)
        return [await register.notice(self._books, row) for row in rows]

    async def by_hand(self, case: Case) -> Sequence[Attachment]:
        """Return the notice to be sent by hand, with every file: the `.eml` and the text."""
        maker = await self._making()
        made = await maker.prepared(case)
        return await asyncio.to_thread(letter.by_hand, made.told, maker.language)

    async def letter(self, identifier: str) -> Attachment | None:
        """Return a made notice as `.eml`: exactly as it leaves, or as it is to be sent by hand.

        None for a notice that is not this conversation's, or whose bytes are not kept any more.
        """
        row = await self._mine(identifier)
        return await lettered(self._books, row) if row else None

    async def receipt(self, identifier: str) -> Sequence[Attachment]:
        """Return the summary of a made notice as text and PDF; nothing where there is none."""
        row = await self._mine(identifier)
        return await received(self._books, row) if row else ()

    async def _mine(self, identifier: str) -> Incident | None:
        row = await register.by_id(self._books.connection, identifier)
        return row if row is not None and row.conversation == self._conversation else None

    async def _making(self) -> Making:
        language = await _language(self._books, self._conversation)
        return Making(self._books, self._conversation, self._chat, language)


async def lettered(books: Books, row: Incident) -> Attachment | None:
    """Return a made notice as `.eml`, for whoever may see it; None where its bytes are gone."""
    query = select(col(FrozenMessage.content)).where(col(FrozenMessage.message) == row.message)
    content = (await books.connection.execute(query)).scalar_one_or_none()
    if content is not None:
        return Attachment(preparing.file_name(row), content, "message/rfc822")
    files = await evidence.of(books.connection, row.id)
    if row.message or any(not one.content for one in files):
        return None
    told = await preparing.again(books, row, files)
    return (await asyncio.to_thread(letter.by_hand, told))[0] if told else None


async def received(books: Books, row: Incident) -> Sequence[Attachment]:
    """Return the summary of a made notice as text and PDF, for whoever may see it."""
    notice = await register.notice(books, row)
    zone, name = preparing.zone_of(books, row), preparing.file_name(row).removesuffix(".eml")
    shown = notice, books.desk, zone, row.language
    text = await asyncio.to_thread(receipt.as_text, *shown)
    pdf = await asyncio.to_thread(receipt.as_pdf, *shown)
    return (
        Attachment(f"{name}-receipt.txt", text.encode(), "text/plain"),
        Attachment(f"{name}-receipt.pdf", pdf, "application/pdf"),
    )


async def _language(books: Books, conversation: str) -> str:
    """Return the language of a conversation, as its notebook has it."""
    mine = (
        (col(Answer.conversation) == conversation)
        & (col(Answer.form) == "person")
        & (col(Answer.question) == "language")
    )
    found = await books.connection.execute(select(col(Answer.value)).where(mine))
    language = found.scalar_one_or_none()
    return language if language in LANGUAGES else books.desk.language
