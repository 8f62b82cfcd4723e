"""The facts in force: loaded at the start, loaded again when an operator's dates change."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from bot.clock import Clock
from bot.logs import places
from bot.settings import BadSettings, Settings
from handlers.visit import Desk
from rules.asking import finder
from rules.checks import problems
from rules.errors import DataError
from rules.loader import Facts, load

LOOK_EVERY = 20.0
"""Seconds between looks at the operator's calendar folder: changes are in force within a minute."""

log = logging.getLogger(__name__)


class Almanac:
    """Holds the desk that all visits share, with the newest facts.

    Raises `DataError` when the data are wrong at the start, `BadSettings` for an unknown agency.
    Later mistakes in the operator's folder are logged, and the facts before them stay in force.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._overlay = settings.calendar_dir
        self._seen = _fingerprint(self._overlay)
        facts = _facts(self._overlay)
        if settings.agency not in facts.agencies.agencies:
            known = ", ".join(facts.agencies.agencies)
            raise BadSettings(f"NOON_AGENCY: no agency {settings.agency!r}; known: {known}")
        self.desk = Desk(
            facts=facts,
            finder=finder(facts),
            agency=facts.agencies.agencies[settings.agency],
            language=settings.lang,
            public_url=settings.address,
            rehearsed=clock.rehearsed,
            controller=settings.controller,
        )

    def refresh(self) -> bool:
        """Load the facts again if the operator's folder changed; return whether they are new."""
        seen = _fingerprint(self._overlay)
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            facts = _facts(self._overlay)
        except DataError as wrong:
            log.error(
                "the operator's calendar is not taken over, the last good one stays: %s", wrong
            )
            return False
        self.desk = replace(self.desk, facts=facts)
        log.info("the operator's calendar was taken over")
        return True

    async def watch(self) -> None:
        """Look for changes until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await asyncio.to_thread(self.refresh)
            except Exception as trouble:
                log.error("the operator's calendar was not looked at: %s", places(trouble))


def _facts(overlay: Path | None) -> Facts:
    """Return the facts; an operator's dates are checked like our own before they are in force."""
    facts = load(overlay=overlay)
    wrong = problems(facts) if overlay is not None else []
    if wrong:
        raise DataError(str(overlay), "", "; ".join(wrong))
    return facts


def _fingerprint(folder: Path | None) -> tuple[tuple[str, int, int], ...]:
    if folder is None:
        return ()
    return tuple(
        (path.name, path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(folder.glob("*.toml"))
    )
