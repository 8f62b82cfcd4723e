"""Messages to Telegram chats by way of the outbox."""

from bot.post.telegram.carrier import TelegramCarrier, message_number

__all__ = ["TelegramCarrier", "message_number"]
