"""`noon doctor` against real servers on loopback: what is right, what is wrong, what to do."""

import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import URL

from bot.commands.checkup import Finding, Health, dates, names, post, reach, store, telegram
from bot.commands.checkup.examination import examine
from bot.commands.checkup.report import fine, record
from bot.settings import Settings
from handlers.words import words
from tests.botapi import BotApi, Failed
from tests.commands import command, run_all
from tests.dns import NameServer
from tests.imap import Dovecot
from tests.postgres import Postgres, sqlite
from tests.smtp import Policy, SmtpServer, reply
from tests.web.serving import serving

SENDER = "noon@noon.example"
PASSWORD = "p@ss-Planted/7731"
GOOD: Mapping[tuple[str, str], list[str]] = {
    ("noon.example", "TXT"): ['"other=1"', '"v=spf1 a:127.0.0.1 " "-all"'],
    ("noon.example", "MX"): ["10 mail.noon.example."],
    ("s1._domainkey.noon.example", "TXT"): ['"v=DKIM1; k=rsa; p=MIIBIjANBg"'],
    ("_dmarc.noon.example", "TXT"): ['"v=DMARC1; p=none"'],
}


def settings(folder: Path, **given: Any) -> Settings:
    return Settings(**{"data_dir": folder, "mail_from": SENDER, **given}, _env_file=None)


async def made(findings: AsyncIterator[Finding]) -> dict[str, Finding]:
    """Return findings by message."""
    found = [finding async for finding in findings]
    told = {finding.message: finding for finding in found}
    for finding in found:
        for language in ("lv", "en"):
            assert finding.told(words(language))
    return told


def health(found: dict[str, Finding]) -> dict[str, str]:
    return {message: finding.health.value for message, finding in found.items()}


def provider(smtp: SmtpServer, password: str = PASSWORD) -> SecretStr:
    return SecretStr(f"{smtp.url('noon', password)}?ca={smtp.ca_file}")


async def test_a_provider_that_works_is_told_with_its_encryption(tmp_path: Path) -> None:
    async with SmtpServer(Policy(users={"noon": PASSWORD}, auth_required=True)) as smtp:
        found = await made(post.providers(settings(tmp_path, smtp_url=provider(smtp))))
    assert set(health(found).values()) == {"ok"}
    assert "TLS" in found["doctor.mail.encryption.ok"].told(words("en"))
    assert not smtp.messages


async def test_a_wrong_password_a_refused_sender_and_no_encryption_fail(tmp_path: Path) -> None:
    policy = Policy(users={"noon": PASSWORD}, auth_required=True)
    async with SmtpServer(policy) as smtp:
        wrong = await made(post.providers(settings(tmp_path, smtp_url=provider(smtp, "other"))))
        smtp.at("mail", reply(550, "5.7.1 not your address"))
        sender = await made(post.providers(settings(tmp_path, smtp_url=provider(smtp))))
        smtp.demand(starttls=False)
        bare = await made(post.providers(settings(tmp_path, smtp_url=provider(smtp))))
    assert health(wrong)["doctor.mail.login.fails"] == "fails"
    assert health(sender)["doctor.mail.sender.fails"] == "fails"
    assert "not your address" in sender["doctor.mail.sender.fails"].told(words("en"))
    assert health(bare)["doctor.mail.encryption.fails"] == "fails"
    told = [each.told(words("en")) for found in (wrong, sender, bare) for each in found.values()]
    assert not [text for text in told if PASSWORD in text]


async def test_good_records_are_good(tmp_path: Path) -> None:
    given = settings(tmp_path, smtp_url=SecretStr("smtp://127.0.0.1:25?tls=none"))
    async with NameServer(GOOD) as server:
        found = await made(names.examine(given, server.resolver()))
    assert health(found) == dict.fromkeys(
        ("doctor.spf.ok", "doctor.dkim.ok", "doctor.dmarc.ok", "doctor.mx.ok"), "ok"
    )
    assert found["doctor.dkim.ok"].values["selector"] == "s1"


