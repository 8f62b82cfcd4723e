"""A bot written with aiogram, to show that another client than the product's can use the server.

Run by the Python of the environment that has aiogram: `python -P aiogram_client.py URL TOKEN`.
It answers /start with two buttons, a press by editing the message, a document by sending it back,
and ends on /stop. Imports are by name, because aiogram is not in the project's environment.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

aiogram: Any = importlib.import_module("aiogram")
types: Any = importlib.import_module("aiogram.types")
AiohttpSession: Any = importlib.import_module("aiogram.client.session.aiohttp").AiohttpSession
TelegramAPIServer: Any = importlib.import_module("aiogram.client.telegram").TelegramAPIServer

F: Any = aiogram.F
MENU = [("Kā reģistrēties?", "oid"), ("Kad ir termiņš?", "when")]


def keyboard() -> Any:
    """Returns the two buttons, one in each row."""
    rows = [[types.InlineKeyboardButton(text=text, callback_data=data)] for text, data in MENU]
    return types.InlineKeyboardMarkup(inline_keyboard=rows)


async def started(message: Any) -> None:
    """Answers /start."""
    await message.answer(
        "<b>Sveiki</b>, Anna & Co 😀".replace("&", "&amp;"), reply_markup=keyboard()
    )


async def pressed(query: Any) -> None:
    """Answers a press."""
    await query.message.edit_text(f"Izvēle: {query.data}")
    await query.answer("Labi")


async def document(message: Any, bot: Any) -> None:
    """Sends a document back."""
    content = await bot.download(message.document)
    copy = types.BufferedInputFile(content.read(), filename=f"copy-{message.document.file_name}")
    await message.reply_document(copy, caption="Atpakaļ")


def dispatcher() -> Any:
    """Returns the dispatcher with all handlers."""
    router = aiogram.Dispatcher()

    async def stop(message: Any) -> None:
        await router.stop_polling()

    router.message.register(started, F.text == "/start")
    router.message.register(stop, F.text == "/stop")
    router.message.register(document, F.document)
    router.callback_query.register(pressed)
    return router


async def main(url: str, token: str) -> None:
    """Runs the bot until /stop."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    defaults = importlib.import_module("aiogram.client.default").DefaultBotProperties
    bot = aiogram.Bot(token, session=session, default=defaults(parse_mode="HTML"))
    await bot.set_my_commands([types.BotCommand(command="start", description="Sākt")])
    await dispatcher().start_polling(bot, handle_signals=False, polling_timeout=5)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
