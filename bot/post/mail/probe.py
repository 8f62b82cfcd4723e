"""Trying a provider without sending anything: what `noon doctor` tells about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.post.mail import opening
from bot.post.mail.login import without_secrets
from bot.post.mail.patience import INCIDENT, Patience
from bot.post.mail.session import Session
from bot.post.mail.stopped import Stopped
from bot.post.outcomes import Command
from bot.post.providers import Provider, Tls


class Step(StrEnum):
    """What is looked at, in this order; the value is the finding's id."""

    CONNECTION = "connection"
    ENCRYPTION = "encryption"
    LOGIN = "login"
    SENDER = "sender"


@dataclass(frozen=True)
class Finding:
    """Whether a step works; `words` are the server's own where it does not, else a detail."""

    step: Step
    well: bool
    words: str = ""


_STEPS: Final = {Command.TLS: Step.ENCRYPTION, Command.AUTH: Step.LOGIN, Command.MAIL: Step.SENDER}


async def probe(
    provider: Provider, sender: str, name: str = "localhost", waits: Patience = INCIDENT
) -> list[Finding]:
    """Return a finding for each step up to the first that does not work.

    It connects, encrypts, logs in, names `sender` to the server and takes it back; no message is
    sent. A step that the provider's address does not ask for is left out. Never raises for what a
    server does, and never tells the password. `name` is how this machine calls itself.
    """
    try:
        session = await opening.opened(provider, waits, name, await opening.context(provider))
        try:
            await _name_sender(session, sender)
            return [Finding(step, True, _detail(session, step)) for step in _asked(provider)]
        finally:
            await session.quit()
    except Stopped as stopped:
        return _until(provider, stopped)


async def _name_sender(session: Session, sender: str) -> None:
    await session.ask(Command.MAIL, b"MAIL FROM:<%b>" % sender.encode("ascii"))
    session.unsettled = True
    await session.works()


def _until(provider: Provider, stopped: Stopped) -> list[Finding]:
    """Return the steps before the one that did not work, and that one."""
    failed = _STEPS.get(stopped.command, Step.CONNECTION)
    asked = _asked(provider)
    before = asked[: asked.index(failed)] if failed in asked else asked[:1]
    words = without_secrets(provider, stopped.said)
    return [*(Finding(step, True) for step in before), Finding(failed, False, words)]


def _asked(provider: Provider) -> list[Step]:
    wanted = {
        Step.CONNECTION: True,
        Step.ENCRYPTION: provider.tls is not Tls.NONE,
        Step.LOGIN: provider.user is not None,
        Step.SENDER: True,
    }
    return [step for step in Step if wanted[step]]


def _detail(session: Session, step: Step) -> str:
    """Return what is worth knowing of a step that works: the version of TLS, the largest mail."""
    if step is Step.ENCRYPTION:
        return session.encryption
    return f"SIZE {session.largest}" if step is Step.SENDER and session.largest else ""
