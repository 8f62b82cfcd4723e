"""Puts the Telegram face together and keeps it running."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

from telegram import Bot, BotCommand
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.faces.telegram import intake
from bot.faces.telegram.delivery import Delivery
from bot.faces.telegram.fetching import AT_ONCE, Fetcher, Fetches
from bot.faces.telegram.limiter import BULK_AT_ONCE, REQUESTS_AT_ONCE, Bulk, StoreLimiter
from bot.faces.telegram.reading import ALLOWED, Incoming, Me
from bot.faces.telegram.transport import Transport
from bot.faces.telegram.worker import Worker
from bot.logs import places
from bot.service import Noon
from bot.settings import BadSettings
from bot.store import leases
from bot.store.database import TROUBLE
from handlers.turn import Attachment
from handlers.words import LANGUAGES, words

MENU = (
    *("steps", "deadlines", "eligibility", "reminders", "incident", "language"),
    *("help", "privacy", "mydata", "delete", "cancel"),
)
"""The commands that Telegram shows, in this order."""

_CONNECTIONS = REQUESTS_AT_ONCE + BULK_AT_ONCE + 2
_LONGEST_PAUSE = 60.0

log = logging.getLogger(__name__)


async def serve(noon: Noon) -> None:
    """Run the Telegram face until cancelled.

    Raises `BadSettings` where Telegram does not know the token. While Telegram cannot be reached
    it is tried again, and stored updates wait.
    """
    bot = make_bot(noon)
    try:
        await _until_reached(bot)
        await _work(noon, bot)
    finally:
        await bot.shutdown()


def make_bot(noon: Noon) -> ExtBot[Bulk]:
    """Return the library's bot behind our limiter."""
    settings = noon.settings
    if settings.telegram_token is None:
        raise BadSettings("NOON_TELEGRAM_TOKEN: is not set, so there is no Telegram")
    return ExtBot(
        settings.telegram_token.get_secret_value(),
        base_url=f"{settings.telegram_api}/bot",
        base_file_url=f"{settings.telegram_api}/file/bot",
        request=Transport(settings.telegram_api, _CONNECTIONS),
        get_updates_request=Transport(settings.telegram_api, 1),
        rate_limiter=StoreLimiter(
            noon.database, settings.telegram_rate, settings.telegram_chat_rate
        ),
    )


async def _until_reached(bot: Bot) -> None:
    pause = 1.0
    while True:
        try:
            await bot.initialize()
            return
        except InvalidToken:
            raise BadSettings("NOON_TELEGRAM_TOKEN: Telegram does not know this token") from None
        except TelegramError as error:
            log.warning("Telegram cannot be reached (%s); again in %.0f s", error.message, pause)
        except TROUBLE as error:
            log.error("the database cannot be used: %s", places(error))
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)


async def _work(noon: Noon, bot: ExtBot[Bulk]) -> None:
    owner = uuid4().hex
    if noon.database.embedded:
        # The role's lock on this machine shows that nobody else works on this database.
        async with noon.database.write() as connection:
            await leases.clear(connection)
    calms = noon.settings.telegram_mode == "webhook"
    delivery = Delivery(bot, calms=calms, fetch=partial(_fetched, noon))
    transport = Transport(noon.settings.telegram_api, AT_ONCE)
    fetches = Fetches(Fetcher(bot, transport, noon.inspector), noon.settings.lease)
    noon.telegram_name = bot.username
    worker = Worker(noon, delivery, Me(bot.id, bot.username), owner, fetches)
    async with _open(transport), asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        tasks.create_task(_introduce(bot))
        if noon.settings.telegram_mode == "webhook":
            await _set_webhook(noon, bot)
        else:
            await _patiently(bot.delete_webhook)
            tasks.create_task(intake.poll(noon, bot, owner, worker.wake.set))


async def _fetched(noon: Noon, move: Incoming, source: str) -> Attachment | None:
    conversation = noon.conversation("telegram", move.chat, move.thread or 0)
    return await noon.files.fetched(conversation, source)


@asynccontextmanager
async def _open(transport: Transport) -> AsyncIterator[None]:
    await transport.initialize()
    try:
        yield
    finally:
        await transport.shutdown()


async def _set_webhook(noon: Noon, bot: Bot) -> None:
    async def announce() -> bool:
        return await bot.set_webhook(
            noon.settings.address + intake.path(noon.key),
            secret_token=intake.secret_token(noon.key),
            allowed_updates=ALLOWED,
            max_connections=40,
        )

    await _patiently(announce)


async def _introduce(bot: Bot) -> None:
    """Set the commands per language; Latvian speakers get Latvian, everybody else English."""
    for language in LANGUAGES:
        said = words(language)
        commands = [BotCommand(name, said.say(f"menu.{name}")) for name in MENU]
        code = None if language == "en" else language

        async def tell(commands: list[BotCommand] = commands, code: str | None = code) -> bool:
            return await bot.set_my_commands(commands, language_code=code)

        await _patiently(tell)


async def _patiently(call: Callable[[], Awaitable[bool]]) -> None:
    """Make a call again until Telegram can be reached; a refusal is logged and left."""
    pause = 1.0
    while True:
        try:
            await call()
            return
        except BadRequest as refusal:
            log.warning("Telegram refused a setting: %s", refusal.message)
            return
        except (TelegramError, *TROUBLE):
            await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)
