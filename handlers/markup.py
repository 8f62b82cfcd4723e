"""The markup of replies: lines of `**strong**`, `*emphasis*`, `` `code` ``, `[label](address)`.

One reader for all faces, so that text looks the same everywhere and nothing a person typed is
ever taken for markup: `escape` guards what is put into a reply.
"""

import re
from dataclasses import dataclass
from enum import Enum

_SPAN = re.compile(
    r"\\(?P<escaped>[\\*`\[\]:])"
    r"|\*\*(?P<strong>(?:\\.|[^*\\])+)\*\*"
    r"|\*(?P<emphasis>(?:\\.|[^*\\])+)\*"
    r"|`(?P<code>[^`]+)`"
    r"|\[(?P<label>(?:\\.|[^\]\\])+)\]\((?P<address>https?://[^\s)]+|webcal://[^\s)]+|mailto:[^\s)]+)\)"
    r"|(?P<bare>https?://[^\s<>]*[\w/#=])"
)
_SPECIAL = re.compile(r"([\\*`\[\]]|:(?=//))")


class Style(Enum):
    """How a span is meant."""

    PLAIN = "plain"
    STRONG = "strong"
    EMPHASIS = "emphasis"
    CODE = "code"
    LINK = "link"


@dataclass(frozen=True)
class Span:
    """A run of text of one style; `address` is set for links."""

    text: str
    style: Style = Style.PLAIN
    address: str = ""


Line = tuple[Span, ...]


def escape(text: str) -> str:
    """Return `text` so that it reads as itself inside a reply."""
    return _SPECIAL.sub(r"\\\1", text)


def read(text: str) -> list[Line]:
    """Return the lines of `text` as spans; whatever is not markup is plain."""
    return [_line(line) for line in text.split("\n")]


def plain(text: str) -> str:
    """Return `text` for a medium without styles; a link shows its address behind its label."""
    return "\n".join("".join(_plain(span) for span in line) for line in read(text))


def _plain(span: Span) -> str:
    shows_address = span.style is not Style.LINK or span.text in (span.address, "")
    return span.text if shows_address else f"{span.text} ({span.address})"


def _line(line: str) -> Line:
    spans: list[Span] = []
    end = 0
    for match in _SPAN.finditer(line):
        _append(spans, Span(line[end : match.start()]))
        _append(spans, _span(match))
        end = match.end()
    _append(spans, Span(line[end:]))
    return tuple(spans)


def _append(spans: list[Span], span: Span) -> None:
    if not span.text:
        return
    if spans and span.style is Style.PLAIN is spans[-1].style:
        spans[-1] = Span(spans[-1].text + span.text)
    else:
        spans.append(span)


def _span(match: re.Match[str]) -> Span:
    if match["escaped"]:
        return Span(match["escaped"])
    if match["strong"]:
        return Span(_unescape(match["strong"]), Style.STRONG)
    if match["emphasis"]:
        return Span(_unescape(match["emphasis"]), Style.EMPHASIS)
    if match["code"]:
        return Span(match["code"], Style.CODE)
    if match["bare"]:
        return Span(match["bare"], Style.LINK, match["bare"])
    return Span(_unescape(match["label"]), Style.LINK, match["address"])


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
