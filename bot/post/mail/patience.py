"""How long each step of a conversation with a mail server may take, in seconds of real time.

RFC 5321, 4.5.3.2 names the least that a client should wait: five minutes for most replies, ten for
the last. An incident notice has two hours in all, so it gives up earlier and is tried again, or
goes by the other provider.
"""

from dataclasses import dataclass

from bot.post.kinds import CARRIAGE, Kind, Lane
from bot.post.outcomes import Command

LOOK = 10.0
"""For a kept connection to show that it still works; a new one costs less than a longer wait."""

GOODBYE = 2.0
"""For QUIT: nothing depends on its reply."""


@dataclass(frozen=True)
class Patience:
    """The wait for each reply by its command; `block`: for a stretch of a long message to leave.

    `connect` ends with the connection, `tls` is each of STARTTLS and its handshake, `dot` begins
    when the message has left.
    """

    connect: float = 30.0
    tls: float = 60.0
    greeting: float = 300.0
    ehlo: float = 300.0
    auth: float = 120.0
    mail: float = 300.0
    rcpt: float = 300.0
    data: float = 120.0
    block: float = 180.0
    dot: float = 600.0

    def of(self, command: Command) -> float:
        """Return the seconds that the reply to `command` may take."""
        seconds: float = getattr(self, command.value)
        return seconds


ORDINARY = Patience()
INCIDENT = Patience(
    connect=10.0,
    tls=15.0,
    greeting=30.0,
    ehlo=30.0,
    auth=30.0,
    mail=30.0,
    rcpt=30.0,
    data=30.0,
    block=60.0,
    dot=120.0,
)


def patience(kind: Kind) -> Patience:
    """Return how long a message of this kind waits."""
    return INCIDENT if CARRIAGE[kind].lane is Lane.INCIDENT else ORDINARY
