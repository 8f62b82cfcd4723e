"""What a PDF says and what it holds, read without the library that wrote it."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf

_PAIR = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4,})>")


@dataclass(frozen=True)
class Paper:
    """The text of all pages, a line a run; the keys of what acts or could; the number of pages."""

    text: str
    keys: frozenset[str]
    pages: int


def read(content: bytes) -> Paper:
    """Return what stands in a PDF; raises pikepdf's errors where it is not one."""
    with pikepdf.open(BytesIO(content)) as pdf:
        lines = [line for page in pdf.pages for line in _lines(page)]
        keys = frozenset(key for thing in pdf.objects for key in _keys(thing))
        return Paper("\n".join(lines), keys, len(pdf.pages))


def _keys(thing: Any) -> set[str]:
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        names = thing.keys()
        return {str(key) for key in names if not _is_place(key, thing)}
    return set()


def _is_place(key: str, thing: Any) -> bool:
    """Whether a document only says at which page it opens, which is no action."""
    return str(key) == "/OpenAction" and isinstance(thing[key], pikepdf.Array)


def _lines(page: pikepdf.Page) -> list[str]:
    """Return the runs of text of a page, by the table of each font."""
    fonts = {str(name): _table(font) for name, font in page.Resources.Font.items()}
    lines, table = [], dict[int, str]()
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            table = fonts[str(operands[0])]
        elif str(operator) == "Tj":
            codes = bytes(operands[0])
            pairs = zip(codes[::2], codes[1::2], strict=True)
            lines.append("".join(table[high * 256 + low] for high, low in pairs))
    return lines


def _table(font: Any) -> dict[int, str]:
    pairs = _PAIR.findall(font.ToUnicode.read_bytes())
    return {int(code, 16): bytes.fromhex(sign.decode()).decode("utf-16-be") for code, sign in pairs}
