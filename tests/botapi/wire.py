"""How a Bot API request is read from HTTP and how an answer is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from tests.botapi.refusal import Refusal, bad

Json = dict[str, Any]

LARGEST_REQUEST = 50 * 1024 * 1024
"""The public server takes files of up to 50 MB from bots."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file part of a multipart request."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Embedded:
    """A result that is JSON text already (a batch of updates, each encoded only once)."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Described:
    """A result together with the remark some methods add to it."""

    result: bool
    description: str


class Parameters:
    """The arguments of one call: strings from forms, JSON values from JSON bodies, and files."""

    __slots__ = ("files", "values")

    def __init__(self, values: Json, files: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.files = files or {}

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """Returns the argument as text, empty if it is missing."""
        value = self.values.get(name)
        return value if isinstance(value, str) else "" if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Returns the argument as a whole number; what is no number counts as 0."""
        value = self.text(name).strip()
        if not value:
            return default
        return int(value) if value.removeprefix("-").isdecimal() else 0

    def flag(self, name: str) -> bool:
        """Returns whether the argument says yes."""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def decoded(self, name: str, what: str) -> Any:
        """Returns a JSON argument, None if it is missing.

        Raises:
            Refusal: 400 when it is not JSON; `what` names it in the reason.
        """
        value = self.values.get(name)
        if value in (None, ""):
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {what} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """Returns the file sent under this name, directly or as `attach://part`."""
        part = self.text(name)
        if part.startswith("attach://"):
            return self.files.get(part.removeprefix("attach://"))
        return self.files.get(name)


async def read(request: Request) -> Parameters:
    """Returns the arguments of a GET or POST: urlencoded, JSON or multipart.

    Raises:
        Refusal: 413 when the body is larger than the public server takes, 400 for broken JSON.
    """
    values: Json = dict(request.query_params) if request.url.query else {}
    if request.method != "POST":
        return Parameters(values)
    if int(request.headers.get("content-length") or 0) > LARGEST_REQUEST:
        raise Refusal(413)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _multipart(request, values)
    body = await request.body()
    values.update(_json_object(body) if kind == "application/json" else _form(body))
    return Parameters(values)


def envelope(result: Any) -> Json:
    """Returns the object of a successful answer."""
    if isinstance(result, Described):
        return {"ok": True, "result": result.result, "description": result.description}
    return {"ok": True, "result": result}


def encoded(body: Json) -> bytes:
    """Returns the bytes of an answer."""
    result = body.get("result")
    if isinstance(result, Embedded):
        return b'{"ok":true,"result":' + result.text + b"}"
    return encode(body)


def encode(value: Any) -> bytes:
    """Returns compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _form(body: bytes) -> Mapping[str, str]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _json_object(body: bytes) -> Json:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise bad("can't parse request JSON object")
    return value


async def _multipart(request: Request, values: Json) -> Parameters:
    files: dict[str, Upload] = {}
    async with request.form(max_part_size=LARGEST_REQUEST) as form:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile):
                mime = part.content_type or "application/octet-stream"
                files[name] = Upload(part.filename or name, mime, await part.read())
            else:
                values[name] = part
    return Parameters(values, files)
