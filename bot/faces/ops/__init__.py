"""The operator's pages, on loopback alone: metrics, captured mail, what waits and what fails."""

from bot.faces.ops.routes import app
from bot.faces.ops.serving import serve

__all__ = ["app", "serve"]
