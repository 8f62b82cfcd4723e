"""Logs: one JSON object a line on stderr, without secrets and without what people wrote."""

import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from urllib.parse import quote


class Redacting(logging.Formatter):
    """Formats a record as JSON, blots out every secret, and tells of an error only its places."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        written = {
            form for secret in secrets if secret for form in (secret, quote(secret, safe=""))
        }
        self._secrets = sorted(written, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        entry: dict[str, str] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": record.getMessage(),
        }
        if record.exc_info:
            entry["trace"] = places(record.exc_info[1]) if record.exc_info[1] else ""
        blotted = {name: self._blotted(text) for name, text in entry.items()}
        return json.dumps(blotted, ensure_ascii=False)

    def _blotted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return text


def places(error: BaseException) -> str:
    """Return an error's type and where it came from, innermost last, without its text.

    The text of an error may quote what a person wrote: a database error quotes its parameters.
    """
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)
    ]
    return f"{type(error).__name__} at {' > '.join(frames)}"


def set_up(secrets: Sequence[str], level: int = logging.INFO) -> None:
    """Send all logs to stderr, redacted; chatty network libraries only from warnings on.

    httpx writes every request's address at INFO, and a bot's token is part of that address.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "telegram", "aiosqlite", "asyncio", "alembic", "uvicorn"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
