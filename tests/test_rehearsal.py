"""A whole season on a shifted clock: subscribed in a browser, confirmed from a mail, reminded.

From 1 February to 7 March 2026 in a minute and a half, over restarts: the six reminders arrive at
the hours they should, and none after "submitted". Days on which something is due pass at an hour a
second, so that a mail that is slow for a moment does not come at another hour; weeks fly by.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, Page, expect

from handlers.words import words
from tests.post.running import noon, stop
from tests.system import environment, free_port, until
from tests.web.browser import browser

RIGA = ZoneInfo("Europe/Riga")
SAYS = words("lv").say
STAYS, SUBMITS = "paliek@example.org", "iesniedz@example.org"
CLOSING = datetime(2026, 3, 5, 13, 0, tzinfo=RIGA)
LEADS = {
    "T-30d": datetime(2026, 2, 3, 13, 0, tzinfo=RIGA),
    "T-14d": datetime(2026, 2, 19, 13, 0, tzinfo=RIGA),
    "T-7d": datetime(2026, 2, 26, 13, 0, tzinfo=RIGA),
    "T-3d": datetime(2026, 3, 2, 13, 0, tzinfo=RIGA),
    "T-1d": datetime(2026, 3, 4, 13, 0, tzinfo=RIGA),
    "T-2h": datetime(2026, 3, 5, 11, 0, tzinfo=RIGA),
}
PATIENCE = 60.0


@asynccontextmanager
async def running(folder: Path, port: int, start: datetime, rate: float = 1) -> AsyncIterator[None]:
    """Run `noon run` from `start` on, at so many seconds a second."""
    process = await noon(
        "run",
        **environment(
            NOON_DATA_DIR=str(folder),
            NOON_PORT=str(port),
            NOON_OPS_PORT="0",
            NOON_LANG="lv",
            NOON_NOW=start.isoformat(),
            NOON_NOW_RATE=str(rate),
        ),
    )
    try:
        await _until_up(port)
        yield
    finally:
        await stop(process)


HOURS, WEEKS = 3_600.0, 90_000.0
"""Seconds of the rehearsal's clock in one: where something is due, and where nothing is."""

GAP = timedelta(days=7)


async def test_six_reminders_come_at_their_hours_and_none_after_submitted(
    tmp_path: Path,
) -> None:
    port = free_port()
    async with browser() as chromium:
        async with running(tmp_path, port, datetime(2026, 2, 1, 10, 0, tzinfo=RIGA)):
            for person in (STAYS, SUBMITS):
                await _subscribe(chromium, tmp_path, port, person)
        await _day_of(tmp_path, port, "T-30d", (SUBMITS, STAYS))
        async with running(tmp_path, port, LEADS["T-30d"] + timedelta(days=1), WEEKS):
            await asyncio.sleep(GAP.total_seconds() / WEEKS)
        assert len(_reminders(tmp_path, STAYS)) == 1
        for lead in ("T-14d", "T-7d"):
            await _day_of(tmp_path, port, lead, (SUBMITS, STAYS))
        async with running(tmp_path, port, datetime(2026, 2, 27, 10, tzinfo=RIGA)):
            await _submitted(chromium, _reminders(tmp_path, SUBMITS)[-1])
        for lead in ("T-3d", "T-1d", "T-2h"):
            await _day_of(tmp_path, port, lead, (STAYS,))
        submits, stays = (_reminders(tmp_path, person) for person in (SUBMITS, STAYS))
        # What was captured a month ago is thrown away meanwhile.
        async with running(tmp_path, port, CLOSING - timedelta(hours=1), WEEKS):
            await asyncio.sleep(2 * 86_400 / WEEKS)
    assert _newest(tmp_path, SUBMITS) == _date(submits[-1])
    assert _newest(tmp_path, STAYS) == _date(stays[-1])
    assert len(submits) == 3
    arrived = [_date(mail).astimezone(RIGA) for mail in stays]
    for came, (lead, due) in zip(arrived, LEADS.items(), strict=True):
        early = timedelta(minutes=15 if lead.endswith("h") else 60)
        assert due - early <= came < CLOSING, lead
        assert came - due < timedelta(days=1), lead
        assert lead.endswith("h") or time(8) <= came.time() <= time(20, 1), lead


async def _day_of(folder: Path, port: int, lead: str, people: tuple[str, ...]) -> None:
    """Let the hours around a reminder pass, until all of `people` have it."""
    number = list(LEADS).index(lead) + 1
    async with running(folder, port, LEADS[lead] - timedelta(minutes=90), HOURS):
        for person in people:
            await _reminded(folder, person, number)


async def _subscribe(chromium: Browser, folder: Path, port: int, person: str) -> None:
    page = await chromium.new_page(locale="lv-LV")
    await page.goto(f"http://127.0.0.1:{port}/?lang=lv")
    for action in ("KA210", "KA240"):
        await page.uncheck(f"#remind-{action}")
    await page.check("#remind-SCH")
    await page.fill("#remind-email", person)
    await page.check("#remind-consent")
    await page.click("form.signup button")
    await until(lambda: len(_mails(folder, person)) == 1)
    (confirmation,) = _mails(folder, person)
    await page.goto(_link(confirmation, "confirm"))
    await _press_only_button(page)
    await page.close()


async def _submitted(chromium: Browser, reminder: EmailMessage) -> None:
    page = await chromium.new_page(locale="lv-LV")
    await page.goto(_link(reminder, "reminders"))
    await page.get_by_role("button", name=SAYS("reminders.choice.handed")).first.click()
    await expect(page.locator(".done")).to_be_visible()
    await page.close()


async def _press_only_button(page: Page) -> None:
    await page.locator("main form button").click()
    await expect(page.locator("main form button")).to_have_count(0)


async def _reminded(folder: Path, person: str, number: int) -> None:
    await until(lambda: len(_reminders(folder, person)) >= number)


def _newest(folder: Path, person: str) -> datetime:
    return _date(_reminders(folder, person)[-1])


def _reminders(folder: Path, person: str) -> list[EmailMessage]:
    return [mail for mail in _mails(folder, person) if mail["List-Id"]]


def _mails(folder: Path, person: str) -> list[EmailMessage]:
    parsed = []
    for file in sorted((folder / "mail").glob("*.eml")):
        with suppress(FileNotFoundError):  # after a month it may go at any moment
            parsed.append(message_from_bytes(file.read_bytes(), policy=policy.default))
    mine = [mail for mail in parsed if mail["To"] == person]
    return sorted(mine, key=_date)


def _date(mail: EmailMessage) -> datetime:
    return parsedate_to_datetime(mail["Date"])


def _link(mail: EmailMessage, what: str) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(rf"http://\S+/{what}/\S+", body.get_content())
    assert found is not None, body.get_content()
    return found[0]


async def _until_up(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
