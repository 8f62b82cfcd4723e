"""The handle tests hold: a Bot API server on loopback together with the people who use the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tests.botapi.calls import Call
from tests.botapi.connection import InLoop, listening_socket
from tests.botapi.control import control_routes
from tests.botapi.faults import Step
from tests.botapi.people import NOT_STARTED, Group, User
from tests.botapi.rates import ALL_CHATS
from tests.botapi.server import BotServer, MethodEndpoint

Json = dict[str, Any]


class BotApi:
    """A Bot API server in the running loop; use it as an asynchronous context manager.

    `url` is the base for the product's setting (clients add `/bot` themselves or expect `url/bot`).
    `server`, `server.network`, `server.network.feed` give access to everything behind it.
    """

    def __init__(
        self,
        token: str = "123456:loopback",
        username: str = "noon_test_bot",
        port: int = 0,
        trace: str | None = None,
    ) -> None:
        self.token = token
        self.server = BotServer(token, username, trace)
        self.network = self.server.network
        self.limits = self.server.rates
        self._listener = listening_socket(port)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        routes = [*_bot_routes(self.server), *control_routes(self)]
        self._http = InLoop(Starlette(routes=routes), self._listener)
        self._users: dict[int, User] = {}

    async def __aenter__(self) -> Self:
        """Begins to listen."""
        await self._http.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Closes all connections."""
        await self.server.close()
        await self._http.stop()

    def user(
        self,
        user_id: int,
        language_code: str | None = None,
        *,
        first_name: str = "Anna",
        username: str | None = None,
        started: bool = True,
    ) -> User:
        """Returns the person with this id, who has used the bot before unless `started` is off."""
        if user_id not in self._users:
            person: Json = {"first_name": first_name} | ({"username": username} if username else {})
            chat = self.network.open_chat({"id": user_id, "type": "private"} | person)
            chat.closed = "" if started else NOT_STARTED
            face: Json = {"id": user_id, "is_bot": False} | person
            face |= {"language_code": language_code} if language_code else {}
            self._users[user_id] = User(self.network, chat, face)
        return self._users[user_id]

    def group(self, title: str, by: User, chat_id: int = -4_000_001) -> Group:
        """Returns a new basic group to which this person has added the bot."""
        return self._added({"id": chat_id, "type": "group", "title": title}, by)

    def supergroup(
        self, title: str, by: User, chat_id: int = -1_001_000_000_001, *, forum: bool = False
    ) -> Group:
        """Returns a new supergroup to which this person has added the bot."""
        face: Json = {"id": chat_id, "type": "supergroup", "title": title}
        return self._added(face | ({"is_forum": True} if forum else {}), by)

    @property
    def calls(self) -> list[Call]:
        """Every call so far, in order."""
        return self.network.calls.log

    def script(self, method: str, *steps: Step) -> None:
        """Sets what the next calls of a method (`*`: any) meet; each step serves one call."""
        self.server.script.add(method, *steps)

    def block(self, chat: User | int) -> None:
        """Lets a person block the bot."""
        (self._users[chat] if isinstance(chat, int) else chat).block()

    def hold(self, seconds: float) -> None:
        """Lets every call wait until so many seconds have passed."""
        self.server.hold(seconds)

    def halt(self, seconds: float, chat_id: int = ALL_CHATS) -> None:
        """Answers sends with 429 for so many seconds, in one chat or in all."""
        self.limits.impose(seconds, chat_id)

    def rates(
        self,
        per_chat: float | None = None,
        overall: float | None = None,
        per_group: float | None = None,
        burst_seconds: float = 1.0,
    ) -> None:
        """Enforces limits on sending, in messages per second; None lifts one."""
        self.limits.limit(per_chat, overall, per_group, burst_seconds)

    def called(
        self, method: str, times: int = 1, timeout: float = 5.0
    ) -> Coroutine[Any, Any, list[Call]]:
        """Returns (awaited) the calls of a method once there have been so many.

        Raises:
            TimeoutError: when they do not come.
        """
        return asyncio.wait_for(self._called(method, times), timeout)

    def settled(self, timeout: float = 5.0) -> Coroutine[Any, Any, None]:
        """Returns (awaited) once the bot has taken every update: acknowledged or by webhook.

        Raises:
            TimeoutError: when some are left.
        """
        return self._settled(timeout)

    async def _called(self, method: str, times: int) -> list[Call]:
        while len(calls := self.network.calls.of(method)) < times:
            await self.network.change()
        return calls

    async def _settled(self, seconds: float) -> None:
        await asyncio.wait_for(self.network.feed.idle.wait(), seconds)

    def stats(self) -> Json:
        """Returns the figures of this run."""
        return self.network.calls.figures() | {
            "updates": self.network.feed.emitted,
            "pending_updates": len(self.network.feed.pending),
            "refused_by_rate": self.limits.refused,
            "early_calls": self.limits.early,
        }

    def _added(self, face: Json, by: User) -> Group:
        chat = self.network.open_chat(face)
        by.member_change(chat, "left", "member")
        added = self.network.post(chat, by.face, {"new_chat_members": [self.network.bot]})
        self.network.emit("message", added, chat.id)
        return Group(self.network, chat)


def _bot_routes(server: BotServer) -> list[BaseRoute]:
    async def download(request: Request) -> Response:
        path = request.path_params
        return server.download(path["token"], path["path"])

    return [
        Route("/bot{token}/{method}", MethodEndpoint(server)),
        Route("/file/bot{token}/{path:path}", download),
    ]
