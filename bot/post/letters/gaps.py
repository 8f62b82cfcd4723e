"""A mail made once for many: its bytes with gaps, into which each person's own are put.

Building a mail takes longer than sending it, so a body is encoded once with a mark in the place of
everything personal. A token is as long as its mark and, like it, of letters that no encoding
changes; so it can be put into the encoded bytes, also where a line was broken in its middle.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from bot.post.links import LENGTH
from bot.store import keys


class Gap(StrEnum):
    """What differs from person to person."""

    ADDRESS = "address"
    DATE = "date"
    NAME = "name"
    """The Message-ID."""
    MANAGE = "manage"
    UNSUBSCRIBE = "unsubscribe"
    CONFIRM = "confirm"


_SOFT_BREAK = b"=\r\n"
"""Where quoted-printable broke a line that goes on (RFC 2045, 6.7)."""


def mark(key: bytes, gap: Gap) -> str:
    """Return what stands in the place of `gap`: nobody without the key can write it."""
    return keys.sign(key, "gap", gap.value, length=LENGTH)


class Form:
    """The bytes of a mail between its gaps."""

    def __init__(self, mail: bytes, key: bytes) -> None:
        self._pieces = list(_pieces(mail, {mark(key, gap).encode(): gap for gap in Gap}))

    def filled(self, values: Mapping[Gap, bytes]) -> bytes:
        """Return the mail with `values` in its gaps; raises `KeyError` where one is not given."""
        return b"".join(
            [
                piece if isinstance(piece, bytes) else values[piece[0]][piece[1]]
                for piece in self._pieces
            ]
        )


def _pieces(mail: bytes, marks: Mapping[bytes, Gap]) -> Iterator[bytes | tuple[Gap, slice]]:
    """Yield what is between the gaps, and of each gap the part of the value that goes there."""
    end = 0
    for found in re.finditer(b"|".join(_broken(one) for one in marks), mail):
        yield mail[end : found.start()]
        gap = marks[found[0].replace(_SOFT_BREAK, b"")]
        first, *second = (len(part) for part in found[0].split(_SOFT_BREAK))
        if not second:
            yield gap, slice(None)
        else:
            yield from ((gap, slice(first)), _SOFT_BREAK, (gap, slice(first, None)))
        end = found.end()
    yield mail[end:]


def _broken(text: bytes) -> bytes:
    """Return a pattern for `text`, whole or broken over two lines."""
    return b"(?:=\r\n)?".join(re.escape(text[i : i + 1]) for i in range(len(text)))
