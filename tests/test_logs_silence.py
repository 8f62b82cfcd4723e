"""A whole Noon in which everything fails once, at its most talkative: nothing private is logged.

Each failure is logged, so that the silence means something.
"""

import asyncio
import json
import re
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from urllib.parse import quote

import httpx

from tests.botapi import BotApi, Failed, Refused
from tests.smtp import ALWAYS, Message, Policy, SmtpServer, accept_and_drop, drop, reply
from tests.telegram.service import PATIENCE, Service
from tests.telegram.store import FILE, until
from tests.telegram.talking import said

pytest_plugins = ("tests.telegram.fixtures",)

TOKEN = "7731994:AAF-planted_token-Zq9"
CHAT, OPERATOR_CHAT = 773_199_441_122, 773_199_441_133
WRITTEN = "Planted-Ābols-7731"
ADDRESS = "planted.anna@example.org"
REFUSED = "planted.refused@example.org"
OPERATOR = "planted.operator@noon.example"
PASSWORD = "planted-p@ss/7731"
SECRET = "planted-secret-of-noon"
PLANTED = (
    TOKEN,
    TOKEN.partition(":")[2],
    str(CHAT),
    str(OPERATOR_CHAT),
    WRITTEN,
    ADDRESS,
    REFUSED,
    OPERATOR,
    PASSWORD,
    SECRET,
    "planted",
)
UNPARSED = f'can\'t parse entities: unsupported start tag "{WRITTEN}" at byte offset 3'
FAILURES = (
    "the mailbox of returned mail cannot be read",
    "an answer was dropped",
    "the outbox cannot be used",
    "a turn on the web page failed",
    "refuses us",
)
LINK = re.compile(r"http://127\.0\.0\.1:\d+/(?:confirm|unsubscribe|reminders)/([\w-]{22})")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


class Stage:
    """A Noon process, the servers it talks to, and a browser."""

    def __init__(
        self, smtp: SmtpServer, api: BotApi, service: Service, web: httpx.AsyncClient, folder: Path
    ) -> None:
        self.smtp, self.api, self.service, self.web = smtp, api, service, web
        self.folder = folder

    async def logged(self, *texts: str) -> None:
        """Wait until all of the texts have been logged."""
        await until(
            lambda: all(text in self.service.printed for text in texts),
            lambda: self.service.printed[-3000:],
        )

    async def sign_up(self, email: str) -> None:
        form = {"email": email, "action": "KA220", "sector": "VET", "consent": "yes"}
        answer = await self.web.post("/reminders", data=form, follow_redirects=True)
        assert answer.status_code == 200, answer.text

    def break_table(self, name: str, other: str) -> None:
        with closing(sqlite3.connect(self.folder / FILE, timeout=PATIENCE)) as connection:
            connection.execute(f"ALTER TABLE {name} RENAME TO {other}")
            connection.commit()


@asynccontextmanager
async def stage(folder: Path, record: Path) -> AsyncIterator[Stage]:
    policy = Policy(users={"noon": PASSWORD}, auth_required=True)
    async with SmtpServer(policy) as smtp, BotApi(token=TOKEN, trace=str(record)) as api:
        port, ops = free_port(), free_port()
        mailbox = f"imap://noon:{quote(PASSWORD, safe='')}@127.0.0.1:1/INBOX"
        service = Service(
            api.url,
            folder,
            NOON_TELEGRAM_TOKEN=TOKEN,
            NOON_SECRET=SECRET,
            NOON_PORT=str(port),
            NOON_OPS_PORT=str(ops),
            NOON_SMTP_URL=f"{smtp.url('noon', PASSWORD)}?ca={smtp.ca_file}",
            NOON_MAIL_FROM="noon@noon.example",
            NOON_BOUNCES=mailbox,
            NOON_OPERATOR_EMAIL=OPERATOR,
            NOON_OPERATOR_CHAT=str(OPERATOR_CHAT),
            NOON_NOW="2026-02-01T10:00:00+02:00",
        )
        async with (
            service,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as web,
        ):
            yield Stage(smtp, api, service, web, folder)