async def recorded(
    tmp_path: Path, changes: Mapping[tuple[str, str], list[str]], host: str = "mail.example.net"
) -> dict[str, Finding]:
    """Return what is found where the records are good but for `changes`; an empty one is gone."""
    records = {place: data for place, data in {**GOOD, **changes}.items() if data}
    async with NameServer(records) as server:
        given = settings(tmp_path, smtp_url=SecretStr(f"smtp://u:p@{host}:587"))
        return await made(names.examine(given, server.resolver()))


SPF = ("noon.example", "TXT")
BAD_SPF = [
    ([], "mail.example.net", "doctor.spf.none", 'noon.example. TXT "v=spf1 a:mail.example.net -'),
    ([], "smtp.gmail.com", "doctor.spf.none", 'TXT "v=spf1 include:_spf.google.com -all"'),
    ([], "192.0.2.7", "doctor.spf.none", 'TXT "v=spf1 ip4:192.0.2.7 -all"'),
    (['"v=spf1 -all"', '"v=spf1 mx"'], "mail.example.net", "doctor.spf.several", ""),
    (['"v=spf1 +all"'], "mail.example.net", "doctor.spf.everybody", '"v=spf1 a:mail.example.net'),
    (['"v=spf10 -all"'], "mail.example.net", "doctor.spf.none", "v=spf1"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "host", "message", "record"), BAD_SPF)
async def test_what_is_wrong_with_spf_is_told_with_the_record_that_is_missing(
    tmp_path: Path, data: list[str], host: str, message: str, record: str
) -> None:
    found = await recorded(tmp_path, {SPF: data}, host)
    assert found[message].health is Health.FAILS
    assert record in found[message].told(words("en"))


async def test_dmarc_may_stand_at_a_parent_and_a_withdrawn_key_is_none(tmp_path: Path) -> None:
    key, policy = ("s1._domainkey.noon.example", "TXT"), ("_dmarc.noon.example", "TXT")
    found = await recorded(tmp_path, {key: ['"v=DKIM1; p="'], policy: []})
    assert found["doctor.dkim.none"].health is Health.WARNING
    wanted = '_dmarc.noon.example. TXT "v=DMARC1; p=none; rua=mailto:postmaster@noon.example"'
    assert wanted in found["doctor.dmarc.none"].told(words("lv"))
    async with NameServer({**GOOD, ("mail.noon.example", "TXT"): ['"v=spf1 mx -all"']}) as server:
        given = settings(
            tmp_path,
            mail_from="noon@mail.noon.example",
            smtp_url=SecretStr("smtp://127.0.0.1:25?tls=none"),
        )
        inherited = await made(names.examine(given, server.resolver()))
    assert inherited["doctor.dmarc.ok"].values["domain"] == "noon.example"


async def test_dns_that_cannot_be_asked_or_knows_nothing_is_no_failure(tmp_path: Path) -> None:
    given = settings(tmp_path, smtp_url=SecretStr("smtp://127.0.0.1:25?tls=none"))
    for server in (NameServer(GOOD, silent=True), NameServer({})):
        async with server:
            found = await made(names.examine(given, server.resolver()))
        assert health(found) == {"doctor.dns.silent": "warning"}
        assert server.asked
    async with NameServer({("other.example", "A"): ["192.0.2.1"]}) as server:
        found = await made(names.examine(given, server.resolver()))
    assert health(found) == {"doctor.dns.unknown": "fails"}


async def test_the_mailbox_of_returned_mail_is_opened_and_left_as_it_was(tmp_path: Path) -> None:
    with Dovecot() as imap:
        imap.put(b"Subject: returned\r\n\r\nreturned\r\n")
        good = await made(post.bounces(settings(tmp_path, bounces=SecretStr(imap.url()))))
        url = imap.url(password="planted")
        wrong = await made(post.bounces(settings(tmp_path, bounces=SecretStr(url))))
        assert [mail.flags for mail in imap.mails()] == [frozenset()]
    assert health(good) == {"doctor.bounces.ok": "ok"}
    assert health(wrong) == {"doctor.bounces.fails": "fails"}
    assert "planted" not in wrong["doctor.bounces.fails"].told(words("en"))


