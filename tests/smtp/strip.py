"""Taking STARTTLS out of a conversation, as an attacker on the line does."""

from __future__ import annotations

import re

REPLY = re.compile(rb"(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r?\n")
"""A whole reply with all its lines."""

OFFER = re.compile(rb"\d{3}[- ]STARTTLS\r?\n", re.IGNORECASE)


def without_starttls(reply: bytes) -> bytes:
    """Returns a reply without the line that offers STARTTLS."""
    lines = [line for line in reply.splitlines(keepends=True) if not OFFER.fullmatch(line)]
    if not lines:
        return reply
    return b"".join([*lines[:-1], lines[-1][:3] + b" " + lines[-1][4:]])


def spoiled(commands: bytes) -> bytes:
    """Returns commands with a bare STARTTLS made into one that no server knows."""
    return b"XXXXXXXX\r\n" if commands.strip().upper() == b"STARTTLS" else commands


class Stripper:
    """Filters what a server says; a reply is held back until all of its lines have come."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """Returns what may go on."""
        self._held += chunk
        out = b""
        while (reply := REPLY.match(self._held)) is not None:
            self._held = self._held[reply.end() :]
            out += without_starttls(reply[0]) if OFFER.search(reply[0]) else reply[0]
        return out
