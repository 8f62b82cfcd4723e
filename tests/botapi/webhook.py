"""Delivery of updates to a webhook: in order for each chat, several chats at a time."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any

from tests.botapi.feed import Feed, Update
from tests.botapi.outgoing import Line, Reply

Json = dict[str, Any]

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_PAUSE = 60.0
LONGEST_ANSWER = 60.0


class Webhook:
    """One webhook that is set.

    An update is posted until a 2xx comes back, after `pause` seconds the first time and twice as
    long each further time, or after the seconds named by `Retry-After`; later updates of the same
    chat wait for it. A method call in the webhook's answer is not carried out.
    """

    def __init__(
        self, feed: Feed, url: str, secret: str, max_connections: int, pause: float
    ) -> None:
        self.feed = feed
        self.url = url
        self.max_connections = max_connections
        self.pause = pause
        self.last_error: tuple[int, str] | None = None
        self._lanes: dict[int, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: secret} if secret else {})
        self._lines: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
        for _ in range(max_connections):
            self._lines.put_nowait(Line(url, headers))

    def start(self) -> None:
        """Takes over what is queued and every further update."""
        self.feed.push = self.push
        for update in self.feed.pending:
            self.push(update)

    def push(self, update: Update) -> None:
        """Adds one update behind those of the same chat."""
        lane = self._lanes.get(update.lane)
        if lane is not None:
            lane.append(update)
            return
        self._lanes[update.lane] = deque([update])
        task = asyncio.create_task(self._drain(update.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Ends delivery; what was not accepted stays queued."""
        self.feed.push = None
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._lines.empty():
            self._lines.get_nowait().close()

    def info(self) -> Json:
        """Returns the webhook's part of WebhookInfo."""
        info: Json = {"url": self.url, "max_connections": self.max_connections}
        if self.last_error is not None:
            info["last_error_date"], info["last_error_message"] = self.last_error
        return info

    async def _drain(self, lane: int) -> None:
        queue = self._lanes[lane]
        while queue:
            await self._deliver(queue[0])
            self.feed.drop(queue.popleft())
        del self._lanes[lane]

    async def _deliver(self, update: Update) -> None:
        pause = self.pause
        while (wait := await self._post(update)) is not None:
            await asyncio.sleep(wait or pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _post(self, update: Update) -> float | None:
        """Returns None when the update was taken, else the seconds to wait (0: not named)."""
        try:
            reply = await self._reply(update)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self._failed(str(error) or type(error).__name__)
            return 0.0
        if 200 <= reply.status < 300:
            return None
        self._failed(f"Wrong response from the webhook: {reply.status} {reply.phrase}")
        return float(reply.retry_after)

    async def _reply(self, update: Update) -> Reply:
        line = await self._lines.get()
        try:
            return await asyncio.wait_for(line.post(update.body), LONGEST_ANSWER)
        finally:
            self._lines.put_nowait(line)

    def _failed(self, reason: str) -> None:
        self.last_error = (int(time.time()), reason)
