"""Formatted text as the Bot API takes it: the HTML parse mode, read into text and entities.

Offsets and lengths count UTF-16 code units, positions in error messages count UTF-8 bytes, both as
in the real server. Markdown is not offered: the product does not use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.botapi.refusal import bad

Json = dict[str, Any]

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
CHARACTER = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")
TOKEN = re.compile(r"<(/?)([^\s>]*)")
ATTRIBUTE = re.compile(r"""\s+([^\s=>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.\-]*))?""")


@dataclass(slots=True)
class OpenTag:
    """A start tag whose end has not been read yet."""

    name: str
    attributes: dict[str, str]
    offset: int
    begins: int


def utf16(text: str) -> int:
    """Returns the length of the text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def decoded(text: str) -> str:
    """Returns text with character references replaced; unknown ones stay as they are."""
    return CHARACTER.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return NAMED.get(name, found[0])
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    usable = 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if usable else found[0]


class HtmlReader:
    """Reads one text in HTML parse mode."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.plain = ""
        self.length = 0
        self.open: list[OpenTag] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        """Returns the text without markup, and its entities in order.

        Raises:
            Refusal: 400 "can't parse entities" for unknown or unbalanced tags.
        """
        at = 0
        while (begin := self.source.find("<", at)) >= 0:
            self._add(self.source[at:begin])
            at = self._tag(begin)
        self._add(self.source[at:])
        if self.open:
            raise _unparsed(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"'
            )
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return self.plain, self.entities

    def _add(self, raw: str) -> None:
        text = decoded(raw)
        self.plain += text
        self.length += utf16(text)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def _tag(self, begin: int) -> int:
        token = TOKEN.match(self.source, begin)
        assert token is not None
        closing, name = token[1], token[2].lower()
        return self._end(begin, token.end(), name) if closing else self._start(token, name)

    def _start(self, token: re.Match[str], name: str) -> int:
        begin, at = token.start(), token.end()
        if at == len(self.source):
            raise _unparsed(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if name not in KINDS:
            raise _unparsed(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        attributes, at = self._attributes(at)
        if self.source[at : at + 1] != ">":
            raise _unparsed(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if name == "span" and attributes.get("class") != "tg-spoiler":
            reason = 'Tag "span" must have class "tg-spoiler" at byte offset'
            raise _unparsed(f"{reason} {self._byte(begin)}")
        self.open.append(OpenTag(name, attributes, self.length, len(self.plain)))
        return at + 1

    def _attributes(self, at: int) -> tuple[dict[str, str], int]:
        attributes: dict[str, str] = {}
        while found := ATTRIBUTE.match(self.source, at):
            value = found[2] or ""
            quoted = value[:1] in ('"', "'")
            attributes[found[1].lower()] = decoded(value[1:-1]) if quoted else value.lower()
            at = found.end()
        while self.source[at : at + 1].isspace():
            at += 1
        return attributes, at

    def _end(self, begin: int, at: int, name: str) -> int:
        if not self.open:
            raise _unparsed(f"Unexpected end tag at byte offset {self._byte(begin)}")
        while self.source[at : at + 1].isspace():
            at += 1
        if self.source[at : at + 1] != ">":
            raise _unparsed(f"Unclosed end tag at byte offset {self._byte(begin)}")
        expected = self.open[-1].name
        if name and name != expected:
            where = f"Unmatched end tag at byte offset {self._byte(begin)}"
            raise _unparsed(f'{where}, expected "</{expected}>", found "</{name}>"')
        self._close(self.open.pop())
        return at + 1

    def _close(self, tag: OpenTag) -> None:
        length = self.length - tag.offset
        if length == 0:
            return
        entity: Json = {"offset": tag.offset, "length": length, "type": KINDS[tag.name]}
        if tag.name == "a":
            self._link(entity, tag.attributes.get("href") or self.plain[tag.begins :])
            return
        if tag.name == "tg-emoji":
            entity["custom_emoji_id"] = tag.attributes.get("emoji-id", "")
        if tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        self._code(entity, tag)

    def _code(self, entity: Json, tag: OpenTag) -> None:
        language = tag.attributes.get("class", "")
        if tag.name == "code" and language.startswith("language-"):
            entity["language"] = language.removeprefix("language-")
        inner = self.entities[-1] if self.entities else None
        spans = inner is not None and all(inner[key] == entity[key] for key in ("offset", "length"))
        if tag.name == "pre" and inner is not None and spans and "language" in inner:
            inner["type"] = "pre"
            return
        self.entities.append(entity)

    def _link(self, entity: Json, address: str) -> None:
        url = checked_link(address.strip())
        if url:
            self.entities.append(entity | {"url": url})


def checked_link(address: str) -> str:
    """Returns the address as the real server keeps it, empty if it would drop the link."""
    if address.startswith("tg://"):
        return address
    url = address if "://" in address else f"http://{address}"
    parts = urlsplit(url)
    if parts.scheme.lower() not in ("http", "https") or "." not in (parts.hostname or ""):
        return ""
    return url if parts.path or parts.query else f"{url}/"


def _unparsed(reason: str) -> Exception:
    return bad(f"can't parse entities: {reason}")
