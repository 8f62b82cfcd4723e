"""The web face on a free port of loopback, and people who use it without JavaScript."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from sqlalchemy import text
from sqlalchemy.engine import URL
from starlette.types import ASGIApp

from bot.faces import web
from bot.service import Noon, open_noon
from bot.settings import Settings
from tests.web.document import Element, read


@dataclass(frozen=True)
class Site:
    """A running web face, with its insides for looking at."""

    noon: Noon
    address: str

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Return a new client with those headers, which does not follow redirects by itself."""
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=30)

    async def count(self, table: str) -> int:
        """Return how many rows a table has."""
        async with self.noon.database.read() as connection:
            return int(
                (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
            )


@asynccontextmanager
async def serving(url: URL | None = None, **given: Any) -> AsyncIterator[Site]:
    """Yield a web face with those settings; `url` is its database."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        if url is not None:
            given["database_url"] = url.render_as_string(hide_password=False)
        settings = Settings(**{"public_url": address, **given}, _env_file=None)
        async with open_noon(settings, migrate=True) as noon, listening(web.app(noon), door):
            yield Site(noon, address)


@asynccontextmanager
async def listening(app: ASGIApp, door: socket.socket) -> AsyncIterator[None]:
    """Serve `app` at `door` in this loop, with the server that is used in production."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[door]))
    while not server.started:
        await asyncio.sleep(0.01)
        assert not task.done(), "the server did not start"
    yield
    server.should_exit = True
    await task


class Person:
    """Somebody whose browser runs no scripts: loads pages, fills forms in, presses buttons."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = Element("document", {})
        self.answer = httpx.Response(200)

    async def open(self, address: str = "/") -> Element:
        """Load a page."""
        self.answer = await self.client.get(address)
        self.page = read(self.answer.text)
        return self.page

    async def ask(self, question: str) -> Element:
        """Type a question and press the button."""
        form = self.page.one("form", class_="ask")
        return await self._send(form.attributes["action"], {**_hidden(form), "text": question})

    async def press(self, label: str) -> Element:
        """Press the button with that label; the first, if there are several."""
        button = next(each for each in self.page.all("button") if each.words == label)
        form = next(each for each in self.page.all("form") if _owns(each, button))
        fields = _hidden(form)
        fields[button.attributes["name"]] = button.attributes["value"]
        return await self._send(form.attributes["action"], fields)

    async def _send(self, action: str, fields: dict[str, str]) -> Element:
        origin = str(self.client.base_url).rstrip("/")
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        self.answer = await self.client.post(action, data=fields, headers=headers)
        if self.answer.status_code == 303:
            return await self.open(self.answer.headers["location"])
        self.page = read(self.answer.text)
        return self.page

    @property
    def said(self) -> str:
        """What the page shows as said by the person, or nothing."""
        return "".join(each.text for each in self.page.all("p", class_="said"))

    @property
    def replies(self) -> str:
        """What the page shows as answered."""
        return " ".join(each.words for each in self.page.all("div", class_="reply"))

    @property
    def choices(self) -> list[str]:
        """The labels of the choices under the answer."""
        lists = self.page.one("div", id="log").all("ul", class_="choices")
        return [button.words for each in lists for button in each.all("button")]


def _hidden(form: Element) -> dict[str, str]:
    """Return what a form sends along without being filled in."""
    fields = [each.attributes for each in form.all("input") if "value" in each.attributes]
    return {each["name"]: each["value"] for each in fields}


def _owns(form: Element, button: Element) -> bool:
    named = button.attributes.get("form")
    return form.attributes.get("id") == named if named else any(each is button for each in form)
