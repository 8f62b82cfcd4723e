"""What was found in a file, and how much of anything may be in one."""

from dataclasses import dataclass, field
from enum import StrEnum

LARGEST = 20_000_000
"""Bytes of a file; the Bot API hands out no larger one."""

LARGEST_FORM = 5_500_000
"""Bytes of a PDF that a notice carries: with the screenshots beside it all is at most 7 MB."""

CONTENT_MOST = 700_000
"""Bytes of a screenshot as it is kept."""

SMALL_MOST = 240_000
"""Bytes of a screenshot where the agency's server takes little."""

NARROWEST = 1280
"""Pixels: no screenshot that was wider is made narrower, so that its small print stays readable."""


class Problem(StrEnum):
    """Why a file is not kept, or why a PDF goes by hand only; the end of a message's name."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    KIND = "kind"
    HEIC = "heic"
    WORD = "word"
    ZIP = "zip"
    HUGE = "huge"
    """A picture of more pixels than can be drawn in the memory there is."""
    PICTURE = "picture"
    """A picture that is broken or cut off."""
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    SLOW = "slow"
    """Looking at it took too much time or memory."""
    MISSED = "missed"
    """It could not be fetched."""
    MANY = "many"
    """More files came at once than are looked at."""
    ACTIVE = "active"
    """A PDF that acts, or carries other files; it goes by hand."""
    LARGE = "large"
    """A PDF that is too large for a mail; it goes by hand."""


@dataclass(frozen=True)
class Found:
    """What a file is: `screenshot`, `form` or `refused`.

    `content` and `small` are a screenshot drawn anew; a PDF's bytes stay as they came, so they are
    not repeated. `small` is empty where no readable picture fits into so few bytes.
    """

    kind: str
    media_type: str
    problem: str = ""
    content: bytes = field(default=b"", repr=False)
    small: bytes = field(default=b"", repr=False)


def refused(problem: Problem, media_type: str = "application/octet-stream") -> Found:
    """Return what is found in a file that is not kept."""
    return Found("refused", media_type, problem.value)
