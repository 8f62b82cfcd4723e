"""Telegram: the token, and by which way updates come."""

from collections.abc import AsyncIterator

from telegram import Bot, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.commands.checkup.finding import Finding, fails, ok, warning
from bot.faces.telegram.transport import Transport
from bot.settings import Settings


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Yield whether Telegram knows the bot, and what it says of the webhook."""
    if settings.telegram_token is None:
        yield ok("telegram", "doctor.telegram.none")
        return
    bot = Bot(
        settings.telegram_token.get_secret_value(),
        base_url=f"{settings.telegram_api}/bot",
        request=Transport(settings.telegram_api, 1),
        get_updates_request=Transport(settings.telegram_api, 1),
    )
    try:
        async with bot:
            yield ok("telegram", "doctor.telegram.ok", name=f"@{bot.username}")
            yield _way(settings, await bot.get_webhook_info())
    except InvalidToken:
        yield fails("telegram", "doctor.telegram.token")
    except TelegramError as error:
        yield fails("telegram", "doctor.telegram.unreachable", error=type(error).__name__)


def _way(settings: Settings, info: WebhookInfo) -> Finding:
    """Return whether updates come the way that is set. The address itself is secret."""
    wanted = settings.telegram_mode == "webhook"
    if not wanted:
        message = "doctor.telegram.webhook-left" if info.url else "doctor.telegram.polling"
        return (warning if info.url else ok)("telegram", message)
    if not info.url.startswith(f"{settings.address}/"):
        return warning("telegram", "doctor.telegram.no-webhook")
    if info.last_error_message:
        words = info.last_error_message
        return warning("telegram", "doctor.telegram.webhook-fails", words=words)
    return ok("telegram", "doctor.telegram.webhook", waiting=info.pending_update_count)
