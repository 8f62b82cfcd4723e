"""What a letter is written from: the day's facts, the reader's language and zone, the links."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.post.content import Content, Moved, Reminder
from bot.post.letters.gaps import Gap, mark
from bot.post.letters.mime import Sender
from bot.settings import BadSettings, Settings
from handlers.visit import Desk
from handlers.words import LANGUAGES, Words, words
from rules.deadlines import Deadline

LONGEST_HEADER_VALUE = 77
"""Of List-Unsubscribe with its brackets: longer ones are encoded on their way by some software."""


class Links:
    """Where the links of a letter lead; what is personal in them is a mark.

    Raises `BadSettings` where the address of the web page is too long, or none.
    """

    def __init__(self, settings: Settings, key: bytes) -> None:
        self._site = settings.address
        self._marks = {gap: mark(key, gap) for gap in Gap}
        plain = self._site.isascii() and self._site.isprintable()
        if not plain or set(self._site) & set(' <>"') or "://" not in self._site:
            raise BadSettings("NOON_PUBLIC_URL: must be an address such as https://noon.example")
        excess = len(self.unsubscribe) + 2 - LONGEST_HEADER_VALUE
        if excess > 0:
            raise BadSettings(
                f"NOON_PUBLIC_URL is {excess} characters too long: the header by which people"
                " unsubscribe with one click would not survive the transport of mail"
            )

    @property
    def unsubscribe(self) -> str:
        """Ends all reminders of a contact: for the header, where it must be short."""
        return f"{self._site}/unsubscribe/{self._marks[Gap.UNSUBSCRIBE]}"

    @property
    def confirm(self) -> str:
        """Confirms one subscription."""
        return f"{self._site}/confirm/{self._marks[Gap.CONFIRM]}"

    @property
    def manage(self) -> str:
        """Shows all that a contact is reminded of."""
        return f"{self._site}/reminders/{self._marks[Gap.MANAGE]}"

    def leave(self, language: str) -> str:
        """Return the same link for the letter itself, to a page in the letter's language."""
        return f"{self.unsubscribe}?lang={language}"

    def about(self, deadline: str, wanted: str) -> str:
        """Return the link to what can be done about one deadline, with `wanted` in view."""
        return f"{self.manage}?deadline={deadline}#{wanted}"

    def privacy(self, language: str) -> str:
        """Return the link to the part of the web page that says what is kept of people."""
        return f"{self._site}/?lang={language}#privacy"

    def guide(self, topic: str, language: str) -> str:
        """Return the link to a step guide on the web page."""
        return f"{self._site}/?lang={language}&topic={topic}"


@dataclass(frozen=True)
class Occasion:
    """One letter's circumstances; `now` is on Noon's clock."""

    content: Content
    desk: Desk
    sender: Sender
    links: Links
    now: datetime

    @cached_property
    def words(self) -> Words:
        """The reader's words; the default language where theirs is not spoken any more."""
        language = self.content.language
        return words(language if language in LANGUAGES else self.desk.language)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The reader's zone; the agency's where theirs is unknown to this machine."""
        try:
            return ZoneInfo(self.content.zone)
        except (LookupError, ValueError, OSError):
            return self.desk.zone

    @cached_property
    def deadline(self) -> Deadline | None:
        """The deadline it is about, as it stands now; None: unknown, or about none."""
        if not isinstance(self.content, Reminder | Moved):
            return None
        calls = self.desk.facts.calls.values()
        found = (call.deadlines.get(self.content.deadline) for call in calls)
        return next((deadline for deadline in found if deadline is not None), None)

    def say(self, key: str, /, **values: object) -> str:
        """Return a message in the reader's language."""
        return self.words.say(key, **values)
