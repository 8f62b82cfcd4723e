"""What the message files must keep: the same keys, placeholders and plural forms everywhere."""

from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Message

from handlers.words import LANGUAGES, MESSAGES, catalog

_FORMS = {"lv": 3, "en": 2}


def problems(folder: Path = MESSAGES) -> list[str]:
    """Return every mistake in the message files, one line each naming file and key."""
    names = sorted(
        {path.name for language in LANGUAGES for path in (folder / language).glob("*.po")}
    )
    return [problem for name in names for problem in _file(folder, name)]


def _file(folder: Path, name: str) -> Iterator[str]:
    messages = {}
    for language in LANGUAGES:
        path = folder / language / name
        if not path.exists():
            yield f"messages/{language}/{name}: the translation is missing"
            return
        messages[language] = {_key(message): message for message in catalog(path) if message.id}
    for key in sorted(set().union(*messages.values())):
        yield from _message(name, key, {lang: found.get(key) for lang, found in messages.items()})


def _message(name: str, key: str, said: dict[str, Message | None]) -> Iterator[str]:
    for language, message in said.items():
        where = f"messages/{language}/{name}: {key}"
        if message is None:
            yield f"{where}: the translation is missing"
        elif message.fuzzy or not all(_texts(message)):
            yield f"{where}: the translation is empty or marked as unsure"
        elif message.pluralizable and len(_texts(message)) != _FORMS[language]:
            yield f"{where}: {language} has {_FORMS[language]} plural forms"
    wanted = {language: _placeholders(message) for language, message in said.items() if message}
    if len(set(wanted.values())) > 1:
        yield f"messages/{LANGUAGES[-1]}/{name}: {key}: other placeholders than in {LANGUAGES[0]}"


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _placeholders(message: Message) -> frozenset[str]:
    fields = (field for text in _texts(message) for _, field, _, _ in Formatter().parse(text))
    return frozenset(field for field in fields if field)
