"""Deadline day: from "I cannot submit" to a mail in the agency's mailbox, in Telegram and Chromium.

Noon's clock begins three minutes before noon, Brussels time, on 5 March 2026; the mail goes through
Postfix and is read back over IMAP.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin

import httpx
from PIL import Image
from playwright.async_api import Page, expect

from tests.botapi import BotApi, Message, User
from tests.rehearsing import (
    AGENCY,
    BRUSSELS,
    NOON,
    PERSON,
    Mailboxes,
    deadline_day,
    form,
    heavy_screenshot,
    mailboxes,
    screenshot,
)
from tests.system import until
from tests.telegram.service import PATIENCE
from tests.telegram.talking import label, pressed, said
from tests.web.browser import browser

pytest_plugins = ["tests.telegram.fixtures"]

FORM = form()
SHOTS = (screenshot("504 Gateway Time-out"), screenshot("Error 500", 2560))
HAPPENED = "Nospiedu Submit, parādījās 504 Gateway Time-out."
POSTFIX_TAKES = 10_240_000
REST = ("KA220-SCH-0A1B2C3D", "Zaļā skola", "E10012345", "Anna Bērziņa", "+371 20000000")


async def test_a_notice_goes_from_a_chat_to_the_agency(api: BotApi, tmp_path: Path) -> None:
    anna = api.user(1001, "lv")
    with mailboxes() as mail:
        async with deadline_day(tmp_path, mail, api.url):
            shown = await confirmed(anna, mail)
            await until(lambda: len(mail.agency()) == 1)
            taken = await anna.wait_for(is_accepted, PATIENCE)
            await pressed(anna, shown, label("incident.choice.receipt"))
            receipt = await anna.wait_for(is_text, PATIENCE)
            paper = await anna.wait_for(is_pdf, PATIENCE)
        (notice,) = mail.agency()
        the_notice_is_right(notice)
        the_person_has_it_too(mail, notice)
        the_receipt_is_true(content(receipt).decode(), notice, mail)
        assert content(paper).startswith(b"%PDF-")
        assert taken.from_bot
        assert "11:5" in taken.text
        assert "12:5" in taken.text


async def test_a_notice_goes_from_the_page_to_the_agency(api: BotApi, tmp_path: Path) -> None:
    with mailboxes() as mail:
        async with deadline_day(tmp_path, mail, api.url) as address, opened(address) as page:
            await confirmed_on_the_page(page, mail, tmp_path)
            await until(lambda: len(mail.agency()) == 1)
            link = page.locator("a[href*='/incident/']").last
            await page.goto(str(await link.get_attribute("href")))
            await expect(page.locator("body")).to_contain_text(queued_as(mail), timeout=30_000)
            files = await downloads(page)
        (notice,) = mail.agency()
        the_notice_is_right(notice)
        the_person_has_it_too(mail, notice)
        the_receipt_is_true(files["receipt.txt"].decode(), notice, mail)
        assert files["receipt.pdf"].startswith(b"%PDF-")
        assert notice["Message-ID"].encode() in files["sent.eml"]


def the_notice_is_right(notice: EmailMessage) -> None:
    """Check whom the notice goes to, what it says and what it carries."""
    assert (notice["To"], notice["Cc"], notice["Reply-To"]) == (AGENCY, PERSON, PERSON)
    assert NOON in notice["From"]
    assert notice["Auto-Submitted"] is None
    for part in ("KA220-SCH-0A1B2C3D", "Rīgas 1. vidusskola"):
        assert part in notice["Subject"]
    text = plain(notice)
    for told in (HAPPENED, *REST, "11:58", "12:58", "14:00", "15:00", "1. ", "2. ", "3. "):
        assert told in text
    assert "Ziņojam par tehnisku problēmu" in text
    pdf, *pictures = notice.iter_attachments()
    assert pdf.get_content() == FORM
    for picture, original in zip(pictures, SHOTS, strict=True):
        drawn = Image.open(BytesIO(picture.get_content()))
        assert drawn.width >= 1280
        assert sha256(original).hexdigest() in text


def the_person_has_it_too(mail: Mailboxes, notice: EmailMessage) -> None:
    """Check that the copy is the same mail."""
    copies = [one for one in mail.person() if one["Message-ID"] == notice["Message-ID"]]
    assert [plain(one) for one in copies] == [plain(notice)]


def plain(mail: EmailMessage) -> str:
    """Return the text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def the_receipt_is_true(receipt: str, notice: EmailMessage, mail: Mailboxes) -> None:
    """Check the receipt's facts against the mail and against Postfix's own log."""
    assert queued_as(mail) in receipt
    assert f"message-id={notice['Message-ID']}" in mail.smtp.log
    assert notice["Message-ID"] in receipt
    assert AGENCY in receipt
    assert sha256(FORM).hexdigest() in receipt
    at = parsedate_to_datetime(notice["Date"]).astimezone(BRUSSELS)
    assert f"{at:%H:%M}" in receipt


