"""Texts and captions: cleaned, measured and with the entities the server finds by itself."""

from __future__ import annotations

import re
from typing import Any

from tests.botapi.markup import HtmlReader, utf16
from tests.botapi.refusal import Refusal, bad
from tests.botapi.wire import Parameters

Json = dict[str, Any]

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
FOUND = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w/@])(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<![\w/<])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])"
    r"|(?<![\w#])(?P<hashtag>#[^\W\d]\w*)"
)


def formatted(parameters: Parameters, name: str) -> tuple[str, list[Json]]:
    """Returns text and entities of the argument `name` (`text` or `caption`).

    Raises:
        Refusal: 400 for markup that cannot be read, 501 for a parse mode not offered here.
    """
    source = parameters.text(name)
    mode = parameters.text("parse_mode").lower()
    if mode == "html":
        text, entities = HtmlReader(source).read()
    elif mode:
        raise Refusal(501, f"parse mode {mode} is not offered by this test server")
    else:
        given = "entities" if name == "text" else "caption_entities"
        text, entities = source, parameters.decoded(given, "entities") or []
    return _trimmed(_cleaned(text), entities)


def with_found(text: str, entities: list[Json]) -> list[Json]:
    """Returns the entities together with links, commands and names found in the plain text.

    What an explicit entity covers already is left alone. Addresses without a scheme, phone numbers
    and cashtags are not looked for, unlike in the real server.
    """
    if not any(sign in text for sign in "/@#:"):
        return entities
    taken = [(entity["offset"], entity["offset"] + entity["length"]) for entity in entities]
    found = [_entity(text, match) for match in FOUND.finditer(text)]
    free = [entity for entity in found if not any(_overlap(entity, span) for span in taken)]
    return sorted(entities + free, key=lambda entity: (entity["offset"], -entity["length"]))


def message_text(parameters: Parameters) -> Json:
    """Returns the message fields `text` and `entities`.

    Raises:
        Refusal: 400 when nothing is left to send or the text is too long.
    """
    text, entities = formatted(parameters, "text")
    if not text:
        raise bad("message text is empty")
    if utf16(text) > LONGEST_TEXT:
        raise bad("message is too long")
    return _fields("text", "entities", text, entities)


def message_caption(parameters: Parameters) -> Json:
    """Returns the message fields `caption` and `caption_entities`, none for no caption."""
    text, entities = formatted(parameters, "caption")
    if utf16(text) > LONGEST_CAPTION:
        raise bad("message caption is too long")
    return _fields("caption", "caption_entities", text, entities) if text else {}


def plain_text(text: str) -> Json:
    """Returns the fields of a text typed by a person."""
    cleaned, _ = _trimmed(_cleaned(text), [])
    return _fields("text", "entities", cleaned, [])


def _fields(name: str, names: str, text: str, entities: list[Json]) -> Json:
    complete = with_found(text, entities)
    return {name: text, names: complete} if complete else {name: text}


def _cleaned(text: str) -> str:
    return CONTROL.sub(" ", text.replace("\r", ""))


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    bare = text.strip()
    if len(bare) == len(text):
        return text, entities
    lead = utf16(text[: len(text) - len(text.lstrip())])
    end = utf16(bare)
    moved = [_moved(entity, lead, end) for entity in entities]
    return bare, [entity for entity in moved if entity["length"] > 0]


def _moved(entity: Json, lead: int, end: int) -> Json:
    first = max(entity["offset"] - lead, 0)
    last = min(entity["offset"] + entity["length"] - lead, end)
    return entity | {"offset": first, "length": last - first}


def _entity(text: str, match: re.Match[str]) -> Json:
    kind = match.lastgroup
    offset = utf16(text[: match.start()])
    return {"offset": offset, "length": utf16(match[0]), "type": kind}


def _overlap(entity: Json, span: tuple[int, int]) -> bool:
    first, last = entity["offset"], entity["offset"] + entity["length"]
    return bool(first < span[1] and span[0] < last)
