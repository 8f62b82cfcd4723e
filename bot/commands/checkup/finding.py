"""What a look at one thing came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from handlers.words import Words


class Health(StrEnum):
    """How it is with a thing; `FAILS`: Noon cannot do its work with it as it is."""

    OK = "ok"
    WARNING = "warning"
    FAILS = "fails"


@dataclass(frozen=True)
class Finding:
    """One line of the report: about what, how it is, and the message with what to do."""

    about: str
    health: Health
    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, speech: Words) -> str:
        """Return it in words."""
        return speech.say(self.message, **self.values)


def ok(about: str, message: str, **values: object) -> Finding:
    """Return a finding of something that is as it should be."""
    return Finding(about, Health.OK, message, values)


def warning(about: str, message: str, **values: object) -> Finding:
    """Return a finding of something that works and should be looked at."""
    return Finding(about, Health.WARNING, message, values)


def fails(about: str, message: str, **values: object) -> Finding:
    """Return a finding of something that does not work."""
    return Finding(about, Health.FAILS, message, values)
