"""Templates and words become HTML. Everything is escaped; markup comes only from templates."""

from functools import cache, partial

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.faces.web.assets import PAGES, assets
from bot.faces.web.prose import blocks, pieces, unbroken
from handlers.markup import read
from handlers.words import LANGUAGES, Words, words


def render(template: str, speech: Words, **values: object) -> str:
    """Return `template` in the language of `speech`.

    Raises `MissingWords` for a message that does not exist, and jinja2's UndefinedError for a
    value that was not given.
    """
    return (
        _templates()
        .get_template(template)
        .render(
            say=speech.say,
            language=speech.language,
            languages={code: words(code).say("language.own-name") for code in LANGUAGES},
            asset=assets().address,
            blocks=partial(blocks, words=speech),
            line=lambda text: pieces(read(text)[0]),
            **values,
        )
    )


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.filters["unbroken"] = unbroken
    return templates
