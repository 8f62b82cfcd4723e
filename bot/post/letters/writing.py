"""A letter as text and as HTML, from the two templates in `bot/pages/mail`."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.post.letters.letter import Letter

TEMPLATES = Path(__file__).parents[2] / "pages" / "mail"


_HYPHEN = re.compile(r"(?<=\be)-(?=(?:past|mail))", re.IGNORECASE)


def text(letter: Letter) -> str:
    """Return a letter as plain text, with each link's address under its label."""
    return _templates().get_template("letter.txt").render(letter=letter)


def html(letter: Letter) -> str:
    """Return a letter as HTML: everything in it is escaped, and nothing is fetched from afar."""
    return _templates().get_template("letter.html").render(letter=letter)


def whole(text: str) -> str:
    """Return `text` with what no line may break: `plkst. 12:00` and the first part of `e-pasts`."""
    return _HYPHEN.sub("\u2011", text).replace("plkst. ", "plkst.\u00a0")


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["whole"] = whole
    return environment
