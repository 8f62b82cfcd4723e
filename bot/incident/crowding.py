"""Telling the operator that very many report at once: most likely the Commission's form is down."""

from datetime import timedelta

from sqlalchemy import and_, func, select
from sqlmodel import col

from bot.incident.counting import QUARTER
from bot.post.alarms import warn
from bot.post.books import Books
from bot.store.tables import Incident

PART = 3
"""One quarter of an hour with more than this part of a deadline's forecast is very many."""

AGAIN = timedelta(hours=1)
"""The operator is told once in so long about one deadline."""


async def warn_if_many(books: Books, deadline: str) -> bool:
    """Warn the operator where very many notices about `deadline` were made just now."""
    forecast = books.settings.incident_forecast
    since = (books.now - QUARTER).timestamp()
    mine = and_(col(Incident.deadline) == deadline, col(Incident.made_at) > since)
    query = select(func.count()).select_from(Incident).where(mine)
    number = int((await books.connection.execute(query)).scalar_one())
    if number * PART <= forecast:
        return False
    once = f"incidents-many:{deadline}:{int(books.moment // AGAIN.total_seconds())}"
    values = {"number": str(number), "forecast": str(forecast)}
    await warn(
        books.database,
        books.connection,
        books.settings,
        books.now,
        "incidents-many",
        once,
        values,
    )
    return True
