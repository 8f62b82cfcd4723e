"""Files that people send, looked at by content: what is kept, what is refused, at what cost."""

import asyncio
import hashlib
import os
import signal
import zipfile
from collections.abc import AsyncIterator, Callable
from io import BytesIO

import pikepdf
import pytest
import pytest_asyncio
from pikepdf import Dictionary, Name, ObjectStreamMode, String
from PIL import Image

from bot.incident.inspecting import Inspector
from bot.incident.inspecting.found import LARGEST
from bot.incident.inspecting.inspector import shown_name
from handlers.turn import Upload
from tests.hostile import documents as pdfs
from tests.hostile import pictures
from tests.hostile.documents import pdf
from tests.hostile.pictures import encoded, screen

pytestmark = pytest.mark.asyncio(loop_scope="module")

MB = 1_000_000
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*"
PACKED = ObjectStreamMode.generate

Made = Callable[[], bytes]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inspector() -> AsyncIterator[Inspector]:
    made = Inspector(seconds=60)  # a busy machine is slow, not hostile
    yield made
    await made.close()


def heic(brand: bytes = b"heic") -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1heic" + b"\x00" * 2000


def zipped(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 100)
    return out.getvalue()


REFUSED: dict[str, tuple[str, str, Made]] = {
    "nothing at all": ("a.png", "empty", lambda: b""),
    "21 MB": ("a.pdf", "too-large", lambda: b"%PDF-1.7" + bytes(21 * MB)),
    "a text that sets off scanners": ("a.txt", "kind", lambda: EICAR),
    "a page": ("a.png", "kind", lambda: b"<!doctype html><script>alert(1)</script>"),
    "a drawing with a script": ("a.png", "kind", lambda: b"<svg><script>x()</script></svg>"),
    "a program for Windows": ("a.pdf.exe", "kind", lambda: b"MZ\x90\x00" + bytes(900)),
    "a program for Linux": ("a.pdf", "kind", lambda: b"\x7fELF\x02\x01\x01" + bytes(900)),
    "a script": ("a.jpg", "kind", lambda: b"#!/bin/sh\nrm -rf /\n"),
    "PostScript": ("a.pdf", "kind", lambda: b"%!PS-Adobe-3.0\n(x) run\n"),
    "GIF": ("a.png", "kind", lambda: encoded(screen(300, 200), "GIF")),
    "WEBP": ("a.png", "kind", lambda: encoded(screen(300, 200), "WEBP")),
    "BMP": ("a.png", "kind", lambda: encoded(screen(300, 200), "BMP")),
    "TIFF": ("a.png", "kind", lambda: encoded(screen(300, 200), "TIFF")),
    "a film": ("a.mp4", "kind", lambda: heic(b"isom")),
    "HEIC": ("a.jpg", "heic", heic),
    "AVIF": ("a.jpg", "heic", lambda: heic(b"avif")),
    "Word": ("a.pdf", "word", lambda: zipped("[Content_Types].xml", "word/document.xml")),
    "old Word": ("a.doc", "word", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "an archive as PDF": ("a.pdf", "zip", lambda: zipped("evil.exe")),
    "gzip": ("a.pdf", "zip", lambda: b"\x1f\x8b\x08" + bytes(90)),
    "10 000 × 10 000 in few bytes": ("a.png", "huge", pictures.bomb),
    "a header of 30 000 × 30 000": ("a.png", "huge", lambda: pictures.png_of(30_000, 30_000)),
    "a header without end": ("a.png", "huge", lambda: pictures.png_of(2**31 - 1, 2**31 - 1)),
    "a ribbon": ("a.png", "huge", lambda: pictures.png_of(500, 40_000)),
    "noise that nothing makes small": (
        "a.png",
        "huge",
        lambda: encoded(pictures.noise(1280, 2600)),
    ),
    "a comment of 100 MB": ("a.png", "picture", pictures.text_bomb),
    "a picture cut off": ("a.png", "picture", lambda: encoded(screen())[:40_000]),
    "a photo cut off": ("a.jpg", "picture", lambda: pictures.photo(1600, 1200)[:20_000]),
    "a photo's first bytes": ("a.jpg", "picture", lambda: b"\xff\xd8\xff\xe0" + bytes(900)),
    "a picture without rows": ("a.png", "picture", lambda: pictures.png_of(800, 600)),
    "a locked PDF": (
        *("a.pdf", "encrypted"),
        lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="u")),
    ),
    "a PDF that forbids things": (
        *("a.pdf", "encrypted"),
        lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="")),
    ),
    "a PDF cut off": ("a.pdf", "broken", lambda: pdfs.filled(9000)[:6000]),
    "the head of a PDF": ("a.pdf", "broken", lambda: b"%PDF-1.7\n"),
    "a PDF without a page": ("a.pdf", "broken", pdfs.no_page),
    "a PDF behind something": ("a.pdf", "broken", lambda: b"<script>x()</script>" + pdf()),
}


