"""Logs: one JSON object a line on stderr, without secrets and without anything about a person.

Our own code logs no address, chat or text of a person. What stands here is the net below it: it
blots whatever looks like one, and of other people's libraries it keeps no more than the bare
sentence, because they put into it whatever they have at hand.
"""

import json
import logging
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from urllib.parse import quote, quote_plus

OURS = ("bot", "handlers", "rules")
"""The packages whose records are kept whole, and below warnings too."""

BLOT = "•••"

_PERSONAL = (
    re.compile(r"[^\s<>\"(),:;=@]+(?:@|%40)[^\s<>\"'(),:;=@]+\.[^\s<>\"'(),:;=@]+"),
    re.compile(r"(?P<kept>/(?:confirm|unsubscribe|reminders|telegram)/)[^\s\"'?#]+"),
    re.compile(r"(?P<kept>\bbot)\d+:[\w-]+"),
    re.compile(r"\b\d{5,}:[\w-]{20,}"),
    # The number of a chat: years and counts are shorter, ids of ours have letters in them.
    re.compile(r"(?<![\w.:+-])-?\d{7,}(?![\w.-]*[A-Za-z])"),
)
"""Addresses of mailboxes, signed links, tokens of bots, numbers of chats."""

_LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\u0085\u2028\u2029"}
"""What JSON leaves alone and some readers take for the end of a line."""


class Redacting(logging.Formatter):
    """Formats a record as JSON, blots out every secret, and tells of an error only its places."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        written = {form for secret in secrets if secret for form in _forms(secret)}
        self._secrets = sorted(written, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": self._blotted(_sentence(record)),
        }
        if record.exc_info:
            error = record.exc_info[1]
            entry["trace"] = self._blotted(places(error)) if error else ""
        return json.dumps(entry, ensure_ascii=False).translate(_LINE_ENDS)

    def _blotted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, BLOT)
        for pattern in _PERSONAL:
            text = pattern.sub(_blot, text)
        return text


def _blot(found: re.Match[str]) -> str:
    return found.groupdict().get("kept", "") + BLOT


def _forms(secret: str) -> set[str]:
    """Return a secret as it may be written in an address or in JSON too."""
    in_json = json.dumps(secret)[1:-1]
    return {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), in_json}


def _sentence(record: logging.LogRecord) -> str:
    """Return what a record says; of a library's, the first line without what was put into it."""
    if record.name.partition(".")[0] in OURS:
        return record.getMessage()
    return str(record.msg).strip().partition("\n")[0]


def places(error: BaseException) -> str:
    """Return an error's type and where it came from, innermost last, without its text.

    The text of an error may quote what a person wrote: a database error quotes its parameters. Of
    a group of errors each is told.
    """
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)
    ]
    told = f"{type(error).__name__} at {' > '.join(frames)}"
    if not isinstance(error, BaseExceptionGroup):
        return told
    return f"{told} [{'; '.join(places(each) for each in error.exceptions)}]"


def set_up(secrets: Sequence[str], level: int = logging.INFO) -> None:
    """Send all logs to stderr, redacted; other people's libraries only from warnings on.

    httpx writes every request's address at INFO, and a bot's token is part of that address; the
    database's library writes every row it reads. An error that ends the process is logged too,
    instead of being printed with all it quotes.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(secrets))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    sys.excepthook = _log_end


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("bot").critical("ended by an error", exc_info=(kind, error, trace))
