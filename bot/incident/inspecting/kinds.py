"""What a file is, by its first bytes; neither its name nor what the sender calls it counts."""

from enum import StrEnum

from bot.incident.inspecting.found import Problem

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
PDF = b"%PDF-"

_LOOKED_AT = 4096
_STILL_PICTURES = (b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_ARCHIVES = (
    *(b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"),
    *(b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"),
)
_OFFICE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
_OFFICE_INSIDE = (b"[Content_Types].xml", b"mimetypeapplication/vnd.", b"word/", b"xl/", b"ppt/")


class Kind(StrEnum):
    """The kinds of file that a notice takes; the value is the media type."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    PDF = "application/pdf"


def kind(content: bytes) -> Kind | Problem:
    """Return what `content` is, or why it is not taken."""
    for start, known in ((PNG, Kind.PNG), (JPEG, Kind.JPEG), (PDF, Kind.PDF)):
        if content.startswith(start):
            return known
    return _stranger(content[:_LOOKED_AT])


def _stranger(head: bytes) -> Problem:
    if not head:
        return Problem.EMPTY
    if head[4:8] == b"ftyp":
        return Problem.HEIC if head[8:12] in _STILL_PICTURES else Problem.KIND
    if head.startswith(_OFFICE):
        return Problem.WORD
    if head.startswith(_ARCHIVES):
        is_office = head.startswith(b"PK") and any(name in head for name in _OFFICE_INSIDE)
        return Problem.WORD if is_office else Problem.ZIP
    # Something stands before the PDF, which readers forgive and an unchanged form never has.
    return Problem.BROKEN if PDF in head[:1024] else Problem.KIND
