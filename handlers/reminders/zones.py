"""Time zones people may name: IANA names, in whatever case they are typed."""

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from handlers.visit import Desk

COMMON = ("Europe/Brussels", "Europe/Lisbon", "Europe/Istanbul")
"""Offered besides the agency's: where the programme's countries have another hour."""


class UnknownZone(ValueError):
    """No time zone has that name."""


def offered(desk: Desk) -> tuple[str, ...]:
    """Return the zones that are offered, the agency's first."""
    return tuple(dict.fromkeys((str(desk.zone), *COMMON)))


def read(text: str) -> str:
    """Return the zone that `text` names, as IANA writes it; raises `UnknownZone`."""
    name = _known().get(text.strip().replace(" ", "_").casefold())
    if name is None:
        raise UnknownZone
    return name


@cache
def _known() -> Mapping[str, str]:
    names = (name for name in available_timezones() if "/" in name or name == "UTC")
    return {name.casefold(): name for name in names}
