"""A guide with a mistake takes the place of the right one in the facts as they are loaded."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from rules import checks
from rules.errors import DataError
from rules.guides import parse
from rules.loader import Facts, load

HOUSE = Path(__file__).parent.parent


@cache
def as_loaded() -> Facts:
    """Return the facts as they are, loaded once."""
    return load()


def with_guide(name: str, text: str) -> Facts:
    """Return the facts with `text` as the guide in the file `name`."""
    path = HOUSE / name
    guide = {(path.stem, path.parent.name): parse(text, path)}
    return replace(as_loaded(), guides=as_loaded().guides | guide)


def assert_named_in_guide(edit: tuple[str, str | None, str | None], named: tuple[str, ...]) -> None:
    """Put `new` in the place of the first `old` of a guide; one line of the answer names it all."""
    name, old, new = edit
    text = (HOUSE / name).read_text(encoding="utf-8")
    assert old is not None
    assert new is not None
    assert old in text, "the case is out of date"
    try:
        answer = checks.problems(with_guide(name, text.replace(old, new, 1)))
    except DataError as refused:
        answer = [str(refused)]
    assert any(all(part in line for part in named) for line in answer), answer
