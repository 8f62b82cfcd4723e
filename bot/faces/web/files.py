"""Files of replies, made again when they are fetched: nothing is kept of them anywhere."""

from collections.abc import Mapping
from hmac import compare_digest
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.faces.web import exchange
from bot.faces.web.page import UNCACHED, Pages
from bot.service import Caller
from bot.store import notebooks
from handlers.turn import Attachment, Turn


class Files:
    """Follows the addresses of files that `bot.faces.web.exchange` made, and no others."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._noon = pages.noon

    async def send(self, request: Request) -> Response:
        """Send the file that the address names; raises starlette's HTTPException 404."""
        asked = request.query_params
        wish, language = asked.get("for", ""), asked.get("lang", "")
        due = exchange.signature(self._noon.key, wish, language)
        if not compare_digest(asked.get("sign", "").encode(), due.encode()):
            raise HTTPException(404)
        for file in await self._made(self._pages.cookie.read(request), wish, language):
            if file.name == asked.get("name"):
                return await self._sent(request, file)
        raise HTTPException(404)

    async def _sent(self, request: Request, file: Attachment) -> Response:
        content = file.content
        if file.source:
            conversation = self._conversation(self._pages.cookie.read(request))
            made = await self._noon.files.fetched(conversation, file.source)
            if made is None:
                raise HTTPException(404)
            content = made.content
        return Response(content, 200, _headers(file), file.media_type)

    def _conversation(self, cookie: str | None) -> str:
        return self._noon.conversation("web", cookie)

    async def _made(self, cookie: str | None, wish: str, language: str) -> list[Attachment]:
        """Answer the choice or command once more, without saving anything."""
        conversation = self._conversation(cookie)
        command = wish if wish.startswith("/") else ""
        choice = None if command else wish
        turn = Turn(conversation, self._noon.clock.now(), text=command, choice=choice)
        async with self._noon.database.read() as connection:
            notes = (await notebooks.load(connection, [conversation]))[conversation]
            notes.language = language
            caller = Caller(conversation, later=True)
            ledger = self._noon.ledger(connection, caller)
            cases = self._noon.cases(connection, caller)
            replies = await self._noon.reply(turn, notes, ledger, cases)
        return [file for reply in replies for file in reply.files]


def _headers(file: Attachment) -> Mapping[str, str]:
    name = quote(file.name, safe="")
    return {**UNCACHED, "content-disposition": f"attachment; filename*=utf-8''{name}"}
