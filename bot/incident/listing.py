"""The files of a notice as its text lists them: what is attached, and what the person sends."""

from collections.abc import Iterator

from bot.incident import wording
from bot.incident.notifying import FORM, Attached, Fitted, Notifying, Variant, fitted, parted
from handlers.words import Words


def files(n: Notifying, said: Words, variant: Variant) -> Iterator[str]:
    """Yield the list of what is attached, and of what the person sends."""
    going = fitted(n, variant)
    if going:
        listed = [_file(said, one) for one in going]
        yield "\n".join([said.say("notice.attached"), *listed])
    left = parted(n, variant)[1]
    if left:
        listed = [f"- {_kind(said, file)}: {_original(said, file)}" for file in left]
        yield "\n".join([said.say("notice.left"), *listed])


def _file(said: Words, one: Fitted) -> str:
    same = one.file.kind == FORM
    how = said.say("notice.file.same" if same else "notice.file.drawn", kind=_kind(said, one.file))
    return f"- {one.name}: {how}\n  {_original(said, one.file)}"


def _kind(said: Words, file: Attached) -> str:
    return said.say("notice.kind.form" if file.kind == FORM else "notice.kind.screenshot")


def _original(said: Words, file: Attached) -> str:
    """Return size and hash of a file as it came; a screenshot is attached in another form."""
    key = "notice.original" if file.kind == FORM else "notice.original.drawn"
    return said.say(key, size=wording.grouped(file.size), sha256=file.sha256)
