"""Deadline day for tests: `noon run` on a shifted clock, real mailboxes behind a real Postfix."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import fpdf
from PIL import Image, ImageDraw

from tests.imap.dovecot import Dovecot
from tests.smtp.postfix import Postfix, postfix
from tests.system import free_port
from tests.telegram.service import Service

AGENCY, PERSON, NOON = "incidenti@agency.example", "anna@person.example", "noon@noon.example"
BRUSSELS = ZoneInfo("Europe/Brussels")
FOLDERS = {"agency.example": "", "person.example": "person", "noon.example": "bounces"}
BEFORE_NOON = "2026-03-05T11:57:00+01:00"


@dataclass(frozen=True)
class Mailboxes:
    """The agency's, the person's and Noon's own mailbox, read over IMAP."""

    imap: Dovecot
    smtp: Postfix

    def agency(self) -> list[EmailMessage]:
        """Return what the agency got, oldest first."""
        return self._mails("INBOX")

    def person(self) -> list[EmailMessage]:
        """Return what the person got, oldest first."""
        return self._mails("person")

    def _mails(self, folder: str) -> list[EmailMessage]:
        kept = self.imap.mails(folder)
        return [message_from_bytes(one.raw, policy=policy.default) for one in kept]


@contextmanager
def mailboxes() -> Iterator[Mailboxes]:
    """Run Dovecot, and Postfix before it."""
    with Dovecot() as imap, postfix(imap.folder / "home", FOLDERS) as smtp:
        for folder in ("person", "bounces"):
            imap.make(folder)
        yield Mailboxes(imap, smtp)


@asynccontextmanager
async def deadline_day(
    folder: Path, mail: Mailboxes, telegram: str = "", **variables: str
) -> AsyncIterator[str]:
    """Run `noon run` three minutes before noon on 5 March 2026; yield the page's address.

    `telegram` is the address of a Bot API server, where there is one.
    """
    port = free_port()
    given = {
        "NOON_PORT": str(port),
        "NOON_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "NOON_OPS_PORT": "0",
        "NOON_NOW": BEFORE_NOON,
        "NOON_SMTP_URL": mail.smtp.url,
        "NOON_MAIL_FROM": NOON,
        "NOON_INCIDENT_MAILBOX": AGENCY,
        "NOON_BOUNCES": mail.imap.url("bounces"),
    }
    async with Service(telegram, folder, **(given | variables)) as service:
        await service.start("run")
        yield f"http://127.0.0.1:{port}"
        await service.stop()


def screenshot(text: str = "504 Gateway Time-out", width: int = 1920) -> bytes:
    """Return a picture of a page with an error, as PNG."""
    image = Image.new("RGB", (width, width * 9 // 16), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, 60), "#dde3ee")
    draw.text((20, 20), "https://webgate.ec.europa.eu/erasmus-applications", "black")
    draw.text((20, 120), f"{text}   05.03.2026 11:58:03", "black", font_size=32)
    told = BytesIO()
    image.save(told, "PNG")
    return told.getvalue()


def heavy_screenshot(number: int) -> bytes:
    """Return a screenshot of more than 5 MB as PNG: half of it is a picture full of grain."""
    image = Image.new("RGB", (2560, 1440), "white")
    image.paste(Image.effect_noise((2560, 720), 90 + number).convert("RGB"), (0, 720))
    grain = Image.frombytes("RGB", (2560, 560), Random(number).randbytes(2560 * 560 * 3))
    image.paste(grain, (0, 880))
    draw = ImageDraw.Draw(image)
    draw.text((40, 200), f"503 Service Unavailable {number}", "black", font_size=48)
    told = BytesIO()
    image.save(told, "PNG")
    return told.getvalue()


def form(pages: int = 3) -> bytes:
    """Return a plain PDF that stands for an application form."""
    pdf = fpdf.FPDF()
    pdf.set_font("helvetica", size=12)
    for page in range(pages):
        pdf.add_page()
        pdf.cell(text=f"Application form KA220-SCH-0A1B2C3D, page {page + 1}")
    return bytes(pdf.output())
