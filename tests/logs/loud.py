"""`noon run` with every logger of ours at its most talkative: `python -m tests.logs.loud`."""

import asyncio
import logging

from bot.logs import set_up
from bot.roles import run_all
from bot.settings import load_settings


def main() -> None:
    """Run everything that is configured."""
    settings = load_settings()
    set_up(settings.secrets, logging.DEBUG)
    asyncio.run(run_all(settings))


if __name__ == "__main__":
    main()
