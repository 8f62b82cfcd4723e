"""Fixes the answers to updates, in the transaction that also saves what they follow from."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.faces.telegram import buttons, outgoing
from bot.faces.telegram.reading import Incoming, Me, Sent, read
from bot.faces.telegram.undoing import undoable
from bot.logs import places
from bot.service import Caller, Noon
from bot.store import notebooks, updates
from bot.store.database import TROUBLE
from bot.store.updates import Pending
from handlers.incident.draft import FORM, expects_files
from handlers.notebook import Notebook
from handlers.turn import Reply, Turn, Upload
from handlers.words import words

BUTTONS_REMEMBERED = 20_000
REMEMBERED_SECONDS = 86_400.0
"""A button that is sent again is stored again after so long: what is stored has its time too."""

TRIES = 3
"""A turn that the database fails so often gets an apology, so that the others get their answers."""

log = logging.getLogger(__name__)


@dataclass
class Answers:
    """What is to be done for a batch of updates, by their numbers.

    `moves` says what each update says (None: nothing to answer), `messages` what is newly fixed;
    `awaited` are those whose file must be fetched first, and `apart` those that are answered in a
    transaction of their own: both stay unanswered.
    """

    moves: dict[int, Incoming | None]
    messages: dict[int, str] = field(default_factory=dict)
    made: set[tuple[str, int, str]] = field(default_factory=set)
    notes: dict[str, Notebook] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    awaited: dict[int, Sent] = field(default_factory=dict)
    apart: set[int] = field(default_factory=set)


class Answering:
    """Reads updates, has them answered and stores what follows; `me` is the bot itself."""

    def __init__(self, noon: Noon, me: Me) -> None:
        self._noon = noon
        self._me = me
        self._kept: set[tuple[str, int, str]] = set()
        self._kept_until = 0.0
        self._troubles: dict[int, int] = {}

    def forget(self) -> None:
        """Take no button for stored any more."""
        self._kept.clear()

    async def fix(
        self,
        connection: AsyncConnection,
        pending: Sequence[Pending],
        uploads: Mapping[int, Upload] | None = None,
        *,
        alone: bool = False,
    ) -> Answers:
        """Return the answers to `pending`; those that are new are stored through `connection`.

        `uploads` are the files of updates that were fetched and looked at. Unless `alone`, turns of
        incident notices are left `apart`: they hold files in memory and write megabytes. Raises
        what a database in trouble raises: the transaction is to be tried again.
        """
        brought = uploads or {}
        answers = Answers({one.update_id: self._read(one) for one in pending})
        fresh = [
            (one.update_id, move)
            for one in pending
            if one.state == "received" and (move := answers.moves[one.update_id]) is not None
        ]
        moves = [move for _, move in fresh]
        pressed = [(move.button, move.chat) for move in moves if move.button is not None]
        choices = await buttons.meant(connection, pressed, self._noon.key)
        loaded = await notebooks.load(connection, {self._conversation(move) for move in moves})
        for number, move in fresh:
            notes = loaded[self._conversation(move)]
            if move.sent is not None and number not in brought and expects_files(notes):
                answers.awaited[number] = move.sent
                continue
            came = (brought[number],) if number in brought else ()
            chosen = choices.get((move.button or "", move.chat))
            if not alone and _is_heavy(move, notes, chosen):
                answers.apart.add(number)
                continue
            try:
                answers.messages[number] = await self._fixed(
                    connection, move, chosen, loaded, answers, came
                )
            except TROUBLE as error:
                answers.messages[number] = self._troubled(number, move, notes, answers, error)
        await self._save(connection, answers)
        for number in answers.messages:
            self._troubles.pop(number, None)
        return answers

    def _troubled(
        self, number: int, move: Incoming, notes: Notebook, answers: Answers, error: Exception
    ) -> str:
        """Return the apology for a turn that the database failed often; raises `error` before."""
        self._troubles[number] = self._troubles.get(number, 0) + 1
        if self._troubles[number] < TRIES:
            raise error
        log.error("a turn was not answered: %s", places(error))
        return self._written(move, [self._apology(notes)], answers)

    def _read(self, pending: Pending) -> Incoming | None:
        try:
            return read(pending.raw, self._me)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.error("update %s cannot be read: %s", pending.update_id, places(error))
            return None

    async def _save(self, connection: AsyncConnection, answers: Answers) -> None:
        at = self._noon.clock.now().timestamp()
        await self._keep_buttons(connection, answers.made, at)
        await buttons.move(connection, answers.moved)
        await buttons.forget(connection, answers.erased)
        self._kept = {button for button in self._kept if button[1] not in answers.erased}
        await notebooks.save(self._noon.database, connection, answers.notes, at)
        await updates.answered(connection, answers.messages)

    async def _keep_buttons(
        self, connection: AsyncConnection, made: set[tuple[str, int, str]], at: float
    ) -> None:
        """Store what is new since this process last forgot what it knew."""
        if at > self._kept_until or len(self._kept) > BUTTONS_REMEMBERED:
            self._kept.clear()
            self._kept_until = at + REMEMBERED_SECONDS
        new = made - self._kept
        await buttons.keep(self._noon.database, connection, new, at)
        self._kept |= new

    async def _fixed(
        self,
        connection: AsyncConnection,
        move: Incoming,
        chosen: str | None,
        loaded: dict[str, Notebook],
        answers: Answers,
        uploads: tuple[Upload, ...] = (),
    ) -> str:
        conversation = self._conversation(move)
        notes = loaded[conversation]
        if move.moved_to is not None:
            answers.notes[self._conversation(move, move.moved_to)] = notes.copied()
            notes.erase()
            answers.notes[conversation] = notes
            answers.moved[move.chat] = move.moved_to
            return self._written(move, [], answers)
        choice = (chosen or "gone") if move.button is not None else None
        turn = Turn(
            conversation,
            self._noon.clock.now(),
            move.text,
            choice,
            move.language,
            move.files,
            uploads,
        )
        try:
            fixed = await self._answered(connection, move, turn, notes, answers)
        except TROUBLE:
            raise
        except Exception as error:
            log.error("a turn was not answered: %s", places(error))
            return self._written(move, [self._apology(notes)], answers)
        answers.notes[conversation] = notes
        if notes.language is None:
            # Every answered turn notes a language: without one, all was erased.
            answers.erased.add(move.chat)
        return fixed

    async def _answered(
        self,
        connection: AsyncConnection,
        move: Incoming,
        turn: Turn,
        notes: Notebook,
        answers: Answers,
    ) -> str:
        """Return the messages; what a turn that fails did with a person's ledger is undone."""
        if move.group:
            return self._written(move, await self._noon.reply(turn, notes), answers)
        caller = Caller(turn.conversation, move.chat, later=True)
        ledger = self._noon.ledger(connection, caller)
        async with undoable(connection, ledger, self._noon.cases(connection, caller)) as mine:
            return self._written(move, await self._noon.reply(turn, notes, *mine), answers)

    def _apology(self, notes: Notebook) -> Reply:
        desk = self._noon.almanac.desk
        said = words(notes.language or desk.language)
        return Reply(said.say("router.failed", page=desk.agency.contacts_page))

    def _written(self, move: Incoming, replies: list[Reply], answers: Answers) -> str:
        def name(choice: str) -> str:
            identifier = buttons.name(self._noon.key, move.chat, choice)
            answers.made.add((identifier, move.chat, choice))
            return identifier

        pressed = move.message if move.button is not None else None
        return outgoing.dump(outgoing.render(replies, pressed, name))

    def _conversation(self, move: Incoming, chat: int | None = None) -> str:
        return self._noon.conversation("telegram", chat or move.chat, move.thread or 0)


def _is_heavy(move: Incoming, notes: Notebook, chosen: str | None) -> bool:
    """Whether a turn may write a notice or its files."""
    pressed = (chosen or "").startswith(f"{FORM}:")
    return not move.group and (pressed or expects_files(notes))