async def up(web: httpx.AsyncClient) -> bool:
    try:
        return (await web.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def test_nothing_private_is_logged_whatever_fails(
    folder: Path, telegram_record: Path
) -> None:
    async with stage(folder, telegram_record) as on:
        tokens = await everything(on)
        await on.service.stop()
        printed = on.service.printed
    lines = printed.splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    assert [line for line in lines if not line.startswith("{")] == [
        f"Noon: {on.web.base_url}".rstrip("/")
    ]
    said_of = "\n".join(record["what"] for record in records)
    assert [failure for failure in FAILURES if failure not in said_of] == []
    assert tokens, "a link was mailed, opened and used"
    hidden = [*PLANTED, *tokens, quote(ADDRESS, safe=""), quote(PASSWORD, safe="")]
    forms = {form for text in hidden for form in (text, json.dumps(text)[1:-1])}
    assert [form for form in forms if form in printed] == []


async def everything(on: Stage) -> set[str]:
    """Let everything fail once; return the tokens of all links that were mailed."""
    on.smtp.at("rcpt", reply(550, f"5.1.1 <{REFUSED}>: no such user"), to=REFUSED)
    on.smtp.at("rcpt", reply(450, f"4.2.1 <{ADDRESS}> greylisted, {PASSWORD}"), to=ADDRESS)
    await on.service.begin("-m", "tests.logs.loud")
    async with asyncio.timeout(PATIENCE):
        while not await up(on.web):
            await asyncio.sleep(0.05)
    await the_mail_fails(on)
    await the_links_are_bad(on)
    await telegram_fails(on)
    await the_store_fails(on)
    await the_login_fails(on)
    letters = [message.raw.decode(errors="replace") for message in on.smtp.messages]
    return {token for letter in letters for token in found(letter)}


def found(letter: str) -> list[str]:
    return LINK.findall(letter.replace("=\r\n", "").replace("=3D", "="))


async def the_mail_fails(on: Stage) -> None:
    await on.sign_up(REFUSED)
    on.smtp.at("dot", accept_and_drop())
    await on.sign_up("planted.dropped@example.org")
    letters: list[Message] = await on.smtp.received(1, PATIENCE)
    for token in found(letters[0].raw.decode()):
        for kind in ("confirm", "unsubscribe", "reminders"):
            await on.web.get(f"/{kind}/{token}")
            await on.web.post(f"/{kind}/{token}")
    on.smtp.at("mail", drop())
    await on.sign_up(ADDRESS)


async def the_links_are_bad(on: Stage) -> None:
    for kind in ("confirm", "unsubscribe", "reminders"):
        for token in (f"planted{'x' * 15}", "planted", f"{ADDRESS}"):
            assert (await on.web.get(f"/{kind}/{token}")).status_code < 500
            assert (await on.web.post(f"/{kind}/{token}")).status_code < 500
    await on.web.post("/reminders", data={"email": f"{ADDRESS}, x", "consent": "yes"})
    await on.web.post("/reminders/access", data={"email": ADDRESS})
    await on.web.post("/chat", data={"text": f"{WRITTEN} {ADDRESS}"})


async def telegram_fails(on: Stage) -> None:
    anna = on.api.user(CHAT, "en", first_name=WRITTEN, username="planted_username")
    on.api.script("sendMessage", Failed(502), Refused(400, UNPARSED))
    anna.say(WRITTEN)
    await on.logged("was dropped")
    await said(anna, f"/deadlines {WRITTEN}")


async def the_store_fails(on: Stage) -> None:
    for table, words in (("outbox", "outbox cannot be used"), ("answer", "failed")):
        on.break_table(table, "gone")
        for _ in range(2):
            await on.web.post("/reminders", data={"email": ADDRESS, "consent": "yes"})
            await on.web.post("/chat", data={"text": f"{WRITTEN} {ADDRESS}"})
        await on.logged(words)
        on.break_table("gone", table)


async def the_login_fails(on: Stage) -> None:
    on.smtp.demand(users={"noon": "another"})
    await on.smtp.drop_connections()
    wrong = reply(535, f"5.7.8 {PASSWORD} is wrong for {ADDRESS}")
    on.smtp.at("auth", wrong, times=ALWAYS)
    await on.sign_up("planted.other@example.org")
    await on.logged("refuses us", "mailbox of returned mail cannot be read")
