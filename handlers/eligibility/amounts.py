"""Reads amounts as people write them: counts, months, percentages and sums of money."""

import re

from handlers import phrases
from handlers.eligibility.numerals import figure, numbered
from handlers.eligibility.parsing import Unreadable
from rules.folding import fold

_WRITTEN = re.compile(r"(?P<number>\d+(?:[.,]\d+)?|[^\W\d]+)\s*(?P<unit>.*)", re.DOTALL)
_GROUPED = re.compile(r"(?<=\d)[ .,'\u00a0\u202f](?=\d{3}(?!\d))")
_CENTS = re.compile(r"(?<=\d)[.,](?:00|-)(?!\d)")
_CURRENCY = re.compile(r"^(?:€|eur\w*)\s*")
_THOUSAND = 1000


def count(text: str) -> str:
    """Return a whole number of at most three digits, in figures or in a word, as text."""
    number, unit = _parted(text, "number")
    if unit and unit not in phrases.every("eligibility.things.heard"):
        raise Unreadable("number")
    return _whole(number)


def count_this(text: str) -> str:
    """Return a count that includes this very application, so that it is never none."""
    counted = count(text)
    if counted == "0":
        raise Unreadable("number")
    return counted


def months(text: str) -> str:
    """Return how many months are meant; years are twelve of them."""
    said = numbered("eligibility.durations.heard").get(fold(text))
    if said is not None:
        return said
    number, unit = _parted(text, "number")
    if unit in phrases.every("eligibility.years.heard"):
        return _whole(number * 12)
    if unit and unit not in phrases.every("eligibility.months.heard"):
        raise Unreadable("number")
    return _whole(number)


def share(text: str) -> str:
    """Return a percentage as a share of one; less than one per cent may be a share already."""
    number, unit = _parted(text.replace("%", " "), "percent")
    if unit and unit not in phrases.every("eligibility.percent.heard"):
        raise Unreadable("percent")
    if number > 100 or 0 < number < 1:
        raise Unreadable("percent")
    return str(round(number / 100, 4))


def money(text: str) -> str:
    """Return whole euros; fewer than a thousand are a slip of the pen, or thousands meant."""
    bare = _CURRENCY.sub("", _CENTS.sub("", _GROUPED.sub("", text.strip().casefold())))
    number, unit = _parted(bare, "amount")
    if unit in phrases.every("eligibility.thousands.heard"):
        number *= _THOUSAND
    elif unit and unit not in phrases.every("eligibility.euros.heard"):
        raise Unreadable("amount")
    if not number.is_integer() or not _THOUSAND <= number < _THOUSAND**3:
        raise Unreadable("amount")
    return str(int(number))


def _parted(text: str, problem: str) -> tuple[float, str]:
    """Return the number that leads `text` and what follows it, folded."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise Unreadable(problem)
    written = match["number"].replace(",", ".")
    if not written[0].isdecimal():
        said = figure(written)
        if said is None:
            raise Unreadable(problem)
        return said, fold(match["unit"])
    return float(written), fold(match["unit"])


def _whole(number: float) -> str:
    if not float(number).is_integer() or number >= _THOUSAND:
        raise Unreadable("number")
    return str(int(number))
