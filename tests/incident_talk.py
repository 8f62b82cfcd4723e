"""An incident notice told in a conversation without a face, with cases that are kept in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from handlers.cases import (
    BY_PERSON,
    Added,
    Asked,
    Draft,
    Given,
    Kept,
    Notice,
    Refused,
    Standing,
    Step,
    Way,
)
from handlers.markup import plain
from handlers.notebook import Notebook
from handlers.router import respond
from handlers.turn import Attachment, Reply, Turn, Upload
from handlers.visit import Desk
from handlers.words import words
from rules.incident import Case, Phase, missing, window
from tests.talk import the_desk

NOON = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
"""12:00 in Brussels and 13:00 in Riga: KA210 and KA220 close."""

MAILBOX = "na@agency.example"
CODE = "482913"
LIFE = timedelta(minutes=15)


def at(brussels: str, day: int = 5) -> datetime:
    """Return a moment in March 2026 by the clock of Brussels."""
    hour, minute, second = map(int, f"{brussels}:00".split(":")[:3])
    return datetime(2026, 3, day, hour - 1, minute, second, tzinfo=UTC)


def screenshot(mark: str = "one", **other: object) -> Upload:
    content = f"png {mark}".encode()
    fields = {"content": content, "size": 350_000, "sha256": sha256(content).hexdigest()}
    return Upload(**{"kind": "screenshot", "media_type": "image/png", **fields, **other})


def form(mark: str = "one", problem: str = "") -> Upload:
    content = f"%PDF-1.7 {mark}".encode()
    digest = sha256(content).hexdigest()
    return Upload("form", "application/pdf", 1_400_000, digest, content, problem=problem)


def refused(problem: str) -> Upload:
    return Upload("refused", "application/octet-stream", 10, "0" * 64, problem=problem)


@dataclass
class Memory:
    """`handlers.cases.Cases` in memory: what it says of limits, codes and windows is meant."""

    desk: Desk
    now: datetime
    to: str | None = MAILBOX
    captured: bool = False
    codes_left: int = 5
    held: bool = False
    sent: list[str] = field(default_factory=list)
    made: list[Notice] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    _asked: tuple[str, datetime, int] | None = None
    _files: list[tuple[Kept, Upload]] = field(default_factory=list)

    @property
    def mailbox(self) -> str | None:
        return self.to

    async def proved(self) -> str | None:
        return self.confirmed[-1] if self.confirmed else None

    async def ask_code(self, address: str) -> Asked:
        if address in self.confirmed:
            self.confirmed.append(address)
            return Asked.PROVED
        if not self.codes_left:
            return Asked.REFUSED
        self.codes_left -= 1
        self._asked = (address, self.now, 5)
        self.sent.append(address)
        return Asked.SENT

    async def codes_again(self) -> datetime:
        return self.now + timedelta(minutes=42)

    async def give_code(self, code: str) -> Given:
        if self._asked is None:
            return Given.OVER
        address, asked_at, tries = self._asked
        if not tries or self.now >= asked_at + LIFE:
            return Given.OVER
        if code != CODE:
            self._asked = (address, asked_at, tries - 1)
            return Given.WRONG if tries > 1 else Given.OVER
        self._asked = None
        self.confirmed.append(address)
        return Given.RIGHT

    async def add(self, upload: Upload) -> Added:
        if upload.kind == "refused":
            return Added.REFUSED
        if any(kept.sha256 == upload.sha256 for kept, _ in self._files):
            return Added.SAME
        if upload.kind == "form":
            self._files = [one for one in self._files if one[0].kind != "form"]
            self._keep(upload, "form.pdf")
            return Added.FORM
        count = sum(kept.kind == "screenshot" for kept, _ in self._files)
        if count == 6:
            return Added.TOO_MANY
        self._keep(upload, f"incident-{count + 1}.png")
        return Added.SCREENSHOT

    def _keep(self, upload: Upload, name: str) -> None:
        kept = Kept(
            upload.sha256[:8], upload.kind, name, upload.size, upload.sha256, upload.problem
        )
        self._files.append((kept, upload))

    async def files(self) -> Sequence[Kept]:
        return [kept for kept, _ in self._files]

    async def drop(self, identifier: str) -> bool:
        before = len(self._files)
        self._files = [one for one in self._files if one[0].id != identifier]
        return len(self._files) < before

    async def draft(self, case: Case) -> Draft:
        kept = tuple(one for one in await self.files() if not one.problem)
        left_out = tuple(one for one in await self.files() if one.problem)
        copy = await self.proved() or ""
        told = "\n".join(f"{name}: {value}" for name, value in vars(case).items() if value)
        subject = f"{case.action} {case.form_id} {case.organisation}"
        return Draft(self.to, copy, subject, f"LV\n{told}", f"EN\n{told}", kept, left_out)

    async def confirm(self, case: Case) -> Notice | Refused:
        deadline = self.desk.facts.newest.deadlines.get(case.deadline)
        address = await self.proved()
        if missing(case) or deadline is None:
            return Refused.INCOMPLETE
        if address is None:
            return Refused.NO_MAILBOX
        within = window(deadline, self.desk.agency)
        phase = within.phase(self.now)
        if phase in (Phase.EARLY, Phase.AFTER):
            return Refused.EARLY if phase is Phase.EARLY else Refused.LATE
        same = [one for one in self.made if one.case.form_id == case.form_id]
        if len(same) == 3:
            return Refused.ENOUGH
        if not same and len({one.case.form_id for one in self.made}) == 3:
            return Refused.FORMS
        notice = self._notice(case, address, len(same), within.closes)
        self.made.append(notice)
        self._files = []
        return notice

    def _notice(self, case: Case, address: str, number: int, closes: datetime) -> Notice:
        way = Way.BY_HAND if self.to is None else Way.HELD if self.held else Way.SENDING
        standing = Standing.WAITING if way is Way.SENDING else Standing(way.value)
        identifier = f"n{len(self.made) + 1}"
        files = tuple(kept for kept, _ in self._files)
        link = f"https://noon.example/incident/{identifier}"
        return Notice(
            *(identifier, number, case, way, standing, self.now, closes),
            *(f"<incident.{identifier}@noon.example>", address, self.to, link),
            files=files,
        )

    async def notices(self) -> Sequence[Notice]:
        return list(self.made)

    async def by_hand(self, case: Case) -> Sequence[Attachment]:
        told = (await self.draft(case)).text.encode()
        return (
            Attachment("notice.eml", told, "message/rfc822"),
            Attachment("notice.txt", told, "text/plain"),
        )

    async def letter(self, identifier: str, *, by_hand: bool = False) -> Attachment | None:
        known = any(one.id == identifier for one in self.made)
        return Attachment("notice.eml", b"eml", "message/rfc822") if known else None

    async def bare(self, identifier: str) -> Attachment | None:
        known = any(one.id == identifier for one in self.made)
        return Attachment("notice.txt", b"text", "text/plain") if known else None

    async def sent_by_hand(self, identifier: str) -> None:
        steps = (Step(self.now, BY_PERSON),)
        self.made = [replace(one, steps=one.steps + steps) for one in self.made]

    async def receipt(self, identifier: str) -> Sequence[Attachment]:
        return (
            Attachment("receipt.txt", b"text", "text/plain"),
            Attachment("receipt.pdf", b"%PDF-", "application/pdf"),
        )

    def stands(self, standing: Standing, **given: object) -> None:
        """Let the last notice stand so."""
        self.made[-1] = replace(self.made[-1], standing=standing, **given)


class Panic:
    """Somebody whose form fails; `now` moves for them and for the cases alike."""

    def __init__(
        self,
        now: datetime = NOON,
        language: str = "en",
        desk: Desk | None = None,
        group: bool = False,
        **given: object,
    ) -> None:
        self.desk = desk or the_desk()
        self.language = language
        self.notes = Notebook()
        self.cases = Memory(self.desk, now, **given)
        self.group = group
        self.replies: list[Reply] = []

    @property
    def now(self) -> datetime:
        return self.cases.now

    @now.setter
    def now(self, now: datetime) -> None:
        self.cases.now = now

    async def say(self, text: str) -> str:
        """Type something and return what is answered, as it reads."""
        return await self._turn(Turn("test", self.now, text, None, self.language))

    async def press(self, choice: str) -> str:
        """Press the offered choice that begins so."""
        found = [one for one in self.offered if one == choice or one.startswith(f"{choice}:")]
        assert found, (choice, self.offered)
        return await self.send(found[0])

    async def send(self, choice: str) -> str:
        """Send a choice as a button far up in the chat does, or somebody who makes it up."""
        return await self._turn(Turn("test", self.now, "", choice, self.language))

    async def upload(self, *uploads: Upload, text: str = "") -> str:
        turn = Turn("test", self.now, text, None, self.language, uploads=uploads)
        return await self._turn(turn)

    async def attach(self, *files: Attachment) -> str:
        return await self._turn(Turn("test", self.now, "", None, self.language, files))

    @property
    def offered(self) -> list[str]:
        """The ids that are offered now."""
        return [choice.id for reply in self.replies for choice in reply.choices]

    @property
    def files(self) -> list[str]:
        """The names of the files that came with the last answer."""
        return [file.name for reply in self.replies for file in reply.files]

    @property
    def told(self) -> dict[str, str]:
        """What was noted."""
        return self.notes.read("incident")

    async def minimum(self) -> None:
        """Tell what a notice cannot leave without."""
        await self.send("incident:go")
        await self.say("anna@school.example")
        await self.say(CODE)
        await self.send("incident:set:action:KA220")
        await self.send("incident:set:sector:SCH")
        await self.say("Example School")
        await self.say("I pressed Submit and saw error 500.")

    async def _turn(self, turn: Turn) -> str:
        # What was noted travels through the store between turns, so it must survive being copied.
        self.notes = self.notes.copied()
        cases = None if self.group else self.cases
        self.replies = await respond(turn, self.notes, self.desk, None, cases)
        return "\n\n".join(plain(reply.text) for reply in self.replies)


def said(key: str, language: str = "en", **values: object) -> str:
    """Return a message as it reads."""
    return plain(words(language).say(key, **values))
