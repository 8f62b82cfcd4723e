"""Mail that comes back: where it is sent to, what it says, and what follows from it."""

from bot.post.bounces.reader import Reader, run
from bot.post.bounces.verp import envelope_sender

__all__ = ["Reader", "envelope_sender", "run"]
