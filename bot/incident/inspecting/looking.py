"""The process that looks at files: `python -m bot.incident.inspecting.looking LOCK`.

It reads a file from standard input, answers on standard output, and so on until the input ends.
It knows no name of a file, no setting and no secret, and has nothing open but its pipes and the
lock, which is held while a large picture is drawn.
"""

import sys
from functools import partial
from typing import BinaryIO

from PIL import Image

from bot.incident.inspecting.confining import allow_seconds, alone, confine
from bot.incident.inspecting.documents import document
from bot.incident.inspecting.found import LARGEST, Found, Problem, refused
from bot.incident.inspecting.frames import LENGTH, framed
from bot.incident.inspecting.kinds import Kind, kind
from bot.incident.inspecting.pictures import Turn, screenshot


def look(content: bytes, turn: Turn) -> Found:
    """Return what is found in a file; a large picture is drawn within `turn()`."""
    if len(content) > LARGEST:
        return refused(Problem.TOO_LARGE)
    found = kind(content)
    if isinstance(found, Problem):
        return refused(found)
    try:
        return document(content) if found is Kind.PDF else screenshot(content, found, turn)
    except MemoryError:
        return refused(Problem.SLOW, found)


def serve(source: BinaryIO, target: BinaryIO, turn: Turn) -> None:
    """Answer file after file until `source` ends."""
    while head := source.read(LENGTH.size):
        (size,) = LENGTH.unpack(head)
        allow_seconds()
        found = look(source.read(size), turn)
        said = f"{found.kind} {found.media_type} {found.problem}".encode()
        target.write(framed([said, found.content, found.small]))
        target.flush()


def main() -> None:
    """Confine this process, then look at what comes."""
    # `pictures` judges by the header, by rules of our own, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    Image.preinit()
    confine()
    serve(sys.stdin.buffer, sys.stdout.buffer, partial(alone, int(sys.argv[1])))


if __name__ == "__main__":
    main()
