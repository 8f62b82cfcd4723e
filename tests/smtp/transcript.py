"""The log of every command and of what was answered."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Exchange:
    """One command and its reply.

    `said` is the command line as it came (empty for the greeting, `.` for the end of the data);
    `answered` is the reply's text, empty while there is none (and for good when the server kept
    silent or dropped the connection). `at` is monotonic seconds, `tls` whether it came encrypted.
    """

    at: float
    connection: int
    said: bytes
    tls: bool
    answered: str = ""

    @property
    def verb(self) -> str:
        """The command's first word in upper case."""
        return self.said.partition(b" ")[0].decode("ascii", "replace").upper()

    @property
    def summary(self) -> Json:
        """The exchange as JSON values."""
        said = self.said.decode("utf-8", "replace")
        return {"at": self.at, "connection": self.connection, "said": said} | {
            "tls": self.tls,
            "answered": self.answered[:1000],
        }


@dataclass(slots=True)
class Transcript:
    """All exchanges in the order in which the commands came."""

    exchanges: list[Exchange] = field(default_factory=list)

    def add(self, connection: int, said: bytes, *, tls: bool) -> Exchange:
        """Appends a command that has just come and returns its entry."""
        exchange = Exchange(time.monotonic(), connection, said, tls)
        self.exchanges.append(exchange)
        return exchange

    def of(self, verb: str) -> list[Exchange]:
        """Returns the exchanges of one command (`.` is the end of the data)."""
        return [exchange for exchange in self.exchanges if exchange.verb == verb.upper()]

    @property
    def verbs(self) -> list[str]:
        """The commands' first words in order, greetings left out."""
        return [exchange.verb for exchange in self.exchanges if exchange.said]

    def clear(self) -> None:
        """Forgets everything so far."""
        self.exchanges.clear()
