"""What Telegram's answer to a message of the outbox came to, in the outbox's own terms.

- Who has blocked the bot, has left Telegram or never wrote to the bot is lost as a contact: the
  message ends, and nothing more is sent there. The same person's mail is not touched.
- What Telegram calls malformed is malformed the next time too, so it is never sent again as it is.
- No connection: nothing has left. No answer, or none that can be read: it may have arrived, and
  the Bot API has no key by which a repetition could be known. A message is repeated once then, an
  alarm to the operator twice; so there are at most two copies of the one and three of the other.
- A message that was too late, or got no turn because the store was away, was not tried.
- 5yz is Telegram's own word that it could not, and taken at that.
"""

import re

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.faces.telegram.limiter import NoTurn, TooLate
from bot.faces.telegram.transport import NotSent, Unheard
from bot.post.outcomes import Outcome, Verdict

ACCEPTED = Outcome(Verdict.ACCEPTED, reusable=True)
UNREADABLE = Outcome(Verdict.PATH, reusable=True)

_LOST = Outcome(Verdict.ADDRESS, reusable=True, suppresses=True)
_REFUSED = Outcome(Verdict.PATH, reusable=True)
_LATER = Outcome(Verdict.TRANSIENT, reusable=True)
TOO_LATE = Outcome(Verdict.TRANSIENT, reusable=True, counts=False)
_NO_TURN = Outcome(Verdict.CONNECTION, reusable=True, counts=False)
_NOT_SENT = Outcome(Verdict.CONNECTION, reusable=False)
UNHEARD = Outcome(Verdict.UNKNOWN, reusable=False)
_OUR_TOKEN = Outcome(Verdict.OURS, reusable=False, counts=False, opens_circuit=True)

_NOBODY = re.compile(r"chat not found|user not found|deactivated|PEER_ID_INVALID", re.IGNORECASE)
_GONE = re.compile(
    r"message to edit not found|message can't be edited|MESSAGE_ID_INVALID", re.IGNORECASE
)
_SAME = re.compile(r"message is not modified", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{5,}")


def judged(error: TelegramError) -> Outcome:
    """Return what `error` came to for the message that was to be sent."""
    # The order matters: the library's refusals are network errors by inheritance.
    match error:
        case Forbidden():
            return _LOST
        case ChatMigrated():
            return _REFUSED
        case BadRequest():
            return _LOST if _NOBODY.search(error.message) else _REFUSED
        case InvalidToken():
            return _OUR_TOKEN
        case TooLate():
            return TOO_LATE
        case NoTurn():
            return _NO_TURN
        case NotSent():
            return _NOT_SENT
        case TimedOut() | Unheard():
            return UNHEARD
        case NetworkError() | RetryAfter():
            return _LATER
    return UNHEARD


def gone(error: TelegramError) -> bool:
    """Whether a message to be edited is not there any more, or may not be edited any more."""
    return isinstance(error, BadRequest) and _GONE.search(error.message) is not None


def same(error: TelegramError) -> bool:
    """Whether a message to be edited says already what it is to say."""
    return isinstance(error, BadRequest) and _SAME.search(error.message) is not None


def told(error: TelegramError) -> str:
    """Return Telegram's own words without any number that could be a chat's."""
    return f"{type(error).__name__}: {_NUMBER.sub('…', error.message)}"