def queued_as(mail: Mailboxes) -> str:
    """Return under which id Postfix queued the notice, by its own log; "?" before it has."""
    found = re.findall(r": (\w+): message-id=<incident\.", mail.smtp.log)
    return found[-1] if found else "?"


def code(mail: Mailboxes) -> str:
    """Return the six digits that the person was mailed last."""
    return re.findall(r"\b\d{6}\b", str(mail.person()[-1]["Subject"]))[0]


def is_accepted(message: Message) -> bool:
    """Whether a message says that a mail server has taken the notice."""
    words = label("progress.standing.accepted", at="@").partition("@")[0]
    return words in message.text


def is_text(message: Message) -> bool:
    """Whether a message carries a text file."""
    return message.document is not None and message.document.name.endswith(".txt")


def is_pdf(message: Message) -> bool:
    """Whether a message carries a PDF."""
    return message.document is not None and message.document.name.endswith(".pdf")


def content(message: Message) -> bytes:
    """Return the file of a message."""
    assert message.document is not None
    return message.document.content


async def confirmed(person: User, mail: Mailboxes) -> Message:
    """Prepare and confirm a notice in a chat, in the order in which Noon asks."""
    shown = await said(person, "nevaru iesniegt")
    await pressed(person, shown, label("incident.choice.begin"))
    await said(person, PERSON)
    await until(lambda: bool(mail.person()))
    shown = await said(person, code(mail))
    shown = await pressed(person, shown, label("eligibility.action.KA220"))
    await pressed(person, shown, next(one for one in shown.labels if one.startswith("SCH")))
    for text in ("Rīgas 1. vidusskola", HAPPENED):
        await said(person, text)
    shown = await said(person, "11:58")
    await pressed(person, shown, shown.labels[0])
    for number, picture in enumerate(SHOTS):
        await sent(person, picture, f"shot{number}.png", "image/png")
    shown = await sent(person, FORM, "form.pdf", "application/pdf")
    shown = await pressed(person, shown, label("incident.choice.unchanged-yes"))
    for text in REST:
        shown = await said(person, text)
    return await previewed(person, shown)


async def previewed(person: User, shown: Message) -> Message:
    """Have the notice shown, confirm it, and return what is said then."""
    confirm = label("incident.choice.confirm", agency="VIAA")
    shows = [label("incident.choice.preview"), label("incident.choice.preview-all")]
    person.press(shown, next(one for one in shown.labels if one in shows))
    shown = await person.wait_for(lambda one: confirm in one.labels, PATIENCE)
    person.press(shown, confirm)
    receipt = label("incident.choice.receipt")
    return await person.wait_for(lambda one: receipt in one.labels, PATIENCE)


async def sent(person: User, file: bytes, name: str, kind: str) -> Message:
    """Return the bot's next message after a file."""
    before = len(person.messages)
    person.send_document(file, name, kind)
    return (await person.wait_for(before + 1, PATIENCE))[-1]


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Page]:
    """Yield the page in a browser, in Latvian."""
    await reached(address)
    async with browser() as chromium:
        page = await chromium.new_page(locale="lv-LV")
        page.set_default_timeout(30_000)
        await page.goto(f"{address}/?lang=lv")
        yield page


