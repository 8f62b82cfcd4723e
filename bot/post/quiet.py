"""Quiet hours: a day's reminder that is late does not ring at night.

What was planned lies between 8 and 20 o'clock already (`rules.leads`). After downtime it may be
later than planned; then it waits for the morning, unless the morning is too late for it.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.post.kinds import Kind
from bot.post.outbox import Claimed
from rules.leads import CLOSES, OPENS


def waits_until(claimed: Claimed, now: datetime) -> datetime | None:
    """Return the moment `claimed` has to wait for, or None: it may leave now."""
    if claimed.kind is not Kind.REMINDER or not str(claimed.content.get("lead")).endswith("d"):
        return None
    zone = ZoneInfo(str(claimed.content["zone"]))
    local = now.astimezone(zone)
    if OPENS <= local.time() <= CLOSES:
        return None
    day = local.date() + timedelta(days=1 if local.time() > CLOSES else 0)
    morning = datetime.combine(day, OPENS, zone).astimezone(UTC)
    return morning if morning < claimed.not_after else None
