"""Pictures: screens with small print, and what pretends to be one or is too much of one."""

import random
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

_WORDS = (
    *("Pieteikums", "Erasmus+", "KA220-SCH", "iesniegšana", "neizdevās", "11:58", "Submission"),
    *("History", "error", "Form", "ID", "partneris", "budžets", "termiņš", "Brisele"),
)


def screen(width: int = 1920, height: int = 1080, mode: str = "RGB") -> Image.Image:
    """Return a screen full of small print on bands of colour, the same every time."""
    chosen = random.Random(7)
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(14)
    for top in range(0, height, 22):
        if top % 220 == 0:
            pen.rectangle((0, top, width, top + 21), fill=(0, 68, 148))
        ink = "white" if top % 220 == 0 else (34, 40, 60)
        line = " ".join(chosen.choices(_WORDS, k=width // 110))
        pen.text((16, top + 2), line, font=font, fill=ink)
    return image.convert(mode)


def noise(width: int, height: int) -> Image.Image:
    """Return colour noise, the picture that takes the most bytes."""
    content = random.Random(7).randbytes(width * height * 3)
    return Image.frombytes("RGB", (width, height), content)


def encoded(image: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    """Return `image` as a file."""
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def photo(width: int = 4000, height: int = 3000, **how: Any) -> bytes:
    """Return what a camera makes of a screen: a JPEG of some megabytes."""
    soft = screen(width // 2, height // 2).resize((width, height))
    grain = Image.effect_noise((width, height), 24).convert("RGB")
    return encoded(Image.blend(soft, grain, 0.15), "JPEG", quality=92, **how)


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    summed = struct.pack("!I", zlib.crc32(kind + content))
    return struct.pack("!I", len(content)) + kind + content + summed


def png_of(width: int, height: int, rows: bytes = b"", colour: int = 2) -> bytes:
    """Return a PNG whose header says a size, with whatever rows there are, packed."""
    header = struct.pack("!IIBBBBB", width, height, 8, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def bomb() -> bytes:
    """Return a PNG of a few kilobytes that unpacks to 10 000 × 10 000 pixels."""
    return png_of(10_000, 10_000, b"\x00" * (10_000 * 30_001))


def text_bomb() -> bytes:
    """Return a PNG with a comment that unpacks to 100 MB."""
    packed = b"Comment\x00\x00" + zlib.compress(b"\x00" * 100_000_000, 9)
    whole = encoded(screen(400, 300))
    return whole[:33] + chunk(b"zTXt", packed) + whole[33:]


def located(orientation: int = 6) -> bytes:
    """Return a JPEG that tells where and with what it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[2] = (56.0, 57.0, 6.0)
    return encoded(screen(1600, 900), "JPEG", quality=90, exif=exif, comment=b"SecretComment")


def told_in_text() -> bytes:
    """Return a PNG that tells things beside its pixels."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "SecretName")
    told.add_itxt("XML:com.adobe.xmp", "<x>SecretPlace</x>")
    return encoded(screen(), pnginfo=told)
