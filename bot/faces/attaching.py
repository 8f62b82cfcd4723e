"""A file that is sent in the terminal: `/attach PATH`."""

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.incident.inspecting.expecting import conversation_takes_files
from bot.incident.inspecting.found import LARGEST, Problem
from bot.incident.inspecting.inspector import shown_name, unread
from bot.service import Noon
from handlers.turn import Attachment, Turn

COMMAND = "/attach"


class Unreadable(Exception):
    """There is no file that can be read at the path that was given, which is the text."""


async def attached(noon: Noon, turn: Turn) -> Turn:
    """Return `turn` with the file that its text sends, or as it is where it sends none.

    The file is looked at while a notice is prepared, else only named. Raises `Unreadable`.
    """
    command, _, given = turn.text.partition(" ")
    if command != COMMAND:
        return turn
    name, content = await asyncio.to_thread(_read, given.strip().strip("\"'"))
    named = Attachment(shown_name(name), b"", "application/octet-stream")
    sent = replace(turn, text="", attachments=(named,))
    async with noon.database.read() as connection:
        if not await conversation_takes_files(connection, turn.conversation):
            return sent
    if len(content) > LARGEST:
        return replace(sent, uploads=(unread(name, Problem.TOO_LARGE, len(content)),))
    return replace(sent, uploads=(await noon.inspector.look(name, content),))


def _read(given: str) -> tuple[str, bytes]:
    """Return a file's name and bytes, and of one that is too large just enough to know that."""
    try:
        path = Path(given).expanduser()
        if not path.is_file():
            raise Unreadable(given)
        with path.open("rb") as file:
            return path.name, file.read(LARGEST + 1)
    except (OSError, RuntimeError, ValueError) as problem:
        raise Unreadable(given) from problem
