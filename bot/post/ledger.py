"""The ledgers that handlers are given: one for a conversation, one for a contact's own page."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlmodel import col

from bot.post import asking, consents, ending, erasure, export, people, standing
from bot.post.books import Books
from bot.post.calling_off import REMINDERS, SNOOZED, call_off
from bot.post.editions import Date
from bot.post.people import Person
from bot.post.standing import Standing
from bot.post.subscribing import plan, shown
from bot.post.timetable import Timetable
from bot.store import contacts, subscriptions
from bot.store.contacts import Contact
from bot.store.subscriptions import Subscription
from bot.store.tables import OutboxMessage
from handlers.ledger import MAIL, TELEGRAM, Subscribed, Taken, Wanted


class _Ledger(ABC):
    """What both ledgers do alike for a person; how the person is found is their own."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @property
    def captured(self) -> bool:
        """Whether mail is only kept on this machine, because no mail server is set."""
        return not self._books.settings.mail_providers

    @abstractmethod
    async def _person(self) -> Person:
        """Return the person whose ledger this is."""

    async def _locked(self) -> Person:
        """Return the person as it stands once nobody else can change its plans any more."""
        await contacts.lock(self._books.connection, (await self._person()).ids)
        return await self._person()

    @abstractmethod
    async def _mine(self) -> list[Subscription]:
        """Return the subscriptions that can be seen and ended here, oldest first."""

    def _shown(self, row: Subscription, contact: Contact) -> Subscribed:
        return shown(row, contact)

    async def subscriptions(self) -> list[Subscribed]:
        """Return the subscriptions that can be seen and ended here, oldest first."""
        rows = await self._mine()
        found = await contacts.by_id(self._books.connection, {row.contact for row in rows})
        return [self._shown(row, found[row.contact]) for row in rows if row.contact in found]

    async def stop(self, subscription: str | None = None) -> int:
        """End one subscription, or all that are seen here; return how many ended."""
        rows = [row for row in await self._mine() if subscription in (None, row.id)]
        await ending.end(self._books, rows)
        return len(rows)

    async def handed_in(self, deadline: str) -> bool:
        """Stop reminders of `deadline` on every channel of the person; False: there are none."""
        person, books = await self._locked(), self._books
        if not self._asked_for(person, deadline):
            return False
        await contacts.hand(books.database, books.connection, person.ids, deadline, books.moment)
        of_it = col(OutboxMessage.deadline) == deadline
        await call_off(books.connection, person.ids, books.now, of_it)
        return True

    def _asked_for(self, person: Person, deadline: str) -> bool:
        known = self._books.desk.facts.newest.deadlines.get(deadline)
        if known is None:
            return False
        dates = Timetable([known], self._books.now)
        date = Date(known.sequence, known.instant, known.status)
        return any(
            row.confirmed_at is not None and dates.chose(row.selection, known, date)
            for row in person.subscriptions
        )

    async def still_due(self, deadline: str) -> None:
        """Take `handed_in` back: the reminders that are still ahead come again."""
        person = await self._locked()
        await contacts.take_back(self._books.connection, person.ids, deadline)
        await plan(self._books, person.ids)

    async def snooze(self, deadline: str) -> datetime | None:
        """Call off what is due now of `deadline`; return when the next reminder comes, or None.

        The same lead time is called off on every channel, where it has not left yet.
        """
        person, books = await self._locked(), self._books
        every = await standing.of(books.connection, person.ids)
        rows = [row for each in every.values() for row in each if _reminds(row, deadline)]
        begun = {row.lead for row in rows if row.begun}
        now = [row for row in rows if row.waits and (_is_due(row, books.now) or row.lead in begun)]
        keys = col(OutboxMessage.key).in_([row.key for row in now])
        await call_off(books.connection, person.ids, books.now, keys, note=SNOOZED)
        ahead = [row.target_at for row in rows if row.waits and row not in now and row.target_at]
        return datetime.fromtimestamp(min(ahead), UTC) if ahead else None

    async def held(self) -> Mapping[str, Any]:
        """Return everything that is kept of this person, for JSON."""
        return await export.held(self._books, await self._person(), await self._mine())

    async def erase(self) -> None:
        """Erase the person and the conversations that are theirs; call off what has not left.

        Of an address that was named here and is not this person's, for all we know, only what was
        asked for here ends.
        """
        person, books = await self._locked(), self._books
        asked = await subscriptions.of_conversations(books.connection, person.conversations)
        await ending.end(books, [row for row in asked if row.contact not in person.contacts])
        await erasure.erase(books, list(person.contacts.values()), person.conversations)


def _reminds(row: Standing, deadline: str) -> bool:
    return row.deadline == deadline and row.kind in REMINDERS


