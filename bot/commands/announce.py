"""`noon announce`: what everybody is told on every face, with its source."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from bot.incident.announcing import Announced
    from bot.service import Noon
    from bot.settings import Settings
    from handlers.visit import Desk

PATIENCE = 3.0
"""Seconds that a command which needs no database waits for one, to see what is announced."""


UNCHANGED = (
    "noon: deadlines, windows and reminders stay as the calendar has them; where one was moved,"
    " write it in NOON_CALENDAR_DIR"
)
"""What an announcement does not do."""


def announce(
    lv: Annotated[str, typer.Option("--lv", help="The text in Latvian.")] = "",
    en: Annotated[str, typer.Option("--en", help="The text in English.")] = "",
    source: Annotated[str, typer.Option(help="Where it is officially said: https://…")] = "",
    hours: Annotated[float, typer.Option(min=0.1, max=168, help="How long it stands.")] = 12,
    withdraw: Annotated[str, typer.Option(help="Take down the one with this id.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value only.")] = False,
) -> None:
    """Tell everybody something, on every face within ten seconds; with no option: what is told.

    Open incidents are told at once. Exit code 1: there is none with that id, or it was not wanted.
    """
    if withdraw:
        _withdrawn(withdraw, as_json)
    elif lv or en or source:
        _announced(lv, en, source, hours, ask=not yes and sys.stdin.isatty(), as_json=as_json)
    else:
        _listed(as_json)


def _announced(lv: str, en: str, source: str, hours: float, *, ask: bool, as_json: bool) -> None:
    from bot.incident.announcing import BadAnnouncement, checked_source, checked_text

    try:
        texts = {"lv": checked_text(lv), "en": checked_text(en)}
        where = checked_source(source)
    except BadAnnouncement as bad:
        _fail(str(bad))
    for language, text in texts.items():
        typer.echo(f"[{language}] {text}\n     {where}", err=True)
    question = f"Show this to everybody, on every face, for {hours:g} hours?"
    if ask and not typer.confirm(question, err=True):
        raise SystemExit(1)
    identifier, told = asyncio.run(_put_up(texts, where, hours))
    if as_json:
        typer.echo(json.dumps({"id": identifier, "told": told}))
        return
    typer.echo(f"{identifier}  announced for {hours:g} hours; open incidents told: {told}")
    typer.echo(f"noon: take it down with: noon announce --withdraw {identifier}", err=True)
    typer.echo(UNCHANGED, err=True)


def _withdrawn(identifier: str, as_json: bool) -> None:
    done = asyncio.run(_take_down(identifier))
    if as_json:
        typer.echo(json.dumps({"withdrawn": done}))
    elif done:
        typer.echo(f"{identifier}  withdrawn")
    if not done:
        typer.echo(f"noon: no announcement {identifier} is up", err=True)
    raise SystemExit(0 if done else 1)


def _listed(as_json: bool) -> None:
    rows = asyncio.run(_current())
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['id']}  until {row['until']}  {row['source']}")
        typer.echo(f"  [lv] {row['lv']}\n  [en] {row['en']}")
    typer.echo(f"announcements: {len(rows)}", err=True)


def _fail(problem: str) -> NoReturn:
    typer.echo(f"noon: {problem}", err=True)
    raise SystemExit(2)


async def _put_up(texts: dict[str, str], source: str, hours: float) -> tuple[str, int]:
    from bot.incident import announcing, heralding

    async with _opened() as noon:
        now = noon.clock.now()
        async with noon.database.write() as connection:
            identifier = await announcing.announce(
                connection, texts["lv"], texts["en"], source, now, hours
            )
        return identifier, await heralding.tell_open(noon, identifier)


async def _take_down(identifier: str) -> bool:
    from bot.incident import announcing

    async with _opened() as noon, noon.database.write() as connection:
        return await announcing.withdraw(connection, identifier, noon.clock.now())


async def _current() -> list[dict[str, Any]]:
    from bot.incident import announcing

    async with _opened() as noon, noon.database.read() as connection:
        rows = await announcing.current(connection, noon.clock.now())
    return [
        {
            "id": row.id,
            "lv": row.text_lv,
            "en": row.text_en,
            "source": row.source,
            "since": _utc(row.made_at),
            "until": _utc(row.until),
        }
        for row in rows
    ]


def _utc(moment: float) -> str:
    from datetime import UTC

    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


@asynccontextmanager
async def _opened() -> "AsyncIterator[Noon]":
    from bot.service import open_noon
    from bot.settings import load_settings

    settings = load_settings()
    async with open_noon(settings, migrate=settings.embedded) as noon:
        yield noon


def above(settings: "Settings", desk: "Desk", now: datetime, language: str) -> str:
    """Return what stands above a command's answer, with an empty line after it; mostly nothing.

    The command needs no database: one that is not there or does not answer changes nothing else.
    """
    if settings.embedded and not Path(str(settings.database.database)).is_file():
        return ""
    from bot.incident import announcing
    from handlers import markup
    from handlers.words import words

    told = asyncio.run(_glance(settings, now, language))
    said = [markup.plain(announcing.said(one, words(language), desk)) for one in told]
    return "".join(f"{each}\n\n" for each in said)


async def _glance(settings: "Settings", now: datetime, language: str) -> "tuple[Announced, ...]":
    from bot.clock import Clock
    from bot.incident.announcing import Board
    from bot.store.database import TROUBLE, Database

    database = Database(settings.database)
    try:
        async with asyncio.timeout(PATIENCE):
            board = Board(database, Clock(settings.now, settings.now_rate))
            await board.refresh()
            return board.told(now, language)
    except (TimeoutError, *TROUBLE):
        return ()
    finally:
        await database.close()
