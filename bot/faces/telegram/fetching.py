"""Fetches what people send and has it looked at, ahead of the transaction that answers it.

Few at a time, and each keeps its place until its update is answered: what is held in memory stays
bounded, however much comes. Nothing is stored: after a crash the update is still unanswered, so it
is fetched again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from telegram import Bot
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.faces.telegram.reading import Sent
from bot.faces.telegram.transport import TooLong, Transport
from bot.incident.inspecting import Inspector
from bot.incident.inspecting.found import LARGEST, Problem
from bot.incident.inspecting.inspector import unread
from bot.logs import places
from handlers.turn import Upload

AT_ONCE = 4
"""Files that are fetched, looked at or waiting for their answer at the same time."""

PAUSES = (0.5, 2.0)
"""Seconds after which a download that failed is tried again."""

PATIENCE = 240.0
"""Seconds that one file may take in all."""

log = logging.getLogger(__name__)


class Fetcher:
    """Downloads through `transport`, for `bot`, and has `inspector` look."""

    def __init__(
        self,
        bot: Bot,
        transport: Transport,
        inspector: Inspector,
        pauses: tuple[float, ...] = PAUSES,
        patience: float = PATIENCE,
    ) -> None:
        self._bot = bot
        self._transport = transport
        self._inspector = inspector
        self._pauses = pauses
        self._patience = patience

    async def bring(self, sent: Sent, large: Callable[[], Awaitable[None]]) -> Upload:
        """Return what was found in a file; one that cannot be fetched is refused, never raised.

        `large` is awaited in the middle of a large one.
        """
        if not sent.file_id:
            return unread(sent.name, Problem.KIND, sent.size or 0)
        if sent.size is not None and sent.size > LARGEST:
            return unread(sent.name, Problem.TOO_LARGE, sent.size)
        try:
            async with asyncio.timeout(self._patience):
                content = await self._patiently(sent.file_id, large)
        except TooLong:
            return unread(sent.name, Problem.TOO_LARGE, LARGEST + 1)
        except (TelegramError, TimeoutError) as error:
            log.warning("a file that somebody sent could not be fetched: %s", places(error))
            return unread(sent.name, Problem.MISSED, sent.size or 0)
        return await self._inspector.look(sent.name, content)

    async def _patiently(self, file_id: str, large: Callable[[], Awaitable[None]]) -> bytes:
        for pause in self._pauses:
            try:
                return await self._fetched(file_id, large)
            except BadRequest:
                raise
            except NetworkError:
                await asyncio.sleep(pause)
        return await self._fetched(file_id, large)

    async def _fetched(self, file_id: str, large: Callable[[], Awaitable[None]]) -> bytes:
        try:
            file = await self._bot.get_file(file_id)
        except BadRequest as refusal:
            if "too big" in refusal.message:
                raise TooLong("refused") from refusal
            raise
        if not _is_of(self._bot, file.file_path or ""):
            raise BadRequest("no file of the Bot API server")
        return await self._transport.download(file.file_path or "", LARGEST, large)


def _is_of(bot: Bot, address: str) -> bool:
    """Whether `address` is one of the Bot API server's, and no path on this machine."""
    return address.startswith(f"{bot.base_file_url}/") and ".." not in address


@dataclass
class _Place:
    """A place among those that are fetched at once; a large file needs another one beside it."""

    room: asyncio.Semaphore
    large_room: asyncio.Semaphore
    is_large: bool = False

    async def grow(self) -> None:
        """Wait until no other large file is held in memory."""
        if not self.is_large:
            await self.large_room.acquire()
            self.is_large = True

    def leave(self) -> None:
        """Let others in."""
        self.room.release()
        if self.is_large:
            self.large_room.release()


@dataclass
class _Brought:
    upload: Upload
    place: _Place
    at: float


class Fetches:
    """The files of updates that wait for their answer, by the updates' numbers.

    One whose update was not answered after `lasts` seconds, because another process has taken the
    chat over, is given up.
    """

    def __init__(self, fetcher: Fetcher, lasts: float) -> None:
        self._fetcher = fetcher
        self._lasts = lasts
        self._room = asyncio.Semaphore(AT_ONCE)
        self._large_room = asyncio.Semaphore(1)
        self._brought: dict[int, _Brought] = {}

    async def fetch(self, number: int, sent: Sent) -> None:
        """Bring the file of update `number`; it keeps its place until it is taken or given up."""
        await self._room.acquire()
        place = _Place(self._room, self._large_room)
        try:
            upload = await self._fetcher.bring(sent, place.grow)
        except BaseException:
            place.leave()
            raise
        self._drop([number])
        self._brought[number] = _Brought(upload, place, time.monotonic())

    @property
    def uploads(self) -> dict[int, Upload]:
        """What has been brought and not been answered."""
        return {number: brought.upload for number, brought in self._brought.items()}

    def answered(self, numbers: Collection[int]) -> None:
        """Forget the files of updates that are answered now, and those that nobody came for."""
        old = time.monotonic() - self._lasts
        self._drop([*numbers, *(n for n, each in self._brought.items() if each.at < old)])

    def _drop(self, numbers: Collection[int]) -> None:
        for number in numbers:
            brought = self._brought.pop(number, None)
            if brought is not None:
                brought.place.leave()
