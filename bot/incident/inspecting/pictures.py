"""A screenshot drawn anew: only its pixels go on, upright, on white, in few enough bytes.

Whatever else came in the file (place, device, thumbnails, another file behind the picture) stays
out. Sizes are judged by the header, before anything is decoded.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO

from PIL import ExifTags, Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from bot.incident.inspecting.drawing import drawn
from bot.incident.inspecting.encoding import LOSSLESS_PIXELS, WIDTHS, Encoded, fitted
from bot.incident.inspecting.found import CONTENT_MOST, SMALL_MOST, Found, Problem, refused
from bot.incident.inspecting.kinds import Kind

MOST_PIXELS = 24_000_000
"""Pixels that are decoded, at four bytes each, and twice where a picture is drawn beside itself.

A camera's JPEG may have more: it is decoded at a half or less.
"""

MOST_PROGRESSIVE = 24_000_000
"""Pixels of a JPEG in passes, which is held whole before any of it can be drawn."""

LONGEST_SIDE = 30_000
WIDEST = WIDTHS[0]
"""Pixels of width beyond which a large picture is made narrower before anything else."""

HEAVY = 10_000_000
"""Pixels from which on only one picture is drawn at a time."""

_DECODERS = {Kind.PNG: PngImageFile, Kind.JPEG: JpegImageFile}
"""Called by name, so that no other of the library's decoders ever sees the file."""

Turn = Callable[[], AbstractContextManager[None]]
"""Returns what is entered while a large picture is drawn."""


def screenshot(content: bytes, kind: Kind, alone: Turn) -> Found:
    """Return what is found in a PNG or JPEG; a large one is drawn within `alone()`."""
    try:
        with _DECODERS[kind](BytesIO(content)) as opened:
            if not _drawable(opened):
                return refused(Problem.HUGE, kind)
            if opened.width * opened.height < HEAVY:
                return _drawn(opened, kind)
            with alone():
                return _drawn(opened, kind)
    except MemoryError:
        raise
    except Exception:
        # The library says in many ways that a picture is broken.
        return refused(Problem.PICTURE, kind)


def _drawable(opened: Image.Image) -> bool:
    """Whether a picture can be drawn in the memory there is; nothing of it is decoded yet."""
    whole = opened.width * opened.height
    if opened.info.get("progressive") and whole > MOST_PROGRESSIVE:
        return False
    opened.draft("RGB", (WIDEST, 1))
    return opened.width * opened.height <= MOST_PIXELS and max(opened.size) <= LONGEST_SIDE


def _turned(opened: Image.Image) -> int:
    """Return how a camera was held; 0 where the picture stands upright."""
    turned = opened.getexif().get(ExifTags.Base.Orientation, 1)
    return turned if turned in range(2, 9) else 0


def _drawn(opened: Image.Image, kind: Kind) -> Found:
    turned, screen = _turned(opened), kind is Kind.PNG
    is_large = opened.width * opened.height > LOSSLESS_PIXELS
    picture = drawn(opened, WIDEST if is_large else opened.width)
    if picture is not opened:
        opened.close()
    if turned:
        picture.getexif()[ExifTags.Base.Orientation] = turned
        picture = ImageOps.exif_transpose(picture)
    content = fitted(picture, CONTENT_MOST, screen=screen)
    if content is None:
        return refused(Problem.HUGE, kind)
    small = content
    if len(content.data) > SMALL_MOST:
        small = fitted(picture, SMALL_MOST, screen=screen) or Encoded(kind, b"")
    return Found("screenshot", content.media_type, "", content.data, small.data)
