"""A JSON-lines record of everything that crosses the wire, for independent checking."""

from __future__ import annotations

import json
import os
from typing import Any

from tests.botapi.wire import Embedded, Parameters

Json = dict[str, Any]

VARIABLE = "NOON_BOTAPI_TRACE"


class Trace:
    """Appends lines `{"kind": "request" | "answer" | "update", …}`; without a path, nothing.

    The path is the one given (empty: no record) or else that of the environment variable; each line
    is one write, so that several servers may share a file.
    """

    def __init__(self, path: str | None = None) -> None:
        chosen = os.environ.get(VARIABLE) if path is None else path
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._descriptor = os.open(chosen, flags, 0o600) if chosen else None

    def request(self, method: str, parameters: Parameters) -> None:
        """Records a call; of files only name, kind and size."""
        if self._descriptor is not None:
            files = {
                part: {"name": upload.name, "mime": upload.mime, "size": len(upload.content)}
                for part, upload in parameters.files.items()
            }
            values = parameters.values
            self._write(kind="request", method=method, parameters=values, files=files)

    def answer(self, method: str, body: Json) -> None:
        """Records the JSON answer of a call."""
        if self._descriptor is not None:
            result = body.get("result")
            if isinstance(result, Embedded):
                body = body | {"result": json.loads(result.text)}
            self._write(kind="answer", method=method, body=body)

    def update(self, update: Json) -> None:
        """Records an update."""
        if self._descriptor is not None:
            self._write(kind="update", update=update)

    def close(self) -> None:
        """Closes the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _write(self, **line: Any) -> None:
        assert self._descriptor is not None
        os.write(self._descriptor, (json.dumps(line, ensure_ascii=False) + "\n").encode())
