"""The desk that handlers are given: the incident notices of one conversation, over the tables.

Everything happens in the turn's own transaction: a notice that was confirmed is kept with its bytes
and planned to leave, or nothing of it is.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from bot.incident import composing, evidence, letter, preparing, proofs, receipt, register
from bot.incident.making import Making
from bot.post import limits
from bot.post.books import Books
from bot.store.tables import Answer, FrozenMessage, Incident
from handlers.cases import BY_PERSON, Added, Asked, Draft, Given, Kept, Notice, Refused
from handlers.turn import Attachment, Upload
from handlers.words import LANGUAGES
from rules.incident import Case

LETTER = "letter"
DRAFT = "draft"
RECEIPT = "receipt"
BY_HAND = "by-hand"
"""What the source of a file begins with; after it the notice's id, or the case as it is kept."""

RECEIPTS = {".txt": "text/plain", ".pdf": "application/pdf"}


class ConversationCases:
    """`handlers.cases.Cases` for one conversation, in the transaction of `books`.

    `chat` is the number of a private Telegram chat, None elsewhere; `network` is the visitor's IP
    address where there is one, for the limits. `later`: of large files only their source is
    returned, for a face that has them written when it sends them (`bot.incident.files`).
    """

    def __init__(
        self,
        books: Books,
        conversation: str,
        chat: int | None = None,
        network: str = "",
        *,
        later: bool = False,
    ) -> None:
        self._later = later
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

    async def codes_again(self) -> datetime:
        """Return from when on a code may be asked for here again."""
        askers = {"conversation": self._conversation, "network": self._network}
        return await limits.again(self._books, **askers, of=proofs.CODES)

    async def give_code(self, code: str) -> Given:
        """Try the code for the mailbox that was asked last."""
        return await proofs.give(self._books, self._conversation, code)

    async def add(self, upload: Upload) -> Added:
        """Keep a file for the notice that is being prepared."""
        return await evidence.keep(self._books, self._conversation, upload, self._network)

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
        told = (await maker.prepared(case)).told
        if not self._later:
            return await asyncio.to_thread(letter.by_hand, told, maker.language)
        return (
            _sourced(letter.draft_name(told), f"{BY_HAND}:{register.written(case)}"),
            await asyncio.to_thread(letter.bare, told, maker.language),
        )

    async def letter(self, identifier: str, *, by_hand: bool = False) -> Attachment | None:
        """Return a made notice as `.eml`: exactly as it leaves, or as it is to be sent by hand.

        None for a notice that is not this conversation's, or whose bytes are not kept any more.
        """
        row = await self._mine(identifier)
        if row is None:
            return None
        if self._later:
            return await _named(self._books, row, by_hand=by_hand)
        if row.message and not by_hand:
            return await composing.mail(self._books, row)
        return await handed(self._books, row)

    async def bare(self, identifier: str) -> Attachment | None:
        """Return the text of a made notice to be copied; None where it cannot be written."""
        row = await self._mine(identifier)
        if row is None:
            return None
        files = await evidence.of(self._books.connection, row.id)
        told = await preparing.again(self._books, row, files)
        return await asyncio.to_thread(letter.bare, told, row.language) if told else None

    async def sent_by_hand(self, identifier: str) -> None:
        """Note, once, that the person says to have sent a made notice themselves."""
        row, books = await self._mine(identifier), self._books
        if row is not None:
            once = f"{row.id}:{BY_PERSON}"
            await register.add_step(
                books.database, books.connection, row.id, once, books.now, BY_PERSON
            )

    async def receipt(self, identifier: str) -> Sequence[Attachment]:
        """Return the summary of a made notice as text and PDF; nothing where there is none."""
        row = await self._mine(identifier)
        if row is None:
            return ()
        if self._later:
            names = [(_receipt_name(row, ending), ending) for ending in RECEIPTS]
            return [_sourced(name, f"{RECEIPT}:{row.id}:{ending}") for name, ending in names]
        writes = [await summing(self._books, row, ending) for ending in RECEIPTS]
        return [await asyncio.to_thread(write) for write in writes]

    async def _mine(self, identifier: str) -> Incident | None:
        row = await register.by_id(self._books.connection, identifier)
        return row if row is not None and row.conversation == self._conversation else None

    async def _making(self) -> Making:
        language = await _language(self._books, self._conversation)
        return Making(self._books, self._conversation, self._chat, language)


async def handed(books: Books, row: Incident) -> Attachment | None:
    """Return a made notice as a draft for its person; None where its files are gone."""
    if not await evidence.is_whole(books.connection, row.id):
        return None
    return await composing.draft(books, row)


async def summing(books: Books, row: Incident, ending: str) -> Callable[[], Attachment]:
    """Read what the summary of a made notice is written from; `ending` is one of `RECEIPTS`."""
    notice = await register.notice(books, row)
    shown = notice, books.desk, preparing.zone_of(books, row), row.language

    def write() -> Attachment:
        content = receipt.as_pdf(*shown) if ending == ".pdf" else receipt.as_text(*shown).encode()
        return Attachment(_receipt_name(row, ending), content, RECEIPTS[ending])

    return write


async def _named(books: Books, row: Incident, *, by_hand: bool) -> Attachment | None:
    """Return the file of a notice by its source alone; None where its bytes are gone."""
    if row.message and not by_hand:
        mine = col(FrozenMessage.message) == row.message
        found = await books.connection.execute(select(col(FrozenMessage.message)).where(mine))
        kept, what = found.first() is not None, LETTER
    else:
        kept, what = await evidence.is_whole(books.connection, row.id), DRAFT
    return _sourced(preparing.file_name(row), f"{what}:{row.id}") if kept else None


def _sourced(name: str, source: str) -> Attachment:
    kinds = {**RECEIPTS, ".eml": "message/rfc822"}
    return Attachment(name, b"", kinds[name[-4:]], source=source)


def _receipt_name(row: Incident, ending: str) -> str:
    return f"{preparing.file_name(row).removesuffix('.eml')}-receipt{ending}"


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
