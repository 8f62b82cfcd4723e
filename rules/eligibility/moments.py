"""Days and instants as answers give them.

Only full ISO 8601 text is read: a bare number or a loosely written date would be guessed at.
"""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

BRUSSELS = ZoneInfo("Europe/Brussels")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = range(2000, 2101)


def day(value: object) -> date:
    """Return the day that `value`, an ISO text or a date, stands for."""
    if type(value) is date:
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as impossible:
            raise PydanticCustomError("day", "there is no such day") from impossible
    raise PydanticCustomError("day", "must be a day such as 2026-03-05")


def moment(value: object) -> datetime:
    """Return the instant that `value` stands for; a day stands for its start in Brussels."""
    instant = value if isinstance(value, datetime) else _read_moment(value)
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise PydanticCustomError("moment", "an instant needs its offset, as 12:00:00+01:00 or Z")
    if instant.year not in _YEARS:
        raise PydanticCustomError(
            "moment", "must lie between {first} and {last}", {"first": 2000, "last": 2100}
        )
    return instant


def _read_moment(value: object) -> datetime:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        return _read_instant(value)
    return datetime.combine(day(value), time(), BRUSSELS)


def _read_instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as unreadable:
        raise PydanticCustomError(
            "moment", "must be a day such as 2026-03-05 or an instant such as 2026-03-05T11:00:00Z"
        ) from unreadable
