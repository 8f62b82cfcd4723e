"""The best picture that fits into so many bytes and can still be read.

Colours are given up before width, and width before sharpness, but never below the width that small
print needs. A screen with much text is smaller and sharper with few colours than as a JPEG.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from bot.incident.inspecting.drawing import drawn
from bot.incident.inspecting.found import NARROWEST
from bot.incident.inspecting.kinds import Kind

WIDTHS = (2560, 1920, 1600, NARROWEST)
QUALITIES = (26, 34, 42, 50, 58, 66, 74, 82, 90)
"""JPEG qualities that are tried; below the first, letters of a screen blur into their ground."""

GOOD = 66
"""The quality below which few colours, or a narrower picture, is the better choice."""

COLOURS = 16
GREYS = 4

LOSSLESS_PIXELS = 9_000_000
"""Pixels up to which a screen is kept as it is, if it fits: a screen of 3840 × 2160 and a bit."""

_FEW_COLOURS_PIXELS = 14_000_000
_PACKED = 7
"""How hard a PNG is packed: more takes three times as long and saves a twentieth."""

_FULL_COLOUR = 50
"""From this quality on colour is kept as fine as light: coloured letters stay sharp."""

_LEAST = 0.011
"""Bytes for a pixel below which no picture of the lowest quality comes, by measurement."""


@dataclass(frozen=True)
class Encoded:
    """A picture as a file."""

    media_type: str
    data: bytes = field(repr=False)


def fitted(image: Image.Image, most: int, *, screen: bool) -> Encoded | None:
    """Return `image` in at most `most` bytes, or None where no readable one is so small.

    `screen`: it shows a screen, not what a camera saw.
    """
    for media_type, data in _tries(image, most, screen=screen):
        if data is not None and len(data) <= most:
            return Encoded(media_type, data)
    return None


def _tries(image: Image.Image, most: int, *, screen: bool) -> Iterator[tuple[str, bytes | None]]:
    """Yield the picture in ever fewer bytes; nothing is made before it is asked for."""
    if screen and image.width * image.height <= LOSSLESS_PIXELS:
        yield Kind.PNG, _png(image)
    widest = drawn(image, WIDTHS[0])
    for width in _widths(image.width):
        narrow = drawn(widest, width)
        yield Kind.JPEG, _best(narrow, most, GOOD)
        few = screen and narrow.width * narrow.height <= _FEW_COLOURS_PIXELS
        yield Kind.PNG, _few_colours(narrow) if few else None
    yield Kind.JPEG, _best(narrow, most, 0)
    yield Kind.PNG, _few_greys(narrow) if few else None


def _widths(width: int) -> list[int]:
    return [min(width, WIDTHS[0]), *(each for each in WIDTHS[1:] if each < width)]


def _best(image: Image.Image, most: int, least_quality: int) -> bytes | None:
    """Return the JPEG of the highest quality that fits."""
    if image.width * image.height * _LEAST > most:
        return None
    qualities = [each for each in QUALITIES if each >= least_quality]
    best = None
    low, high = 0, len(qualities)
    while low < high:
        # The lowest first: where not even that fits, the rest need not be tried.
        at = low if best is None else (low + high) // 2
        data = _jpeg(image, qualities[at])
        if len(data) > most:
            high = at
        else:
            best, low = data, at + 1
    return best


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    subsampling = "4:4:4" if quality >= _FULL_COLOUR else "4:2:0"
    # Tables made for the picture save a little, and take memory for all of it at once.
    fine = image.width * image.height <= LOSSLESS_PIXELS
    image.save(out, "JPEG", quality=quality, subsampling=subsampling, optimize=fine)
    return out.getvalue()


def _few_colours(image: Image.Image) -> bytes:
    method = Image.Quantize.FASTOCTREE
    return _png(image.quantize(COLOURS, method, dither=Image.Dither.NONE), bits=4)


def _few_greys(image: Image.Image) -> bytes:
    few = image.convert("L").quantize(GREYS, dither=Image.Dither.NONE)
    return _png(few, bits=2)


def _png(image: Image.Image, **how: int) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", compress_level=_PACKED, **how)
    return out.getvalue()
