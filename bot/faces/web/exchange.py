"""An exchange, as the page shows it and as it is kept: what was said, what was answered."""

from collections.abc import Sequence
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot.store import keys
from handlers.turn import Reply, Turn

LONGEST_LABEL = 200
"""Characters of a button's label that are shown as what was said."""


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class Option(_Shown):
    """Something to press."""

    id: str
    label: str


class File(_Shown):
    """A file to fetch: its address makes it again, in any process and after any restart."""

    name: str
    address: str


class Shown(_Shown):
    """One reply."""

    text: str
    choices: tuple[Option, ...] = ()
    files: tuple[File, ...] = ()
    takes_files: bool = False


_REPLIES = TypeAdapter(tuple[Shown, ...])


class Exchange(_Shown):
    """What was said and the replies to it.

    `in_place`: it takes the place of the exchange whose choice was pressed. `erased`: the person
    had everything erased, so it is shown once and never kept.
    """

    said: str
    replies: tuple[Shown, ...]
    in_place: bool = False
    erased: bool = False

    @property
    def takes_files(self) -> bool:
        """Whether files may be sent now."""
        return any(reply.takes_files for reply in self.replies)

    def kept(self) -> str:
        """Return the replies for the store."""
        return _REPLIES.dump_json(self.replies).decode()


def made(key: bytes, turn: Turn, said: str, replies: Sequence[Reply], language: str) -> Exchange:
    """Return the exchange of `turn`; files become links signed with `key`."""
    shown = tuple(
        Shown(
            text=reply.text,
            choices=tuple(Option(id=choice.id, label=choice.label) for choice in reply.choices),
            files=tuple(
                _file(key, file.name, file.wish or _wish(turn, reply), language)
                for file in reply.files
            ),
            takes_files=reply.takes_files,
        )
        for reply in replies
    )
    in_place = turn.choice is not None and bool(replies) and replies[0].in_place
    return Exchange(said=said, replies=shown, in_place=in_place)


def after(last: Exchange | None, shown: Exchange, choice: str | None) -> Exchange:
    """Return `shown` as it follows `last`: an answer in place stays under the same question."""
    offered = {option.id for reply in last.replies for option in reply.choices} if last else set()
    if last is None or not shown.in_place or choice not in offered:
        return shown
    return shown.model_copy(update={"said": last.said})


def kept(said: str, replies: str) -> Exchange | None:
    """Return an exchange from the store, or None for one of a form that is no longer known."""
    try:
        return Exchange(said=said, replies=_REPLIES.validate_json(replies))
    except ValidationError:
        return None


def signature(key: bytes, wish: str, language: str) -> str:
    """Return what only we can make for the files that answer a choice or a command."""
    return keys.sign(key, "file", wish, language)


def _wish(turn: Turn, reply: Reply) -> str:
    """Return the choice or the bare command that files answer, so that they can be made again."""
    choice = turn.choice or reply.chosen
    if choice is None and not turn.text.startswith("/"):
        raise ValueError("a file answers a choice or a command, so that it can be made again")
    return turn.text.split()[0] if choice is None else choice


def _file(key: bytes, name: str, wish: str, language: str) -> File:
    query = {"for": wish, "lang": language, "sign": signature(key, wish, language)}
    return File(name=name, address=f"/files?{urlencode({'name': name, **query})}")
