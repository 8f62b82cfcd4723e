"""Fixing what was claimed: from then on a message is bytes that never change."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.logs import places
from bot.post import claiming, outbox, quiet, settling
from bot.post.kinds import Kind
from bot.post.outbox import Claimed, Frozen, Settled, Undecided
from bot.store.database import TROUBLE

Make = Callable[[Claimed], Frozen | None]
"""Builds a message, or returns what it was before; None where it is outdated, else `Undecided`."""

Tell = Callable[[AsyncConnection, Claimed], Awaitable[Frozen | Settled | None]]
"""Builds what tells of the books as they are now; `Settled` where it has to wait."""

UNDECIDED_WAIT = timedelta(seconds=30)
"""Longer than the operator's dates take to be in force everywhere."""

log = logging.getLogger(__name__)


async def fix(
    connection: AsyncConnection,
    claimed: Sequence[Claimed],
    make: Make,
    now: datetime,
    tell: Tell | None = None,
) -> list[tuple[Claimed, bytes]]:
    """Fix the bytes of what was claimed for the first time; return what is to be sent.

    `tell` builds what is told of an incident notice; without it `make` does.

    What is outdated is called off, also when its bytes are fixed already; what may not leave at
    night waits for the morning, and what this process cannot judge for another one; what cannot be
    built is left to a person.
    """
    made = {
        one: await _told(connection, one, tell, now)
        if tell is not None and one.kind is Kind.PROGRESS
        else _made(one, make, now)
        for one in claimed
    }
    whole = {one: frozen for one, frozen in made.items() if isinstance(frozen, Frozen)}
    fresh = {one: frozen for one, frozen in whole.items() if one.frozen is None}
    await claiming.freeze(connection, fresh, now)
    dropped = [note for note in made.values() if isinstance(note, Settled)]
    await outbox.settle(connection, dropped)
    return [(one, one.frozen or frozen.content) for one, frozen in whole.items()]


def _made(claimed: Claimed, make: Make, now: datetime) -> Frozen | Settled:
    try:
        morning = quiet.waits_until(claimed, now)
        if morning is not None:
            return settling.given_back(claimed, now, until=morning)
        return make(claimed) or settling.outdated(claimed, now)
    except Undecided:
        return settling.given_back(claimed, now, until=now + UNDECIDED_WAIT)
    except Exception as error:
        # One that cannot be built must not keep the others back.
        log.error("message %s cannot be built: %s", claimed.id, places(error))
        return settling.unbuildable(claimed, now)


async def _told(
    connection: AsyncConnection, claimed: Claimed, tell: Tell, now: datetime
) -> Frozen | Settled:
    try:
        return await tell(connection, claimed) or settling.outdated(claimed, now)
    except Undecided:
        return settling.given_back(claimed, now, until=now + UNDECIDED_WAIT)
    except TROUBLE:
        raise
    except Exception as error:
        log.error("message %s cannot be built: %s", claimed.id, places(error))
        return settling.unbuildable(claimed, now)