@pytest.mark.parametrize("kind", list(REFUSED))
async def test_what_is_refused_says_why_and_is_not_kept(inspector: Inspector, kind: str) -> None:
    name, problem, made = REFUSED[kind]
    content = made()
    upload = await inspector.look(name, content)
    assert (upload.kind, upload.problem) == ("refused", problem)
    assert (upload.content, upload.small) == (b"", b"")
    assert upload.size == len(content)


BY_HAND: dict[str, Made] = {
    "a script when it opens": lambda: pdf(pdfs.opened_by(pdfs.script())),
    "a script by name": lambda: pdf(pdfs.named_scripts),
    "a script in a packed stream": lambda: pdf(pdfs.hidden_script, object_stream_mode=PACKED),
    "a script when a page is seen": lambda: pdf(pdfs.page_acts, object_stream_mode=PACKED),
    "a program that it starts": lambda: pdf(
        pdfs.opened_by(Dictionary(S=Name.Launch, F=String("cmd.exe")))
    ),
    "a form that sends itself": lambda: pdf(
        pdfs.note(Name.Link, A=Dictionary(S=Name.SubmitForm, F=String("http://x.example")))
    ),
    "printing by itself": lambda: pdf(pdfs.opened_by(Dictionary(S=Name.Named, N=Name.Print))),
    "a file in it": lambda: pdf(pdfs.carries_a_file),
    "a file in it, packed": lambda: pdf(pdfs.carries_a_file, object_stream_mode=PACKED),
    "XFA": lambda: pdf(pdfs.fills_in_by_xml),
    "rich media": lambda: pdf(pdfs.note(Name.RichMedia)),
    "a film": lambda: pdf(pdfs.note(Name.Screen)),
    "an archive behind it": pdfs.with_archive,
    "a name written in another way": lambda: pdf(pdfs.page_acts, qdf=True).replace(
        b"/JavaScript", b"/J#61vaScript"
    ),
}


@pytest.mark.parametrize("kind", list(BY_HAND))
async def test_a_pdf_that_acts_is_kept_as_it_came_and_goes_by_hand(
    inspector: Inspector, kind: str
) -> None:
    content = BY_HAND[kind]()
    upload = await inspector.look("form.pdf", content)
    assert (upload.kind, upload.problem) == ("form", "active")
    assert upload.content == content


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (pdf, ""),
        (lambda: pdf(pdfs.shows_a_place), ""),
        (lambda: pdf(pdfs.goes_to_a_place), ""),
        (lambda: pdf(object_stream_mode=PACKED), ""),
        (lambda: pdf(linearize=True), ""),
        (lambda: pdf() + b"\r\n", ""),
        (lambda: pdfs.filled(5_400_000), ""),
        (lambda: pdfs.filled(5_600_000), "large"),
    ],
    ids=["plain", "a place", "goes there", "packed", "for the web", "a line more", "5.4", "5.6 MB"],
)
async def test_a_form_stays_byte_for_byte(inspector: Inspector, made: Made, problem: str) -> None:
    content = made()
    upload = await inspector.look("form.pdf", content)
    assert (upload.kind, upload.problem, upload.media_type) == ("form", problem, "application/pdf")
    assert upload.content == content
    assert upload.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("behind", [zipped("evil.exe"), b"<script>alert(1)</script>", EICAR])
