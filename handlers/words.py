"""The words of both languages: gettext PO files, read as they are.

A message id is a key such as `deadlines.open`; the words live in `handlers/messages/<language>/`,
one file per capability. Numbers follow CLDR plural rules, which the PO headers state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

from babel.core import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_percent

MESSAGES = Path(__file__).parent / "messages"
LANGUAGES = ("lv", "en")
"""The languages Noon speaks, as ISO 639-1 codes."""

_REGIONS = {"en": "en_GB"}
"""Whose way of writing dates a language follows, where that is not its own default."""


class MissingWords(LookupError):
    """A message file lacks a key, or a placeholder of it was not given."""


@dataclass(frozen=True)
class Words:
    """All messages of one language."""

    language: str
    messages: Mapping[str, tuple[str, ...]]
    _form: Callable[[int], int]

    def say(self, key: str, /, **values: object) -> str:
        """Return the message `key` with `values` in its placeholders.

        With a value named `n` the plural form for that number is taken. Raises `MissingWords`.
        """
        forms = self.messages.get(key)
        if forms is None:
            raise MissingWords(f"no message {key!r} in {self.language}")
        number = values.get("n")
        form = forms[self._form(number)] if isinstance(number, int) and len(forms) > 1 else forms[0]
        try:
            return form.format_map(values)
        except KeyError as missing:
            raise MissingWords(f"message {key!r} needs a value for {missing}") from missing

    def has(self, key: str) -> bool:
        """Whether there is a message `key`."""
        return key in self.messages

    def day(self, day: date) -> str:
        """Return a day in full, as in `5 March 2026` and `2026. gada 5. marts`."""
        return _long_day(day.year, day.month, day.day, self.language)

    def clock(self, moment: datetime) -> str:
        """Return the hour of `moment` in its own zone, as in `12:00`."""
        return f"{moment:%H:%M}"

    def country(self, code: str) -> str:
        """Return the name of a country by its ISO code, or the code where CLDR has none."""
        return str(Locale(self.language).territories.get(code, code))

    def money(self, amount: int) -> str:
        """Return an amount of euros, as in `EUR 250 000`."""
        grouped = f"{amount:,}".replace(",", "\u00a0")
        return self.say("words.money", amount=grouped)

    def percent(self, share: float) -> str:
        """Return a share as a percentage, as in `20 %`."""
        return format_percent(share, "#,##0.## %", locale=self.language)

    def listed(self, parts: list[str]) -> str:
        """Return `parts` as a list in words, as in `A, B and C`."""
        if len(parts) < 2:
            return "".join(parts)
        return self.say("list.last", first=", ".join(parts[:-1]), last=parts[-1])


@lru_cache(maxsize=1024)
def _long_day(year: int, month: int, day: int, language: str) -> str:
    return format_date(date(year, month, day), "long", locale=_REGIONS.get(language, language))


@cache
def words(language: str) -> Words:
    """Return the words of `language`, which is one of `LANGUAGES`."""
    messages: dict[str, tuple[str, ...]] = {}
    for path in sorted((MESSAGES / language).glob("*.po")):
        messages |= _texts(catalog(path))
    return Words(language, messages, _form_of(language))


def catalog(path: Path) -> Catalog:
    """Return a message file as Babel reads it."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name, abort_invalid=True)


def _texts(messages: Catalog) -> dict[str, tuple[str, ...]]:
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        )
        for message in messages
        if message.id
    }


def _form_of(language: str) -> Callable[[int], int]:
    rule = Locale(language).plural_form
    tags: list[str] = [tag for tag in ("zero", "one", "other") if tag in {*rule.tags, "other"}]
    return lambda number: tags.index(rule(number))
