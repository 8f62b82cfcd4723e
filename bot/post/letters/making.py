"""From a planned message to the bytes that leave: made once, then filled in for each person."""

import logging
from collections.abc import Callable
from datetime import date, datetime
from email.utils import format_datetime
from typing import TypeVar

from pydantic import ValidationError

from bot.clock import Clock
from bot.incident.codes import code
from bot.post import content as contents
from bot.post.content import Access, Alarm, Canary, Code, Confirmation, Content, Moved, Reminder
from bot.post.kinds import Kind
from bot.post.letters import asking, chat, operating, reminding
from bot.post.letters.gaps import Form, Gap
from bot.post.letters.letter import Letter
from bot.post.letters.mime import Sender, mail
from bot.post.letters.occasion import Links, Occasion
from bot.post.letters.remaining import Left, left
from bot.post.links import Purpose, sealed
from bot.post.outbox import LATEST, Claimed, Frozen, Undecided
from bot.settings import Settings
from handlers.ledger import TELEGRAM
from handlers.visit import Desk

MOST_KEPT = 512
"""Letters kept for the next person: deadlines, leads, languages and zones that meet in one run."""

Likeness = tuple[str, Content, Left | bool | None, date | None]
"""What makes two letters the same but for the person: channel, content, what it says of the time
(what is left, or whether anything is ahead), and the day where a rehearsal tells it."""

Made = TypeVar("Made")

log = logging.getLogger(__name__)


class Letters:
    """Makes messages at their first claim. Raises `BadSettings` where links cannot be made."""

    def __init__(
        self, desk: Callable[[], Desk], key: bytes, settings: Settings, clock: Clock
    ) -> None:
        self._desk_now = desk
        self._key = key
        self._clock = clock
        self._links = Links(settings, key)
        self._sender = Sender(settings.sender, settings.reply_to, self._links.unsubscribe)
        self._desk = desk()
        self._forms: dict[Likeness, Form] = {}
        self._texts: dict[Likeness, tuple[str, chat.Rows]] = {}

    def make(self, claimed: Claimed) -> Frozen | None:
        """Return the message as it leaves, or None where it is outdated and to be called off.

        One whose bytes are fixed stays as it is. Raises `Undecided` for what was planned from newer
        dates, or by a newer release, than this process has. An incident notice leaves as it was
        fixed, whatever is known of its deadline by now.
        """
        if claimed.kind is Kind.INCIDENT and claimed.frozen is not None:
            return Frozen(claimed.frozen, claimed.message_id)
        try:
            content = contents.read(claimed.content)
        except ValidationError as wrong:
            log.error("a planned message cannot be read: %s mistakes", wrong.error_count())
            raise Undecided from None
        occasion = self.occasion(content)
        if _outdated(claimed, occasion):
            return None
        if claimed.frozen is not None:
            return Frozen(claimed.frozen, claimed.message_id)
        if claimed.channel == TELEGRAM and not isinstance(content, Reminder | Moved | Alarm):
            log.error("only mail carries what was planned for a chat: %s", content.what)
            return None
        name = self.name(claimed)
        if claimed.channel == TELEGRAM:
            return Frozen(self._message(claimed, occasion), name)
        return Frozen(self._mail(claimed, occasion, name), name)

    def name(self, claimed: Claimed) -> str:
        """Return the Message-ID of a message."""
        return f"<{claimed.kind.value}.{claimed.id}@{self._sender.domain}>"

    def mailed(self, claimed: Claimed, letter: Letter, now: datetime) -> Frozen:
        """Return a letter that is written for one person alone as it leaves."""
        form = Form(mail(letter, self._sender, self._key), self._key)
        name = self.name(claimed)
        return Frozen(form.filled(self._personal(claimed, now, name)), name)

    def occasion(self, content: Content) -> Occasion:
        """Return the circumstances in which `content` is told now."""
        desk = self._desk_now()
        if desk is not self._desk:
            # The facts are new: what was made from the old ones is never sent again.
            self._desk = desk
            self._forms.clear()
            self._texts.clear()
        return Occasion(content, desk, self._sender, self._links, self._clock.now())

    def _mail(self, claimed: Claimed, occasion: Occasion, name: str) -> bytes:
        likeness = _likeness(claimed, occasion)
        form = self._forms.get(likeness) if likeness else None
        if form is None:
            form = Form(mail(self._letter(occasion), self._sender, self._key), self._key)
            _keep(self._forms, likeness, form)
        return form.filled(self._personal(claimed, occasion.now, name))

    def _letter(self, occasion: Occasion) -> Letter:
        content = occasion.content
        if isinstance(content, Code):
            return asking.code(occasion, content, code(self._key, content.proof))
        return _letter(occasion)

    def _personal(self, claimed: Claimed, now: datetime, name: str) -> dict[Gap, bytes]:
        """Return what goes into the gaps of one person's mail."""
        contact = claimed.contact
        subscription = str(claimed.content.get("subscription", ""))
        return {
            Gap.ADDRESS: claimed.address.encode("ascii"),
            Gap.DATE: format_datetime(now).encode("ascii"),
            Gap.NAME: name.encode("ascii"),
            Gap.MANAGE: self._sealed(Purpose.MANAGE, contact),
            Gap.UNSUBSCRIBE: self._sealed(Purpose.UNSUBSCRIBE, contact),
            Gap.CONFIRM: self._sealed(Purpose.CONFIRM, subscription),
        }

    def _sealed(self, purpose: Purpose, identifier: str) -> bytes:
        return sealed(self._key, purpose, identifier).encode("ascii") if identifier else b""

    def _message(self, claimed: Claimed, occasion: Occasion) -> bytes:
        likeness = _likeness(claimed, occasion)
        kept = self._texts.get(likeness) if likeness else None
        if kept is None:
            kept = _text(occasion)
            _keep(self._texts, likeness, kept)
        return chat.message(*kept, self._key, claimed.address)