async def test_what_hides_behind_a_picture_is_left_behind(
    inspector: Inspector, behind: bytes
) -> None:
    upload = await inspector.look("a.png", encoded(screen(800, 600)) + behind)
    assert upload.kind == "screenshot"
    assert behind not in upload.content
    assert not upload.content.endswith(behind[-8:])


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\a.png", "a.png"),
        ("form\u202efdp.exe", "formfdp.exe"),
        ("a\r\nBcc: x@agency.example\x00.pdf", "aBcc: x@agency.example.pdf"),
        ("x" * 500 + ".pdf", "x" * 120),
        ("", ""),
    ],
)
async def test_a_name_is_only_a_name(inspector: Inspector, sent: str, shown: str) -> None:
    assert shown_name(sent) == shown
    upload = await inspector.look(sent, pdf())
    assert upload.name == shown
    assert shown not in repr(upload) or not shown


async def test_at_most_two_processes_and_they_are_used_again(inspector: Inspector) -> None:
    shots = [encoded(screen(640, 480 + n)) for n in range(8)]
    found = await asyncio.gather(*(inspector.look("a.png", shot) for shot in shots))
    assert {upload.kind for upload in found} == {"screenshot"}
    assert len(inspector.processes) <= 2


async def test_a_process_that_dies_is_replaced() -> None:
    inspector = Inspector(seconds=60)
    assert (await inspector.look("a.pdf", pdf())).kind == "form"
    (first,) = inspector.processes
    os.kill(first, signal.SIGKILL)
    found = [await inspector.look("a.pdf", pdf()) for _ in range(2)]
    assert found[-1].kind == "form"
    assert first not in inspector.processes
    await inspector.close()
    assert inspector.processes == []


async def test_what_takes_too_long_is_given_up_and_the_next_file_is_not() -> None:
    inspector = Inspector(seconds=0.05)
    late = await inspector.look("a.pdf", pdfs.many_objects(30_000))
    assert (late.kind, late.problem) == ("refused", "slow")
    assert inspector.processes == []
    await inspector.close()


async def test_the_process_that_looks_knows_no_secret_and_writes_nothing(
    inspector: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOON_SECRET", "told-to-nobody")
    other = Inspector(seconds=60)
    await other.look("a.pdf", pdf())
    (pid,) = other.processes
    with open(f"/proc/{pid}/environ", "rb") as environment:
        assert b"NOON" not in environment.read()
    with open(f"/proc/{pid}/limits") as limits:
        told = {line[:26].strip(): line[26:].split()[0] for line in limits}
    assert told["Max file size"] == "0"
    assert told["Max core file size"] == "0"
    assert told["Max processes"] == "0"
    assert int(told["Max address space"]) <= 700_000_000
    await other.close()


HEAVY: dict[str, Made] = {
    "24 million pixels with transparency": lambda: pictures.png_of(
        4000, 5900, b"\x00" * (5900 * 16_001), colour=6
    ),
    "24 million pixels, tall": lambda: pictures.png_of(
        1280, 18_500, b"\x00" * (18_500 * 5121), colour=6
    ),
    "a photo of 50 million pixels": lambda: encoded(
        Image.new("RGB", (8160, 6120), "teal"), "JPEG", quality=85
    ),
    "a bomb": pictures.bomb,
    "a comment of 100 MB": pictures.text_bomb,
    "20 000 objects": lambda: pdfs.many_objects(20_000),
    "20 MB of PDF": lambda: pdfs.filled(LARGEST - 100_000),
    "20 MB of noise": lambda: encoded(pictures.noise(2580, 2580), compress_level=0),
}


async def test_no_hostile_file_takes_much_memory(capsys: pytest.CaptureFixture[str]) -> None:
    inspector = Inspector(seconds=60)
    told = []
    for kind, made in HEAVY.items():
        upload: Upload = await inspector.look("a", made())
        told.append(f"{kind}: {upload.kind} {upload.problem}, {peak(inspector)} MB")
    most = peak(inspector)
    await inspector.close()
    with capsys.disabled():
        print("\npeak memory of the process that looks at files:", *told, sep="\n  ")
    assert 0 < most < 300


def peak(inspector: Inspector) -> int:
    """Return the most memory that a process has held, in MB; each file goes to the same one."""
    (pid,) = inspector.processes
    with open(f"/proc/{pid}/status") as status:
        (held,) = [line.split()[1] for line in status if line.startswith("VmHWM")]
    return int(held) // 1000