async def reached(address: str) -> None:
    """Wait until the page is served."""
    async with httpx.AsyncClient() as client:
        async with asyncio.timeout(60):
            while not await _answers(client, address):
                await asyncio.sleep(0.1)


async def _answers(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(f"{address}/readyz")).is_success
    except httpx.TransportError:
        return False


async def confirmed_on_the_page(page: Page, mail: Mailboxes, folder: Path) -> None:
    """Prepare and confirm a notice on the page, in the order in which Noon asks."""
    await typed(page, "nevaru iesniegt")
    await chosen(page, label("incident.choice.begin"))
    await typed(page, PERSON)
    await until(lambda: bool(mail.person()))
    await typed(page, code(mail))
    await chosen(page, label("eligibility.action.KA220"))
    await chosen(page, re.compile("^SCH"))
    for text in ("Rīgas 1. vidusskola", HAPPENED, "11:58"):
        await typed(page, text)
    await chosen(page, re.compile("^11:58 .* = 12:58"))
    await attached(page, folder)
    await chosen(page, label("incident.choice.unchanged-yes"))
    for text in REST:
        await typed(page, text)
    await chosen(page, label("incident.choice.preview"))
    await chosen(page, label("incident.choice.confirm", agency="VIAA"))
    await expect(page.locator("a[href*='/incident/']").last).to_be_visible()


async def typed(page: Page, text: str) -> None:
    """Type a text, send it and wait for the answer."""
    await page.fill("#question", text)
    async with page.expect_response("**/chat?*"):
        await page.press("#question", "Enter")
    await expect(page.locator("#question")).to_have_value("")


async def chosen(page: Page, name: str | re.Pattern[str]) -> None:
    """Press the newest button of that name."""
    async with page.expect_response("**/chat?*"):
        await page.get_by_role("button", name=name).last.click()


async def attached(page: Page, folder: Path) -> None:
    """Send the screenshots and the form's PDF together."""
    names = ("shot1.png", "shot2.png", "form.pdf")
    for name, file in zip(names, (*SHOTS, FORM), strict=True):
        (folder / name).write_bytes(file)
    await page.set_input_files("#files", [folder / name for name in names])
    async with page.expect_response("**/chat?*"):
        await page.locator("form.ask button").click()


async def downloads(page: Page) -> dict[str, bytes]:
    """Return the files that the page of a notice offers, by the end of their address."""
    found = {}
    for link in await page.locator("a[download]").all():
        address = urljoin(page.url, str(await link.get_attribute("href")))
        answer = await page.request.get(address)
        found[address.rpartition("/")[2]] = await answer.body()
    return found


async def test_six_screenshots_of_five_megabytes_arrive_in_one_mail(
    api: BotApi, tmp_path: Path
) -> None:
    anna = api.user(1001, "lv")
    shots = [heavy_screenshot(number) for number in range(6)]
    assert min(map(len, shots)) > 5_000_000
    with mailboxes() as mail:
        async with deadline_day(tmp_path, mail, api.url):
            await said(anna, "nevaru iesniegt")
            for number, picture in enumerate(shots):
                shown = await sent(anna, picture, f"{number}.png", "image/png")
            await sent(anna, FORM, "form.pdf", "application/pdf")
            await said(anna, PERSON)
            await until(lambda: bool(mail.person()))
            await said(anna, code(mail))
            await said(anna, "KA220-SCH-0A1B2C3D")
            shown = await said(anna, "/incident")
            shown = await pressed(anna, shown, label("incident.field.organisation"))
            await said(anna, "Rīgas 1. vidusskola")
            shown = await said(anna, "/incident")
            await pressed(anna, shown, label("incident.field.happened"))
            await previewed(anna, await said(anna, HAPPENED))
            await until(lambda: len(mail.agency()) == 1)
        (notice,) = mail.agency()
        assert len(notice.as_bytes()) < POSTFIX_TAKES
        pdf, *pictures = notice.iter_attachments()
        assert pdf.get_content() == FORM
        assert [Image.open(BytesIO(one.get_content())).width >= 1280 for one in pictures] == (
            [True] * 6
        )
        text = plain(notice)
        assert all(sha256(one).hexdigest() in text for one in shots)
