"""How large the runs are, and how their figures are told."""

import os
from collections.abc import Collection

from sqlalchemy.engine import URL

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
"""How long a storm or chaos lasts."""

KILLS = int(os.environ.get("SOAK_KILLS", "500"))
"""How many sends of an incident notice are killed on each database."""

PEOPLE = int(os.environ.get("SOAK_PEOPLE", "20000"))
"""How many people are reminded of one deadline."""

SECONDS = MINUTES * 60


def tell(what: str, url: URL, **figures: object) -> None:
    """Print the figures of a run on the database of `url` as one line."""
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
    print(f"\nsoak: {what}, {url.get_backend_name()}: {told}", flush=True)


def spread(seconds: Collection[float]) -> str:
    """Return the middle, the 95th of a hundred and the largest of `seconds`."""
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    last = len(ordered) - 1
    p50, p95, most = (ordered[round(last * rank)] for rank in (0.5, 0.95, 1.0))
    return f"p50 {p50:.2f} s / p95 {p95:.2f} s / max {most:.2f} s"
