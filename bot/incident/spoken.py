"""Whose words stand in a notice's record: a server's own are quoted, ours are told as ours.

A server's reply begins with its code. All else is what Noon saw of an attempt, kept as a fixed word
and told in the language of whom it is shown to.
"""

import re
from dataclasses import dataclass

from bot.incident.unsent import BLOCKED, REFUSED, STOPPED, UNSURE
from bot.post.mail.stopped import told
from bot.post.mail.transfer import TOO_LARGE
from bot.post.outcomes import Break, Command
from handlers.cases import Step
from handlers.words import Words

HERE, SIZE = "here", "too-large"
TROUBLES = (*(kind.value for kind in Break), HERE, SIZE)
"""What Noon saw of an attempt: how the conversation broke, a fault of this machine, too large."""

ENDINGS = (STOPPED, UNSURE, REFUSED, BLOCKED)

_TRIED = ("attempt", "unheard", "rejected")
_OURS = ("smaller", "moved")
_COMMANDS = "|".join(Command)
_WORDS = re.compile(rf"(?P<by>[^,\s]+), [a-z]+: (?:(?:{_COMMANDS}): )?(?P<rest>.*)", re.DOTALL)
_REPLY = re.compile(r"[2-5][0-9]{2}(?: |$)")
_NOBODY = "-"


@dataclass(frozen=True)
class Spoken:
    """`said` are a server's own words, `ours` what Noon saw, `by` the server that was asked."""

    said: str = ""
    ours: str = ""
    by: str = ""


def of(step: Step) -> Spoken:
    """Return whose words a step of a record holds; a step of an unknown kind is quoted."""
    if step.what in _TRIED:
        return _tried(step.words)
    if step.what == "stopped":
        return Spoken(ours=f"ended.{step.words}" if step.words in ENDINGS else "")
    return Spoken() if step.what in _OURS else Spoken(step.words)


def _tried(words: str) -> Spoken:
    match = _WORDS.fullmatch(words)
    if match is None:
        # An older record: its words are whole, and nothing is known of whose they are.
        return Spoken(words)
    by, rest = match["by"].removesuffix(_NOBODY), match["rest"]
    if rest == told(TOO_LARGE):
        return Spoken(ours=f"trouble.{SIZE}", by=by)
    if _REPLY.match(rest):
        return Spoken(rest, by=by)
    return Spoken(ours=f"trouble.{rest if rest in TROUBLES else HERE}", by=by)


def noticed(words: Words, step: Step) -> str:
    """Return in our words who was asked and what was seen of it; empty where there is nothing."""
    spoken = of(step)
    what = words.say(f"progress.{spoken.ours}") if spoken.ours else ""
    return ": ".join(filter(None, (spoken.by, what)))
