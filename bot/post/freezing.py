"""Fixing what was claimed: from then on a message is bytes that never change."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.logs import places
from bot.post import claiming, outbox, quiet, settling
from bot.post.outbox import Claimed, Frozen, Settled

Make = Callable[[Claimed], Frozen | None]
"""Builds a message; None where it is outdated."""

log = logging.getLogger(__name__)


async def fix(
    connection: AsyncConnection, claimed: Sequence[Claimed], make: Make, now: datetime
) -> list[tuple[Claimed, bytes]]:
    """Fix the bytes of what was claimed for the first time; return what is to be sent.

    What is outdated is called off, what may not leave at night waits for the morning, what cannot
    be built is left to a person.
    """
    made = {one: _made(one, make, now) for one in claimed if one.frozen is None}
    fresh = {one: frozen for one, frozen in made.items() if isinstance(frozen, Frozen)}
    await claiming.freeze(connection, fresh, now)
    dropped = [note for note in made.values() if isinstance(note, Settled)]
    await outbox.settle(connection, dropped)
    whole = ((one, fresh[one].content if one in fresh else one.frozen) for one in claimed)
    return [(one, content) for one, content in whole if content is not None]


def _made(claimed: Claimed, make: Make, now: datetime) -> Frozen | Settled:
    try:
        morning = quiet.waits_until(claimed, now)
        if morning is not None:
            return settling.given_back(claimed, now, until=morning)
        return make(claimed) or settling.outdated(claimed, now)
    except Exception as error:
        # One that cannot be built must not keep the others back.
        log.error("message %s cannot be built: %s", claimed.id, places(error))
        return settling.unbuildable(claimed, now)
