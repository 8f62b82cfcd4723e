"""`noon telegram` that logs everything it can: `python -m tests.telegram.loud`."""

import asyncio
import logging

from bot.logs import set_up
from bot.roles import run_telegram
from bot.settings import load_settings


def main() -> None:
    """Run the role with every logger at its most talkative."""
    settings = load_settings()
    set_up(settings.secrets, logging.DEBUG)
    asyncio.run(run_telegram(settings))


if __name__ == "__main__":
    main()
