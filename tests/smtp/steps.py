"""What may happen at a command instead of the usual reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.smtp.answers import CLOSING, Answer

Json = dict[str, Any]

MEGABYTE = 1_000_000
GARBAGE = b"\x00\xff\xfe~~ HTTP/1.1 400 Bad Request ~~\x80\r\n"


@dataclass(frozen=True, slots=True)
class Served:
    """The usual effect and reply, `delay` seconds later."""

    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Replied:
    """This reply; a positive one (below 400) also has the command's usual effect."""

    answer: Answer
    delay: float
    closes: bool


@dataclass(frozen=True, slots=True)
class Written:
    """These bytes in place of a reply, without any effect."""

    content: bytes
    delay: float
    closes: bool


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection is closed without a reply; with `reset` by RST instead of FIN."""

    delay: float
    reset: bool


@dataclass(frozen=True, slots=True)
class Silent:
    """No reply, ever; the connection stays open until the client closes it."""


@dataclass(frozen=True, slots=True)
class Effective:
    """The usual effect (at `dot`: the message is kept), then `then` in place of its reply."""

    then: Step


Step = Served | Replied | Written | Dropped | Silent | Effective


def served(delay: float = 0.0) -> Step:
    """As usual, later: lets commands pass between two troubles, or makes the server slow."""
    return Served(delay)


def reply(code: int, *lines: str, delay: float = 0.0, closes: bool | None = None) -> Step:
    """A reply with these lines of text (`reply(450, "4.2.1 try later")`).

    Surrogates (`bytes.decode("utf-8", "surrogateescape")`) stand for raw bytes. 221 and 421 close
    the connection unless `closes` says otherwise.
    """
    texts = lines or (f"{code // 100}.0.0 Scripted",)
    return Replied(Answer(code, texts), delay, code in CLOSING if closes is None else closes)


def written(content: bytes, delay: float = 0.0, *, closes: bool = False) -> Step:
    """Exactly these bytes in place of a reply."""
    return Written(content, delay, closes)


def garbage(delay: float = 0.0) -> Step:
    """A line that is no SMTP reply."""
    return Written(GARBAGE, delay, closes=False)


def long_line(code: int = 250, octets: int = 10 * MEGABYTE) -> Step:
    """A reply whose only line is this long."""
    return Written(f"{code} ".encode() + b"x" * octets + b"\r\n", 0.0, closes=False)


def endless_line(code: int = 250, octets: int = 10 * MEGABYTE) -> Step:
    """A reply that is this long and never ends."""
    return Written(f"{code} ".encode() + b"x" * octets, 0.0, closes=False)


def drop(delay: float = 0.0, *, reset: bool = False) -> Step:
    """The connection goes before the reply, and the command had no effect."""
    return Dropped(delay, reset)


def silence() -> Step:
    """A black hole: never an answer."""
    return Silent()


def effective(then: Step) -> Step:
    """The command has its effect, but the client gets to see `then`."""
    return Effective(then)


def accept_and_drop(*, reset: bool = False) -> Step:
    """The message is kept; the connection goes before the final 250."""
    return Effective(Dropped(0.0, reset))


def accept_and_delay(seconds: float) -> Step:
    """The message is kept; the final 250 comes so many seconds later."""
    return Effective(Served(seconds))


NAMED: dict[str, Callable[..., Step]] = {
    made.__name__: made for made in (served, reply, garbage, long_line, endless_line, drop, silence)
} | {"accept_and_drop": accept_and_drop, "accept_and_delay": accept_and_delay}


def step(description: Json) -> Step:
    """Returns the step of `{"do": "reply", "code": 450, "lines": ["4.2.1 try later"]}` and so on.

    Raises:
        ValueError: for an unknown name or unfitting values.
    """
    values = dict(description)
    made = NAMED.get(str(values.pop("do", "")))
    if made is None:
        raise ValueError(f"no such step: {description}; there are {', '.join(NAMED)}")
    code = [int(values.pop("code"))] if made is reply and "code" in values else []
    lines = values.pop("lines", []) if made is reply else []
    try:
        return made(*code, *lines, **values)
    except TypeError as error:
        raise ValueError(f"{description}: {error}") from error
