"""Three values: met (True), not met (False) and not decided by the answers (None)."""

from collections.abc import Iterable

Met = bool | None


def every(values: Iterable[Met], complete: bool = True) -> Met:
    """Whether all are met. With `complete` false there may be more than `values` tells."""
    seen = set(values)
    if False in seen:
        return False
    return None if None in seen or not complete else True


def some(values: Iterable[Met], complete: bool = True) -> Met:
    """Whether at least one is met. With `complete` false there may be more to come."""
    seen = set(values)
    if True in seen:
        return True
    return None if None in seen or not complete else False


def agreed(values: Iterable[Met]) -> Met:
    """Return the one value that all share, or None where they differ or there are none."""
    seen = set(values)
    return seen.pop() if len(seen) == 1 else None


def at_least(least: int, certain: int, possible: float) -> Met:
    """Whether a number known to lie between `certain` and `possible` is `least` or more."""
    if certain >= least:
        return True
    return None if possible >= least else False
