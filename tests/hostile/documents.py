"""PDFs: a plain form, and ones that act, hide something, are locked or are broken."""

import random
import zipfile
from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

Change = Callable[[Pdf], object]


def pdf(change: Change = lambda made: None, **how: object) -> bytes:
    """Return a PDF of one page after `change`; `how` says how it is saved."""
    made = pikepdf.new()
    made.add_blank_page()
    change(made)
    out = BytesIO()
    made.save(out, **how)
    return out.getvalue()


def script() -> Dictionary:
    """Return an action that runs a script."""
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def opened_by(action: Dictionary) -> Change:
    """Return the change by which `action` happens when the PDF is opened."""

    def change(made: Pdf) -> None:
        made.Root.OpenAction = action

    return change


def shows_a_place(made: Pdf) -> None:
    made.Root.OpenAction = Array([made.pages[0].obj, Name.Fit])


def goes_to_a_place(made: Pdf) -> None:
    made.Root.OpenAction = Dictionary(S=Name.GoTo, D=Array([made.pages[0].obj, Name.Fit]))


def named_scripts(made: Pdf) -> None:
    tree = Dictionary(Names=Array([String("x"), script()]))
    made.Root.Names = Dictionary(JavaScript=tree)


def hidden_script(made: Pdf) -> None:
    """Put a script into an object that no page leads to."""
    made.Root.PieceInfo = Dictionary(A=Array([Array([Dictionary(B=made.make_indirect(script()))])]))


def page_acts(made: Pdf) -> None:
    made.pages[0].obj.AA = Dictionary(O=script())


def carries_a_file(made: Pdf) -> None:
    made.attachments["x.exe"] = b"MZ"


def fills_in_by_xml(made: Pdf) -> None:
    made.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Stream(made, b"<xdp/>"))


def note(kind: Name, **fields: object) -> Change:
    """Return the change that puts an annotation on the page."""

    def change(made: Pdf) -> None:
        square = Array([0, 0, 9, 9])
        drawn = Dictionary(Type=Name.Annot, Subtype=kind, Rect=square, **fields)
        made.pages[0].obj.Annots = Array([made.make_indirect(drawn)])

    return change


def filled(size: int) -> bytes:
    """Return a plain PDF of about `size` bytes."""
    content = random.Random(3).randbytes(size)
    return pdf(lambda made: made.pages[0].obj.__setattr__("Extra", Stream(made, content)))


def no_page() -> bytes:
    out = BytesIO()
    pikepdf.new().save(out)
    return out.getvalue()


def with_archive() -> bytes:
    """Return a PDF that is an archive as well."""
    archive = BytesIO(pdf())
    archive.seek(0, 2)
    with zipfile.ZipFile(archive, "a") as zipped:
        zipped.writestr("evil.exe", b"MZ")
    return archive.getvalue() + b"\n%%EOF\n"


def many_objects(count: int) -> bytes:
    """Return a small PDF whose packed streams hold very many objects."""

    def change(made: Pdf) -> None:
        made.Root.Many = Array([made.make_indirect(Dictionary(N=n)) for n in range(count)])

    packed = pikepdf.ObjectStreamMode.generate
    return pdf(change, object_stream_mode=packed, compress_streams=True)