async def test_telegram_is_asked_who_the_bot_is(tmp_path: Path) -> None:
    async with BotApi() as api:
        given = {"telegram_token": SecretStr(api.token), "telegram_api": api.url}
        good = await made(telegram.examine(settings(tmp_path, **given)))
        hook = settings(tmp_path, **given, telegram_mode="webhook", public_url="https://n.example")
        waiting = await made(telegram.examine(hook))
        other = {**given, "telegram_token": SecretStr("1:wrong")}
        wrong = await made(telegram.examine(settings(tmp_path, **other)))
        api.script("getMe", Failed(502))
        down = await made(telegram.examine(settings(tmp_path, **given)))
    assert health(good) == {"doctor.telegram.ok": "ok", "doctor.telegram.polling": "ok"}
    assert health(waiting)["doctor.telegram.no-webhook"] == "warning"
    assert health(wrong) == {"doctor.telegram.token": "fails"}
    assert health(down) == {"doctor.telegram.unreachable": "fails"}


async def test_both_databases_are_looked_at(url: URL, tmp_path: Path) -> None:
    address = SecretStr(url.render_as_string(hide_password=False))
    found = await made(store.database(settings(tmp_path, database_url=address)))
    assert set(health(found).values()) == {"ok"}
    last = "doctor.database.lasting" if "sqlite" in str(url) else "doctor.clock.together"
    assert {"doctor.database.ok", "doctor.database.writable", last} == set(found)


async def test_a_database_that_is_not_as_it_should_be_is_told(
    tmp_path: Path, postgres: Postgres, sqlite_file: Path
) -> None:
    def at(address: str) -> AsyncIterator[Finding]:
        return store.database(settings(tmp_path, database_url=SecretStr(address)))

    assert health(await made(at(f"sqlite:///{tmp_path}/none.sqlite"))) == {
        "doctor.database.not-yet": "warning"
    }
    assert not (tmp_path / "none.sqlite").exists()
    bare = postgres.create().render_as_string(hide_password=False)
    assert health(await made(at(bare))) == {"doctor.database.not-migrated": "fails"}
    away = await made(
        at(f"postgresql://noon:{PASSWORD.replace('/', '%2F').replace('@', '%40')}@127.0.0.1:1/noon")
    )
    assert health(away) == {"doctor.database.unreachable": "fails"}
    assert "Planted" not in str([each.told(words("en")) for each in away.values()])


