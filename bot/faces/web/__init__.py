"""The web page: the chat, the deadlines, the calendar feed and the health of it all."""

from bot.faces.web.routes import app

__all__ = ["app"]
