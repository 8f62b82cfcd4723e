"""Files of replies, made again when they are fetched: nothing is kept of them anywhere."""

from collections.abc import Mapping
from hmac import compare_digest
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.faces.web import exchange
from bot.faces.web.page import UNCACHED, Pages
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
        choice, language = asked.get("choice", ""), asked.get("lang", "")
        due = exchange.signature(self._noon.key, choice, language)
        if not compare_digest(asked.get("sign", "").encode(), due.encode()):
            raise HTTPException(404)
        for file in await self._made(self._pages.cookie.read(request), choice, language):
            if file.name == asked.get("name"):
                return Response(file.content, 200, _headers(file), file.media_type)
        raise HTTPException(404)

    async def _made(self, cookie: str | None, choice: str, language: str) -> list[Attachment]:
        """Answer the choice once more, without saving anything."""
        conversation = self._noon.conversation("web", cookie)
        async with self._noon.database.read() as connection:
            notes = (await notebooks.load(connection, [conversation]))[conversation]
        notes.language = language
        turn = Turn(conversation, self._noon.clock.now(), choice=choice)
        return [file for reply in await self._noon.reply(turn, notes) for file in reply.files]


def _headers(file: Attachment) -> Mapping[str, str]:
    name = quote(file.name, safe="")
    return {**UNCACHED, "content-disposition": f"attachment; filename*=utf-8''{name}"}
