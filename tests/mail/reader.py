"""Mails as mailparser reads them: another parser than ours, in another language."""

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.system import node_packages, require

JS = Path(__file__).with_name("js")


@dataclass(frozen=True)
class File:
    """An attachment; `parameters` are those of its Content-Type."""

    name: str
    type: str
    parameters: dict[str, str]
    disposition: str
    content: bytes


@dataclass(frozen=True)
class Seen:
    """A mail as the reader understood it: `names` are its header fields in lower case, in order.

    `lines` are the fields as they came. Addresses are pairs of name and address.
    """

    names: list[str]
    lines: dict[str, str]
    subject: str
    sender: list[tuple[str, str]]
    to: list[tuple[str, str]]
    reply_to: list[tuple[str, str]]
    date: str
    message_id: str
    text: str
    html: str
    attachments: list[File]

    @property
    def calendar(self) -> bytes:
        """The one calendar file."""
        (found,) = (file for file in self.attachments if file.type == "text/calendar")
        return found.content


def read(mails: Iterable[bytes]) -> list[Seen]:
    """Return what mailparser sees in each mail; skips (fails in CI) where it is not there."""
    prepare()
    done = subprocess.run(
        ["node", str(JS / "read.mjs")],
        input=b"".join(b64encode(mail) + b"\n" for mail in mails),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return [_seen(json.loads(line)) for line in done.stdout.splitlines()]


def prepare() -> None:
    """Install the reader, or skip (fail in CI) with the reason."""
    require(_installed(), "npm, node 18 or newer, and the packages of tests/mail/js")


@cache
def _installed() -> bool:
    return node_packages(JS)


def _seen(row: dict[str, Any]) -> Seen:
    pairs = {
        field: [(one["name"], one["address"]) for one in row[field]]
        for field in ("sender", "to", "reply_to")
    }
    files = [File(**{**one, "content": b64decode(one["content"])}) for one in row["attachments"]]
    return Seen(**{**row, **pairs, "attachments": files})


class Page(HTMLParser):
    """The readable text, the links and all elements of a page's body."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.elements: list[str] = []
        self.fetched: list[str] = []
        self._in_body = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_body = self._in_body or tag == "body"
        self.elements.append(tag)
        given = dict(attrs)
        if tag == "a":
            self.links.append(given.get("href") or "")
        loads = ("src", "srcset", "background", "poster", "data", "action")
        self.fetched += [str(given[name]) for name in loads if name in given]
        self.text += " "

    def handle_endtag(self, tag: str) -> None:
        self.text += " "

    def handle_data(self, data: str) -> None:
        if self._in_body:
            self.text += data