def _is_due(row: Standing, now: datetime) -> bool:
    return row.due_at <= now.timestamp()


class ConversationLedger(_Ledger):
    """`handlers.ledger.Ledger` for one conversation.

    `chat` is the number of a private Telegram chat, None on every other face and in groups;
    `network` the visitor's IP address where there is one, for the limits. What was asked for here
    can be seen, changed and ended here; what is held of a mailbox as a whole only where nobody
    asked for it elsewhere.
    """

    def __init__(
        self, books: Books, conversation: str, *, chat: int | None = None, network: str = ""
    ) -> None:
        super().__init__(books)
        self._conversation = conversation
        self._chat = chat
        self._network = network

    @property
    def channels(self) -> Sequence[str]:
        """The channels that can be chosen here: mail always, Telegram in a private chat."""
        return (MAIL,) if self._chat is None else (TELEGRAM, MAIL)

    async def _person(self) -> Person:
        return await people.of_conversation(self._books.connection, self._conversation, self._chat)

    def _shown(self, row: Subscription, contact: Contact) -> Subscribed:
        """Return a subscription; one that waits for its yes says only what was typed here."""
        known = super()._shown(row, contact)
        if known.confirmed:
            return known
        typed = consents.read(row.consent)
        return replace(
            known,
            language=typed.get("language", known.language),
            zone=typed.get("zone", known.zone),
        )

    async def _mine(self) -> list[Subscription]:
        return await subscriptions.of_conversations(self._books.connection, [self._conversation])

    async def subscribe(self, wanted: Wanted) -> Taken:
        """Keep a subscription; one that is there already gets the new leads, language and zone.

        A mailbox has to confirm each subscription; one that is reminded for somebody else's asking
        too keeps its language and zone. Raises `ValueError` for a channel that cannot be chosen
        here.
        """
        if wanted.channel not in self.channels:
            raise ValueError(f"no subscription by {wanted.channel} here")
        if await asking.is_full(self._books, wanted.selection, await self._mine()):
            return Taken.TOO_MANY
        if wanted.channel == TELEGRAM:
            place = TELEGRAM, str(self._chat)
            await asking.activate(self._books, wanted, place, self._conversation, "in the chat")
            return Taken.ACTIVE
        return await asking.by_mail(self._books, wanted, self._conversation, self._network)


class ContactLedger(_Ledger):
    """`handlers.ledger.Ledger` for whoever holds the link to a contact's page.

    The link proves the mailbox, so what is asked for here is in force at once. `contact` is the id
    that the link opens; one that is not there any more has an empty ledger. To the person belong
    the contacts that share a conversation with it, but never another mailbox.
    """

    def __init__(self, books: Books, contact: str) -> None:
        super().__init__(books)
        self._contact = contact

    @property
    def channels(self) -> Sequence[str]:
        """The contact's own channel, which is all that can be asked for here."""
        return (MAIL,)

    async def known(self) -> bool:
        """Whether the contact is still there."""
        return bool(await contacts.by_id(self._books.connection, [self._contact]))

    async def address(self) -> str:
        """Return the mailbox that this is the page of; empty where the contact is gone."""
        found = await contacts.by_id(self._books.connection, [self._contact])
        return found[self._contact].address if self._contact in found else ""

    async def _person(self) -> Person:
        return await people.of_contact(self._books.connection, self._contact)

    async def held(self) -> Mapping[str, Any]:
        """Return everything that is kept of this person, and of this mailbox wherever it was."""
        person, address = await self._person(), await self.address()
        return await export.held(self._books, person, await self._mine(), mailbox=address)

    async def erase(self) -> None:
        """Erase the person, and what was made with this mailbox wherever it was."""
        address = await self.address()
        await super().erase()
        if address:
            await erasure.erase_notices(self._books, address)

    async def _mine(self) -> list[Subscription]:
        rows = (await self._person()).subscriptions
        return [row for row in rows if row.confirmed_at or row.contact == self._contact]

    async def subscribe(self, wanted: Wanted) -> Taken:
        """Keep a subscription of this contact, whatever address `wanted` has.

        Active at once, or `TOO_MANY` where there are too many or the contact is gone.
        """
        found = await contacts.by_id(self._books.connection, [self._contact])
        mine = [row for row in await self._mine() if row.contact == self._contact]
        if not found or await asking.is_full(self._books, wanted.selection, mine):
            return Taken.TOO_MANY
        one = found[self._contact]
        same = {row.conversation for row in mine if row.selection == wanted.selection}
        for conversation in same or {""}:
            place = one.channel, one.address
            await asking.activate(self._books, wanted, place, conversation, "by a mailed link")
        return Taken.ACTIVE
