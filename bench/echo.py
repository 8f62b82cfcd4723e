"""The baseline: a bare python-telegram-bot that echoes what it is sent."""

import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Say the text back."""
    if update.message is not None:
        await update.message.reply_text(update.message.text or "")


def main() -> None:
    """Poll the Bot API at the address given, with the token given."""
    address, token = sys.argv[1:3]
    application = Application.builder().token(token).base_url(f"{address}/bot").build()
    application.add_handler(MessageHandler(filters.ALL, echo))
    application.run_polling(stop_signals=None)


if __name__ == "__main__":
    main()
