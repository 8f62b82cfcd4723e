"""What a refusal by Telegram means for the message: drop it, or try again, and when."""

from dataclasses import dataclass

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


@dataclass(frozen=True)
class Drop:
    """The message can never arrive; `why` goes to the log."""

    why: str


@dataclass(frozen=True)
class Again:
    """Worth another try after `seconds`."""

    seconds: float


@dataclass(frozen=True)
class Moved:
    """The group has a new number."""

    chat: int


@dataclass(frozen=True)
class Fine:
    """Refused, but what was wanted is so already."""


Outcome = Drop | Again | Moved | Fine


def outcome(error: TelegramError, attempt: int) -> Outcome:
    """Return what follows from `error` at the `attempt`-th try (from 1)."""
    if isinstance(error, ChatMigrated):
        return Moved(error.new_chat_id)
    if isinstance(error, Forbidden):
        return Drop("the person has blocked the bot or left")
    if isinstance(error, BadRequest):
        # "message is not modified": an edit repeated after a restart, or a button pressed twice.
        return Fine() if "not modified" in error.message.lower() else Drop(error.message)
    if isinstance(error, NetworkError | InvalidToken):
        # A token that is not known any more is the operator's to mend; the answers wait for it.
        return Again(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1)))
    return Drop(error.message)
