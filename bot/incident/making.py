"""Making a notice: from a case and its files to a row, its bytes and their place in the outbox.

The bytes are made in a thread, within the transaction that keeps them: what a person confirmed and
what leaves are then the same, whatever stops the process.
"""

import asyncio
from dataclasses import dataclass, replace
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlmodel import col

from bot.incident import (
    crowding,
    evidence,
    holding,
    letter,
    preparing,
    proofs,
    quota,
    register,
    stopping,
)
from bot.incident.notifying import Notifying
from bot.incident.preparing import Prepared
from bot.incident.proofs import Proved
from bot.incident.quota import Place
from bot.post import alarms, content, fixed
from bot.post.books import Books
from bot.post.kinds import Kind
from bot.post.links import new_id
from bot.post.outbox import Frozen, Planned
from bot.store import contacts
from bot.store.tables import Incident
from handlers.cases import Refused, Standing, Way
from handlers.ledger import MAIL
from rules.deadlines import Deadline
from rules.incident import Case, Phase, Window, missing, window

_ENDED = frozenset({Phase.EARLY, Phase.AFTER})


class NoDeadline(LookupError):
    """No deadline is known that a case could be about."""


@dataclass(frozen=True)
class Making:
    """What one conversation makes notices with."""

    books: Books
    conversation: str
    chat: int | None
    language: str

    async def prepared(self, case: Case) -> Prepared:
        """Return the notice as it would leave now; raises `NoDeadline`."""
        deadline = preparing.about(self.books, case) or preparing.likeliest(self.books, case)
        if deadline is None:
            raise NoDeadline(case.action)
        mailbox = await proofs.proved(self.books, self.conversation)
        place = await self._followed(case, deadline, mailbox)
        found = place if isinstance(place, Place) else Place("", 0)
        return await self._prepared(case, deadline, mailbox, found)

    async def confirmed(self, case: Case) -> Incident | Refused:
        """Make the notice and return its row, or why it cannot be made.

        Told again with nothing new, it is the one that is there, unless that one is not sent or
        tried any more: then one is made that is.
        """
        deadline = preparing.about(self.books, case)
        mailbox = await proofs.proved(self.books, self.conversation)
        if missing(case) or deadline is None:
            return Refused.INCOMPLETE
        if mailbox is None:
            return Refused.NO_MAILBOX
        of_form = quota.form(self.books, case, deadline.id, self.conversation)
        person = f"{deadline.id}:{quota.counted(mailbox.address)}"
        await quota.alone(self.books, of_form, person)
        known = await self._known(case, deadline.id, mailbox.address)
        if known is not None:
            return known
        place = await self._place(case, deadline, mailbox)
        if isinstance(place, Refused):
            return place
        identifier = new_id()
        made = await self._prepared(case, deadline, mailbox, place, identifier)
        return await self._made(identifier, made, mailbox, place)

    async def _known(self, case: Case, deadline: str, address: str) -> Incident | None:
        """Return the notice that was made last for a mailbox, if it tells just this."""
        mine = (col(Incident.deadline) == deadline) & (col(Incident.address) == address)
        last = (await register.where(self.books.connection, mine))[-1:]
        new = await evidence.being_prepared(self.books.connection, self.conversation)
        told = _told(case), await self._is_by_hand(address)
        same = [row for row in last if (row.told, row.way == Way.BY_HAND) == told]
        same = [row for row in same if not await self._is_over(row)]
        if same and new:
            kept = await evidence.of_notice(self.books.connection, same[0].id)
            same = same if {one.sha256 for one in new} <= {one.sha256 for one in kept} else []
        return same[0] if same else None

    async def _is_over(self, row: Incident) -> bool:
        """Whether a notice is not tried any more and no server is known to have taken it."""
        now = await register.notice(self.books, row)
        ended = any(step.what == "stopped" for step in now.steps)
        unsure = now.standing is Standing.UNHEARD and ended
        return unsure or await quota.is_lost(self.books, row)

    async def _place(self, case: Case, deadline: Deadline, mailbox: Proved) -> Place | Refused:
        phase = window(deadline, self.books.desk.agency).phase(self.books.now)
        if phase in _ENDED:
            return Refused.EARLY if phase is Phase.EARLY else Refused.LATE
        return await self._followed(case, deadline, mailbox)

    async def _followed(
        self, case: Case, deadline: Deadline, mailbox: Proved | None
    ) -> Place | Refused:
        address = mailbox.address if mailbox else ""
        return await quota.place(self.books, case, deadline.id, self.conversation, address)

    async def _prepared(
        self,
        case: Case,
        deadline: Deadline,
        mailbox: Proved | None,
        place: Place,
        identifier: str = "",
    ) -> Prepared:
        mine = [row.id for row in place.former if row.conversation == self.conversation]
        before = mine[-1] if mine else ""
        files = await evidence.read(self.books.connection, self.conversation, before)
        address = mailbox.address if mailbox else await self._typed()
        first = next((row for row in place.earlier if row.message_id), None)
        told = preparing.notifying(
            self.books,
            case,
            deadline,
            copy=address,
            zone=await self._zone(address),
            files=files,
            number=place.number,
            first=(first.message_id, preparing.at(first.made_at)) if first else None,
            proved=mailbox.at if mailbox else None,
            incident=identifier,
            by_hand=await self._is_by_hand(address),
        )
        return Prepared(told, tuple(files))

    async def _typed(self) -> str:
        """Return the mailbox that a code was sent to, for a letter that only the person sends."""
        return await proofs.asked(self.books, self.conversation)

    async def _zone(self, address: str) -> ZoneInfo:
        """Return the zone that a mailbox is told times in; the agency's where none is known."""
        found = await contacts.at(self.books.connection, MAIL, address) if address else []
        zones = [ZoneInfo(one.zone) for one in found if one.confirmed_at is not None]
        return zones[0] if zones else self.books.desk.zone

    async def _made(
        self, identifier: str, made: Prepared, mailbox: Proved, place: Place
    ) -> Incident:
        books, told = self.books, made.told
        row = await self._row(identifier, told, mailbox, place)
        await register.keep(books.database, books.connection, row)
        await evidence.bind(books, self.conversation, row.id, made.files)
        await self._noted(row, place)
        if row.message:
            await _planned(books, row, told)
        if row.way == Way.HELD:
            await holding.warn(books, row.deadline)
        if told.case.form_id and await quota.others(books, row):
            await self._warn_of_two(row)
        await crowding.warn_if_many(books, row.deadline)
        return row

    async def _row(
        self, identifier: str, told: Notifying, mailbox: Proved, place: Place
    ) -> Incident:
        late = await self._is_late(mailbox, told.within)
        way = await self._way(told, late=late, held=place.held)
        message = "" if way is Way.BY_HAND else uuid4().hex
        domain = told.sender.rpartition("@")[2]
        return Incident(
            id=identifier,
            conversation=self.conversation,
            chat=self.chat,
            deadline=told.deadline.id,
            form=place.form,
            number=place.number,
            corrects=place.first.id if place.first else "",
            address=mailbox.address,
            mailbox=told.to or "",
            language=self.language,
            zone=told.zone.key,
            told=_told(told.case),
            late=late,
            way=way.value,
            message=message,
            message_id=f"<incident.{message}@{domain}>" if message else "",
            made_at=self.books.moment,
            closes_at=told.within.closes.timestamp(),
        )

    async def _is_late(self, mailbox: Proved, within: Window) -> bool:
        since = await proofs.since(self.books, mailbox.address) or mailbox.at
        return min(since, mailbox.at) > within.deadline

    async def _is_by_hand(self, address: str) -> bool:
        """Whether Noon has nowhere to send a notice, or is not to send it."""
        nowhere = preparing.mailbox(self.books) is None
        return nowhere or await stopping.is_stopped(self.books, address)

    async def _way(self, told: Notifying, *, late: bool, held: bool) -> Way:
        if told.to is None or await self._is_by_hand(told.copy):
            return Way.BY_HAND
        if held:
            return Way.HELD
        if late and await holding.is_abnormal(self.books, told.deadline.id):
            return Way.HELD
        return Way.SENDING

    async def _noted(self, row: Incident, place: Place) -> None:
        await self._step(row, "confirmed")
        if row.way == Way.HELD:
            await self._step(row, "held")
        if row.way == Way.BY_HAND:
            await self._step(row, "handed-over")
        if place.first is not None:
            await self._step(place.first, "corrected", once=f"{place.first.id}:corrected:{row.id}")

    async def _warn_of_two(self, row: Incident) -> None:
        """Warn the operator, once, that a form was reported from more than one mailbox."""
        await alarms.warn(
            self.books.database,
            self.books.connection,
            self.books.settings,
            self.books.now,
            "incident-form-twice",
            f"incident-form-twice:{row.form}",
            {"id": row.id},
        )

    async def _step(self, row: Incident, what: str, once: str = "") -> None:
        books, name = self.books, once or f"{row.id}:{what}"
        await register.add_step(books.database, books.connection, row.id, name, books.now, what)


def _told(case: Case) -> str:
    """Return a case as it is kept: that it corrects another says nothing of what happened."""
    return register.written(replace(case, corrects=""))


async def _planned(books: Books, row: Incident, told: Notifying) -> None:
    """Fix a notice's bytes and plan them; one that is held keeps its moment until the end."""
    whole = await asyncio.to_thread(letter.compose, told, row.message_id)
    made = content.Incident(language=told.language, zone=row.zone, incident=row.id)
    mail = Planned(
        f"incident:{row.id}:full",
        Kind.INCIDENT,
        MAIL,
        row.mailbox,
        made.model_dump(mode="json"),
        told.within.closes if row.way == Way.HELD else books.now,
        told.within.closes,
        id=row.message,
    )
    frozen = Frozen(whole, row.message_id)
    await fixed.plan(books.database, books.connection, [(mail, frozen)])
