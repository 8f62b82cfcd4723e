"""A picture drawn anew in strips: on white, in grey or colour, and narrower where it is too wide.

A whole copy of a large picture, and another of what is made narrower in between, would double what
it takes.
"""

from math import ceil, floor

from PIL import Image

_STRIP = 512
"""Rows that are drawn at a time."""

_REACH = 3
"""Rows of the result from which the filter takes a share, on either side (Lanczos)."""

_GREY = ("L", "I", "I;16", "I;16B")


def is_see_through(image: Image.Image) -> bool:
    """Whether what lies behind `image` shows through it somewhere."""
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def drawn(image: Image.Image, most_wide: int) -> Image.Image:
    """Return the pixels of `image` at most `most_wide` wide, on white; without all else it tells.

    It is `image` itself where nothing has to be drawn.
    """
    width = min(image.width, most_wide)
    image.load()
    if width == image.width and image.mode in ("L", "RGB") and not is_see_through(image):
        image.info.clear()
        return image
    height = max(1, round(image.height * width / image.width))
    canvas = Image.new("L" if image.mode in _GREY else "RGB", (width, height))
    for top in range(0, height, _STRIP):
        canvas.paste(_strip(image, (width, height), top, min(height, top + _STRIP)), (0, top))
    return canvas


def _strip(image: Image.Image, size: tuple[int, int], top: int, bottom: int) -> Image.Image:
    """Return the rows from `top` to `bottom` of `image` drawn at `size`."""
    by = image.height / size[1]
    first = max(0, floor((top - _REACH) * by))
    last = min(image.height, ceil((bottom + _REACH) * by))
    rows = _opaque(image, image.crop((0, first, image.width, last)))
    if image.size == size:
        return rows.crop((0, top - first, image.width, bottom - first))
    box = (0, top * by - first, image.width, min(bottom * by - first, rows.height))
    return rows.resize((size[0], bottom - top), Image.Resampling.LANCZOS, box)


def _opaque(image: Image.Image, strip: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return strip.convert("I").point([value >> 8 for value in range(65536)], "L")
    if is_see_through(image):
        strip.info = dict(image.info)
        seen = strip.convert("RGBA")
        white = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(white, seen).convert("RGB")
    return strip if strip.mode in ("L", "RGB") else strip.convert("RGB")
