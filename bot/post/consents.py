"""The record of a consent: to which words, when, where and how it was given."""

import json
from datetime import datetime


def record(words: str, how: str, at: datetime, **more: str) -> str:
    """Return the record of a consent as it is kept with its subscription (JSON)."""
    moment = at.isoformat(timespec="seconds")
    return json.dumps({"words": words, "how": how, "at": moment, **more}, ensure_ascii=False)


def confirmed(record: str, how: str, at: datetime) -> str:
    """Return `record` with how and when it was confirmed."""
    known = read(record)
    moment = at.isoformat(timespec="seconds")
    added = {**known, "confirmed": moment, "confirmed_by": how}
    return json.dumps(added, ensure_ascii=False)


def read(record: str) -> dict[str, str]:
    """Return what a record says; one that is not ours says its own text."""
    try:
        known = json.loads(record)
    except ValueError:
        return {"words": record}
    return known if isinstance(known, dict) else {"words": record}
