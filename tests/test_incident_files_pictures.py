"""Screenshots that people send: drawn anew, small, still readable, and nothing but their pixels."""

import hashlib
from collections.abc import AsyncIterator, Callable
from io import BytesIO

import pytest
import pytest_asyncio
from PIL import Image, ImageFilter, ImageMath, ImageStat

from bot.incident.inspecting import Inspector
from bot.incident.inspecting.found import CONTENT_MOST, SMALL_MOST
from tests.hostile import pictures
from tests.hostile.pictures import encoded, screen

pytestmark = pytest.mark.asyncio(loop_scope="module")

Made = Callable[[], bytes]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inspector() -> AsyncIterator[Inspector]:
    made = Inspector(seconds=60)  # a busy machine is slow, not hostile
    yield made
    await made.close()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def sharpness(image: Image.Image) -> float:
    """How much light and dark change from pixel to pixel: what makes letters stand out."""
    return ImageStat.Stat(image.convert("L").filter(ImageFilter.FIND_EDGES)).stddev[0]


def likeness(one: Image.Image, other: Image.Image) -> float:
    """Return how alike two pictures are as an eye sees it (SSIM over squares of 8 pixels)."""
    first, second = one.convert("F"), other.convert("F")
    squares = (first.width // 8, first.height // 8)

    def mean(image: Image.Image) -> list[float]:
        return list(image.resize(squares, Image.Resampling.BOX).get_flattened_data())

    def product(left: Image.Image, right: Image.Image) -> list[float]:
        return mean(ImageMath.lambda_eval(lambda of: of["a"] * of["b"], a=left, b=right))

    total = 0.0
    parts = (mean(first), mean(second), product(first, first), product(second, second))
    for m, n, mm, nn, mn in zip(*parts, product(first, second), strict=True):
        light = (2 * m * n + 6.5) / (m * m + n * n + 6.5)
        shape = (2 * (mn - m * n) + 58.5) / (mm - m * m + nn - n * n + 58.5)
        total += light * shape
    return total / len(parts[0])


SCREENS: dict[str, tuple[Made, int]] = {
    "a small one": (lambda: encoded(screen(1024, 768)), 1024),
    "full HD": (lambda: encoded(screen()), 1920),
    "full HD with transparency": (lambda: encoded(screen(mode="RGBA")), 1920),
    "few colours": (lambda: encoded(screen(mode="P")), 1920),
    "grey": (lambda: encoded(screen(mode="L")), 1920),
    "16 bits": (lambda: encoded(deep(screen(mode="L"))), 1920),
    "4K": (lambda: encoded(screen(3840, 2160)), 1280),
    "a phone's, scrolled": (lambda: encoded(screen(1080, 6000)), 1080),
    "as JPEG": (lambda: encoded(screen(), "JPEG", quality=95), 1280),
    "JPEG for print": (lambda: encoded(screen(mode="CMYK"), "JPEG", quality=90), 1280),
    "in passes": (lambda: encoded(screen(), "JPEG", quality=90, progressive=True), 1280),
    "of 5 MB": (lambda: pictures.photo(4000, 3000), 1280),
}


@pytest.mark.parametrize("kind", list(SCREENS))
async def test_a_screenshot_is_small_and_can_be_read(inspector: Inspector, kind: str) -> None:
    made, narrowest = SCREENS[kind]
    content = made()
    upload = await inspector.look("shot.png", content)
    assert (upload.kind, upload.problem) == ("screenshot", "")
    assert (upload.size, upload.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    before = flattened(opened(content))
    for kept, most, alike in (
        (upload.content, CONTENT_MOST, 0.9),
        (upload.small, SMALL_MOST, 0.75),
    ):
        assert 0 < len(kept) <= most
        after = opened(kept)
        assert after.width >= narrowest
        assert after.format in ("PNG", "JPEG")
        scaled = before.resize(after.size, Image.Resampling.LANCZOS)
        assert sharpness(after) > 0.8 * sharpness(scaled)
        assert likeness(after, scaled) > alike


def deep(image: Image.Image) -> Image.Image:
    """Return a grey picture with 16 bits for a pixel."""
    grey = image.tobytes()
    doubled = bytearray(2 * len(grey))
    doubled[::2] = doubled[1::2] = grey
    return Image.frombytes("I;16", image.size, bytes(doubled))


def flattened(image: Image.Image) -> Image.Image:
    if image.mode == "I;16":
        return image.convert("I").point([value >> 8 for value in range(65536)], "L")
    return image.convert("RGB")


async def test_a_blurred_picture_would_be_noticed() -> None:
    """The measure of the test above tells a readable picture from one that is not."""
    clear = screen()
    blurred = clear.resize((640, 360)).resize(clear.size)
    assert sharpness(blurred) < 0.8 * sharpness(clear)
    assert likeness(blurred, clear) < 0.75


@pytest.mark.parametrize("made", [pictures.located, pictures.told_in_text], ids=["EXIF", "text"])
async def test_nothing_but_the_pixels_goes_on(inspector: Inspector, made: Made) -> None:
    content = made()
    assert b"Secret" in content
    upload = await inspector.look("IMG_1.jpg", content)
    for kept in (upload.content, upload.small):
        image = opened(kept)
        assert b"Secret" not in kept
        assert not image.getexif()
        assert not {"exif", "comment", "xmp", "icc_profile"} & set(image.info)


async def test_a_photo_on_its_side_is_turned_upright(inspector: Inspector) -> None:
    upload = await inspector.look("IMG_1.jpg", pictures.located(6))
    assert opened(upload.content).size == (900, 1600)
