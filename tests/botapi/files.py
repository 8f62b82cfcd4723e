"""Files known to the server: stored bytes, their identifiers and paths."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from tests.botapi.refusal import bad

Json = dict[str, Any]

LARGEST_DOWNLOAD = 20 * 1024 * 1024
"""The public server gives bots files of up to 20 MB."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file: its bytes and how messages describe it."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime: str
    content: bytes
    size: int

    def described(self) -> Json:
        """Returns the fields all file objects share."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
        }

    def document(self) -> Json:
        """Returns the Document object."""
        return {"file_name": self.name, "mime_type": self.mime} | self.described()


class Files:
    """All files of one bot, found by id or path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def store(
        self, content: bytes, name: str, mime: str, folder: str, size: int | None = None
    ) -> StoredFile:
        """Returns the new file; `size` pretends another size than that of the content."""
        number = len(self._by_id)
        path = f"{folder}/file_{number}{PurePosixPath(name).suffix}"
        file_id, unique = _identifier(f"file:{folder}:{number}"), _identifier(f"unique:{number}")
        declared = len(content) if size is None else size
        stored = StoredFile(file_id, unique, path, name, mime, content, declared)
        self._by_id[file_id] = self._by_path[path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile:
        """Returns the file with this id.

        Raises:
            Refusal: 400 if there is none.
        """
        stored = self._by_id.get(file_id)
        if stored is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        return stored

    def by_path(self, path: str) -> StoredFile | None:
        """Returns the file at this download path."""
        return self._by_path.get(path)

    def download(self, file_id: str) -> Json:
        """Returns the File object of getFile.

        Raises:
            Refusal: 400 for an unknown file or one above 20 MB.
        """
        stored = self.by_id(file_id)
        if stored.size > LARGEST_DOWNLOAD:
            raise bad("file is too big")
        return stored.described() | {"file_path": stored.path}


def _identifier(seed: str) -> str:
    return base64.urlsafe_b64encode(seed.encode()).decode().rstrip("=")