async def test_a_file_locked_by_another_program_cannot_be_written_to(
    tmp_path: Path, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database._PRAGMAS", ("PRAGMA busy_timeout=50",))
    path = tmp_path / "noon.sqlite"
    shutil.copy(sqlite_file, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        address = SecretStr(sqlite(path).render_as_string())
        found = await made(store.database(settings(tmp_path, database_url=address)))
        other.execute("ROLLBACK")
    assert health(found)["doctor.database.unwritable"] == "fails"


async def test_a_folder_that_others_may_read_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    found = await made(store.folder(settings(tmp_path)))
    assert health(found)["doctor.data.open"] == "warning"
    tmp_path.chmod(0o700)
    assert "doctor.data.ok" in await made(store.folder(settings(tmp_path)))
    assert "doctor.data.none" in await made(store.folder(settings(tmp_path / "later")))


async def test_the_web_address_is_tried_and_measured(tmp_path: Path, url: URL) -> None:
    async with serving(url, data_dir=tmp_path) as site:
        found = await made(reach.examine(settings(tmp_path, public_url=site.address)))
        wrong = await made(reach.examine(settings(tmp_path, public_url=f"{site.address}/x")))
    assert health(found) == {"doctor.web.ok": "ok"}
    assert health(wrong)["doctor.web.other"] == "fails"


UNFIT = [
    ({"public_url": f"https://{'n' * 40}.invalid"}, "doctor.web.unfit"),
    ({"public_url": "http://noon.invalid"}, "doctor.web.plain"),
    ({"smtp_url": SecretStr("smtp://127.0.0.1:25?tls=none")}, "doctor.web.loopback"),
    ({"public_url": "https://127.0.0.2:1"}, "doctor.web.unreachable"),
]


@pytest.mark.parametrize(("given", "message"), UNFIT)
async def test_an_address_that_is_no_good_for_mails_fails(
    tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    found = await made(reach.examine(settings(tmp_path, **{"port": 1, **given})))
    assert health(found)[message] == "fails"


async def test_a_page_that_is_not_started_yet_is_a_warning(tmp_path: Path) -> None:
    found = await made(reach.examine(settings(tmp_path, port=1)))
    assert health(found) == {"doctor.web.unreachable": "warning"}


async def test_the_longest_address_that_fits_is_fit(tmp_path: Path) -> None:
    """40 characters and `<…/unsubscribe/` with 22 more make 77."""
    for length, good in ((40, True), (41, False)):
        address = "https://" + "n" * (length - 16) + ".invalid"
        found = await made(reach.examine(settings(tmp_path, public_url=address)))
        assert ("doctor.web.unfit" not in found) is good


async def test_a_rehearsal_and_nobody_to_warn_are_warnings(tmp_path: Path) -> None:
    shifted = settings(tmp_path, now="2026-03-01T09:00:00+02:00")
    assert health(await made(dates.clock(shifted))) == {"doctor.clock.rehearsal": "warning"}
    alone = await made(dates.settings(settings(tmp_path, operator_chat=42)))
    assert health(alone)["doctor.settings.nobody"] == "warning"


async def test_no_part_keeps_the_others_from_their_turn(tmp_path: Path) -> None:
    given = settings(
        tmp_path,
        smtp_url=SecretStr("smtp://127.0.0.1:1?tls=none"),
        telegram_token=SecretStr("1:a"),
        telegram_api="http://127.0.0.1:1",
        public_url="http://127.0.0.1:1",
        bounces=SecretStr("imap://noon:secret@127.0.0.1:1/INBOX"),
    )
    async with NameServer({}) as server:
        found = [finding async for finding in examine(given, server.resolver())]
    abouts = list(dict.fromkeys(finding.about for finding in found))
    parts = ["settings", "data", "database", "clock", "mail", "dns", "bounces", "telegram", "web"]
    assert abouts == parts
    assert not fine(found)
    failed = {finding.about for finding in found if finding.health is Health.FAILS}
    assert failed == {"mail", "bounces", "telegram", "web"}
    assert record(found, words("en"))["fine"] is False


def test_the_command_prints_lines_or_json_and_tells_by_its_exit_code(tmp_path: Path) -> None:
    refused = {"NOON_TELEGRAM_TOKEN": "1:planted", "NOON_TELEGRAM_API": "http://127.0.0.1:1"}
    port = {"NOON_PORT": "1"}
    done = run_all(
        {
            "lines": command("doctor", "--lang", "en", **port),
            "json": command("doctor", "--json", **port, **refused),
            "wrong": command("doctor", NOON_PORT="many"),
        },
        tmp_path,
    )
    lines = done["lines"]
    assert (lines.code, lines.err) == (0, "")
    assert all(line.split()[0] in ("ok", "warning") for line in lines.out.splitlines())
    assert done["json"].code == 1
    told = done["json"].value
    assert told["fine"] is False
    assert {each["health"] for each in told["findings"]} == {"ok", "warning", "fails"}
    assert "planted" not in json.dumps(told) + done["json"].err
    assert done["wrong"].code == 1
    assert "NOON_PORT" in done["wrong"].out


async def test_mail_from_nobody_in_particular_is_a_warning(tmp_path: Path) -> None:
    given = {"smtp_url": SecretStr("smtp://127.0.0.1:25?tls=none")}
    named = {"controller": "Society Example, office@example.org"}
    unnamed = await made(dates.settings(settings(tmp_path, **given)))
    assert health(unnamed)["doctor.settings.no-controller"] == "warning"
    for each in (named, given | named):
        assert "doctor.settings.no-controller" not in await made(
            dates.settings(settings(tmp_path, **each))
        )
