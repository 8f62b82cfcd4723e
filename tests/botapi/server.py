"""The Bot API over HTTP: one bot, its methods, its files."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from tests.botapi.calls import DROPPED
from tests.botapi.connection import cut
from tests.botapi.faults import Delayed, Dropped, Failed, Refused, Script, Step, TooMany
from tests.botapi.methods import BY_NAME, LIMITED
from tests.botapi.network import Network
from tests.botapi.rates import ALL_CHATS, Rates
from tests.botapi.refusal import Refusal
from tests.botapi.tracing import Trace
from tests.botapi.wire import Parameters, encoded, envelope, read

Json = dict[str, Any]


class BotServer:
    """Answers the calls of one bot, with whatever misbehaviour is scripted.

    `token` is the only one accepted; `trace` names the record, by default that of the environment;
    empty means none.
    """

    def __init__(
        self, token: str, username: str = "noon_test_bot", trace: str | None = None
    ) -> None:
        self.token = token
        self.trace = Trace(trace)
        self.network = Network(token, username, self.trace)
        self.script = Script()
        self.rates = Rates()
        self.closing = asyncio.Event()
        self._held_until = 0.0

    def hold(self, seconds: float) -> None:
        """Lets every call that is under way or comes wait until so many seconds have passed."""
        self._held_until = time.monotonic() + seconds

    async def close(self) -> None:
        """Lets waiting calls go and ends the webhook."""
        self.closing.set()
        self.network.feed.wake()
        if self.network.webhook is not None:
            await self.network.webhook.stop()
        self.trace.close()

    async def carry_out(self, token: str, name: str, request: Request) -> Response | None:
        """Returns the answer to one call, None when the connection is to be cut."""
        method = BY_NAME[name.lower()][0] if name.lower() in BY_NAME else name
        try:
            parameters = await read(request)
            self._authorise(token)
        except Refusal as refusal:
            return self._refused(method, refusal)
        self.trace.request(method, parameters)
        call = self.network.calls.add(method, parameters.values)
        self.network.changed()
        response = await self._answer(method, parameters)
        call.done(DROPPED if response is None else response.status_code)
        return response

    def _authorise(self, token: str) -> None:
        if token != self.token:
            text = "" if ":" in token else "invalid token specified"
            raise Refusal(401, text)

    async def _answer(self, method: str, parameters: Parameters) -> Response | None:
        await self._held()
        step = self.script.next(method)
        if isinstance(step, Dropped) and not step.after:
            return None
        if isinstance(step, Delayed) and not step.after:
            await self._pause(step.seconds)
        if isinstance(step, Failed) and step.page:
            return HTMLResponse("<html><h1>Bad Gateway</h1></html>", status_code=step.code)
        response = await self._effect(method, parameters, step)
        if isinstance(step, Delayed) and step.after:
            await self._pause(step.seconds)
        return None if isinstance(step, Dropped) else response

    async def _effect(self, method: str, parameters: Parameters, step: Step | None) -> Response:
        try:
            self._scripted(parameters, step)
            result = await self._handled(method, parameters)
        except Refusal as refusal:
            return self._refused(method, refusal)
        body = envelope(result)
        self.trace.answer(method, body)
        return Response(encoded(body), media_type="application/json")

    def _scripted(self, parameters: Parameters, step: Step | None) -> None:
        if isinstance(step, TooMany):
            scope = ALL_CHATS if step.everywhere else parameters.integer("chat_id")
            raise self.rates.impose(step.retry_after, scope)
        if isinstance(step, Refused):
            raise Refusal(step.code, step.text, step.parameters)
        if isinstance(step, Failed):
            raise Refusal(step.code)

    async def _handled(self, method: str, parameters: Parameters) -> Any:
        entry = BY_NAME.get(method.lower())
        if entry is None:
            raise Refusal(404, "method not found")
        if method in LIMITED:
            self.rates.check(parameters.integer("chat_id"))
        return await entry[1](self.network, parameters)

    def _refused(self, method: str, refusal: Refusal) -> Response:
        body = refusal.body()
        self.trace.answer(method, body)
        headers = {}
        if refusal.parameters and "retry_after" in refusal.parameters:
            headers["Retry-After"] = str(refusal.parameters["retry_after"])
        return Response(encoded(body), refusal.code, headers=headers, media_type="application/json")

    async def _held(self) -> None:
        while not self.closing.is_set() and (left := self._held_until - time.monotonic()) > 0:
            await self._pause(left)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return

    def download(self, token: str, path: str) -> Response:
        """Returns the bytes of a file."""
        stored = self.network.files.by_path(path)
        if token != self.token or stored is None:
            refusal = Refusal(401 if token != self.token else 404)
            return Response(encoded(refusal.body()), refusal.code, media_type="application/json")
        return Response(stored.content, media_type="application/octet-stream")


class MethodEndpoint:
    """`/bot<token>/<method>`, as an application of its own so that it can leave without answer."""

    def __init__(self, server: BotServer) -> None:
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        path = scope["path_params"]
        request = Request(scope, receive)
        try:
            response = await self._server.carry_out(path["token"], path["method"], request)
        except ClientDisconnect:
            return  # the bot has died while it was asking
        if response is not None:
            await response(scope, receive, send)
            return
        cut(scope)
        while (await receive())["type"] != "http.disconnect":
            continue
