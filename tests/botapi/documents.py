"""The methods that carry files."""

from __future__ import annotations

import mimetypes
from typing import Any

from tests.botapi.files import StoredFile
from tests.botapi.messages import send
from tests.botapi.network import Network
from tests.botapi.refusal import bad
from tests.botapi.texts import message_caption
from tests.botapi.wire import Parameters

Json = dict[str, Any]


async def send_document(network: Network, parameters: Parameters) -> Json:
    """sendDocument, with an uploaded file or the id of a known one; returns the Message."""
    network.writable(parameters.text("chat_id"))
    caption = message_caption(parameters)
    stored = _document(network, parameters)
    return send(network, parameters, {"document": stored.document()} | caption)


async def get_file(network: Network, parameters: Parameters) -> Json:
    """getFile; returns the File with its download path."""
    return network.files.download(parameters.text("file_id"))


def _document(network: Network, parameters: Parameters) -> StoredFile:
    upload = parameters.upload("document")
    reference = parameters.text("document")
    if upload is None:
        if not reference or reference.startswith("attach://"):
            raise bad("there is no document in the request")
        if "://" in reference:
            raise bad("failed to get HTTP URL content")
        return network.files.by_id(reference)
    if not upload.content:
        raise bad("file must be non-empty")
    mime = mimetypes.guess_type(upload.name)[0] or upload.mime
    return network.files.store(upload.content, upload.name, mime, "documents")
