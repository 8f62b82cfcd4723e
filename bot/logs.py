"""Logs: one JSON object a line on stderr, without secrets and without what people wrote."""

import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb


class Redacting(logging.Formatter):
    """Formats a record as JSON and blots out every secret, in traces too."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": record.getMessage(),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        line = json.dumps(entry, ensure_ascii=False)
        for secret in self._secrets:
            line = line.replace(secret, "•••")
        return line


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
