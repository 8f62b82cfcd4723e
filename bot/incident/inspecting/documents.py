"""Whether a PDF can be sent on: it opens, it has pages, and nothing in it acts.

Its bytes are never altered: that the form came unchanged is a condition of the late-submission
rule (rules/incident.py). So what acts is not taken out; the document goes by hand instead.
"""

import zipfile
from collections.abc import Iterator
from io import BytesIO

import pikepdf

from bot.incident.inspecting.found import LARGEST_FORM, Found, Problem, refused
from bot.incident.inspecting.kinds import Kind

END = b"%%EOF"
_END_WITHIN = 1024
"""Bytes at the end of a PDF in which its end mark stands (ISO 32000-1, annex H, note 18)."""

_ACTING_KEYS = {
    *("/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/XFA"),
    *("/Collection", "/RichMedia", "/RichMediaContent", "/RichMediaSettings"),
}
_ACTING_NAMES = {
    *("/JavaScript", "/Launch", "/EmbeddedFile", "/RichMedia", "/RichMediaExecute", "/SubmitForm"),
    *("/ImportData", "/Rendition", "/Movie", "/Sound", "/Screen", "/3D", "/FileAttachment"),
    *("/GoToE", "/GoTo3DView"),
}
_NAMING_KEYS = ("/S", "/Subtype", "/Type")
_HARMLESS = ("/GoTo",)
_IN_PLAIN = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/XFA", b"/RichMedia")
"""Also looked for in the bytes: an older revision of an object is in none of the tables."""

Container = pikepdf.Dictionary | pikepdf.Array | pikepdf.Stream


def document(content: bytes) -> Found:
    """Return what is found in a PDF."""
    try:
        with pikepdf.open(BytesIO(content), suppress_warnings=True) as pdf:
            problem = _refusal(pdf, content)
            if problem is not None:
                return refused(problem, Kind.PDF)
            acts = _carries_archive(content) or _acts_in_plain(content) or _acts(pdf)
    except pikepdf.PasswordError:
        return refused(Problem.ENCRYPTED, Kind.PDF)
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RecursionError, RuntimeError):
        return refused(Problem.BROKEN, Kind.PDF)
    return Found("form", Kind.PDF, _by_hand(content, acts=acts))


def _by_hand(content: bytes, *, acts: bool) -> str:
    if acts:
        return Problem.ACTIVE.value
    return Problem.LARGE.value if len(content) > LARGEST_FORM else ""


def _refusal(pdf: pikepdf.Pdf, content: bytes) -> Problem | None:
    if pdf.is_encrypted:
        return Problem.ENCRYPTED
    # The library mends a file that was cut off in the middle; the agency's reader may not.
    if END not in content[-_END_WITHIN:] or not len(pdf.pages):
        return Problem.BROKEN
    return None


def _carries_archive(content: bytes) -> bool:
    return zipfile.is_zipfile(BytesIO(content))


def _acts_in_plain(content: bytes) -> bool:
    return any(name in content for name in _IN_PLAIN)


def _acts(pdf: pikepdf.Pdf) -> bool:
    """Whether any object acts; also one that no page leads to."""
    if _is_acting("/OpenAction", pdf.Root.get("/OpenAction")):
        return True
    return any(_container_acts(each) for top in pdf.objects for each in _containers(top))


def _containers(top: object) -> Iterator[Container]:
    """Yield an object and what stands directly in it; what it refers to has its own turn."""
    waiting = [top]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Container):
            yield each
            waiting += [inner for inner in _inside(each) if not _elsewhere(inner)]


def _inside(container: Container) -> list[object]:
    if isinstance(container, pikepdf.Array):
        return list(container)
    return list(_dictionary(container).values())


def _dictionary(container: pikepdf.Dictionary | pikepdf.Stream) -> dict[str, object]:
    return dict(container.items())


def _elsewhere(value: object) -> bool:
    return isinstance(value, pikepdf.Object) and value.is_indirect


def _container_acts(container: Container) -> bool:
    if isinstance(container, pikepdf.Array):
        return False
    fields = _dictionary(container)
    named = {str(fields[key]) for key in _NAMING_KEYS if isinstance(fields.get(key), pikepdf.Name)}
    return (
        not _ACTING_KEYS.isdisjoint(fields)
        or not _ACTING_NAMES.isdisjoint(named)
        or any(_is_acting(key, fields.get(key)) for key in ("/OpenAction", "/AA"))
    )


def _is_acting(key: str, value: object) -> bool:
    """Whether something that happens by itself is more than going to a place in the document."""
    if value is None or isinstance(value, pikepdf.Array):
        return False
    if not isinstance(value, pikepdf.Dictionary):
        return not (key == "/OpenAction" and isinstance(value, pikepdf.Name | pikepdf.String))
    if key == "/AA":
        return any(_is_acting("", each) for each in _dictionary(value).values())
    return str(value.get("/S", "")) not in _HARMLESS or "/Next" in value