def _outdated(claimed: Claimed, occasion: Occasion) -> bool:
    """Whether the cause of a message is gone: its deadline moved again, is off, or has come."""
    content, deadline = occasion.content, occasion.deadline
    if not isinstance(content, Reminder | Moved):
        return False
    if deadline is None or deadline.sequence < content.sequence:
        # Another process knows newer dates: it must not lose what was planned from them.
        raise Undecided
    if deadline.sequence != content.sequence:
        return True
    if isinstance(content, Moved):
        return False
    over = deadline.status == "cancelled" or occasion.now >= deadline.instant
    return over or _for_another_moment(claimed, deadline.instant)


def _for_another_moment(claimed: Claimed, instant: datetime) -> bool:
    """Whether it was planned for a later moment: no reminder may leave after its deadline."""
    until = claimed.not_after.timestamp()
    return instant.timestamp() + 1 < until < LATEST


def _likeness(claimed: Claimed, occasion: Occasion) -> Likeness | None:
    """Return what others share with this message; None where each is made for itself."""
    content = occasion.content
    if isinstance(content, Alarm | Code):
        return None
    time = _of_time(occasion)
    if isinstance(content, Confirmation):
        content = content.model_copy(update={"subscription": ""})
    today = occasion.now.astimezone(occasion.zone).date() if occasion.desk.rehearsed else None
    return claimed.channel, content, time, today


def _of_time(occasion: Occasion) -> Left | bool | None:
    """Return what a letter says that depends on when it is made."""
    content, deadline = occasion.content, occasion.deadline
    if isinstance(content, Confirmation):
        return asking.anything_ahead(occasion, content)
    if isinstance(content, Reminder) and deadline is not None:
        return left(deadline, occasion.now)
    return None


def _keep(kept: dict[Likeness, Made], likeness: Likeness | None, made: Made) -> None:
    """Keep what was made, in the place of the oldest where there are too many."""
    if likeness is None:
        return
    if len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]
    kept[likeness] = made


def _letter(occasion: Occasion) -> Letter:
    """Return the letter to be written on an occasion."""
    content, deadline = occasion.content, occasion.deadline
    if isinstance(content, Confirmation):
        return asking.confirmation(occasion, content)
    if isinstance(content, Access):
        return asking.access(occasion, content)
    if isinstance(content, Alarm):
        return operating.alarm(occasion, content)
    if isinstance(content, Canary):
        return operating.canary(occasion, content)
    if deadline is None or not isinstance(content, Reminder | Moved):
        raise LookupError("a letter about a deadline that is not there")
    if isinstance(content, Moved):
        return reminding.moved(occasion, content, deadline)
    return reminding.reminder(occasion, content, deadline)


def _text(occasion: Occasion) -> tuple[str, chat.Rows]:
    """Return a chat's message and its buttons."""
    content, deadline = occasion.content, occasion.deadline
    if isinstance(content, Alarm):
        return chat.alarm(occasion, content), ()
    if deadline is None or not isinstance(content, Reminder | Moved):
        raise LookupError("a message about a deadline that is not there")
    buttons = chat.buttons(occasion, content)
    if isinstance(content, Moved):
        return chat.moved(occasion, content, deadline), buttons
    return chat.reminder(occasion, content, deadline), buttons
