"""The `noon` command. Answers go to stdout, diagnostics to stderr.

Exit 0: fine; 1: the answer is no; 2: bad usage or bad input.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bot.commands import incidents, outbox, subscribers
from bot.commands.announce import above, announce
from bot.commands.doctor import doctor
from bot.commands.editing import reports, unanswered
from bot.settings import BadSettings, Settings, load_settings
from bot.store import Unreachable
from rules.errors import DataError

if TYPE_CHECKING:
    from handlers.visit import Desk

app = typer.Typer(
    help="Noon: steps, eligibility and deadlines for Erasmus+ KA2 projects.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database_app = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(database_app, name="db")
app.add_typer(subscribers.app, name="subscribers")
app.add_typer(outbox.app, name="outbox")
app.add_typer(incidents.app, name="incidents")
app.command()(announce)
app.command()(doctor)
app.command()(unanswered)
app.command()(reports)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
Lang = Annotated[str | None, typer.Option("--lang", help="lv or en.")]


def main() -> None:
    """Run the command; what a person can put right ends with exit code 2 and its text."""
    try:
        app()
    except (BadSettings, DataError, Unreachable) as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{problem.filename}: {problem.strerror}" if problem.filename else str(problem))


def fail(problem: str, code: int = 2) -> NoReturn:
    """Say what is wrong on stderr and leave with `code`."""
    print(f"noon: {problem}", file=sys.stderr)
    raise SystemExit(code)


def show(value: object) -> None:
    """Print one JSON value."""
    print(json.dumps(value, ensure_ascii=False, indent=None if not sys.stdout.isatty() else 2))


def language(given: str | None, settings: Settings) -> str:
    """Return the language asked for, or the one that is set; another one ends with exit code 2."""
    from handlers.words import LANGUAGES

    chosen = given or settings.lang
    if chosen not in LANGUAGES:
        fail(f"--lang {chosen}: Noon speaks {' and '.join(LANGUAGES)}")
    return chosen


@app.command()
def run() -> None:
    """Run everything that is configured, in one process."""
    from bot.roles import run_all

    _serve(run_all)


@app.command()
def web() -> None:
    """Run the web page, the calendar feed and, in webhook mode, Telegram's door."""
    from bot.roles import run_web

    _serve(run_web)


@app.command()
def telegram() -> None:
    """Run the Telegram face."""
    from bot.roles import run_telegram

    _serve(run_telegram)


@app.command()
def post() -> None:
    """Run the post office: reminders, confirmations and notices leave from here."""
    from bot.roles import run_post

    _serve(run_post)


def _serve(role: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    from bot.logs import set_up
    from bot.roles import CannotRun

    settings = load_settings()
    set_up(settings.secrets)
    try:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(role(settings))
    except CannotRun as problem:
        fail(str(problem))
    except KeyboardInterrupt:
        pass


def _new_loop() -> asyncio.AbstractEventLoop:
    """Return the fast loop where it can be had (not on Windows), else the standard one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


@app.command()
def chat(lang: Lang = None, as_json: Json = False) -> None:
    """Hold the conversation in the terminal; reads lines from a pipe too."""
    from bot.faces import terminal
    from bot.service import open_noon

    settings = load_settings()
    chosen = language(lang, settings)

    async def talk() -> None:
        async with open_noon(settings, migrate=settings.embedded) as noon:
            await terminal.chat(noon, chosen, as_json)

    asyncio.run(talk())


@app.command()
def ask(question: list[str], lang: Lang = None, as_json: Json = False) -> None:
    """Answer one question with the whole guide."""
    from bot.faces import terminal

    settings = load_settings()
    desk, now = _desk(settings)
    _rehearsal_note(desk, now)
    answer = terminal.ask(desk, " ".join(question), language(lang, settings), now)
    if as_json:
        show(answer)
    else:
        print(above(settings, desk, now, language(lang, settings)) + str(answer["text"]))
    raise SystemExit(0 if answer["topic"] else 1)


@app.command()
def deadlines(
    every: Annotated[
        bool, typer.Option("--all", help="Every action, conditional and past.")
    ] = False,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Tell the KA2 deadlines of the newest call, in any state."""
    from bot.faces import tables

    settings = load_settings()
    desk, now = _desk(settings)
    if as_json:
        show(tables.deadlines(desk, now, every=every))
    else:
        spoken = language(lang, settings)
        news = above(settings, desk, now, spoken)
        print(news + tables.deadlines_text(desk, now, spoken, every=every))


@app.command()
def ics(
    selection: Annotated[
        list[str] | None, typer.Argument(help="KA220, VET, KA220-VET, all …")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write to this file.")
    ] = None,
    alarm: Annotated[str | None, typer.Option(help="Remind this long before: 2h, 1d.")] = None,
    lang: Lang = None,
) -> None:
    """Print deadlines as an iCalendar file."""
    from bot.faces import tables
    from handlers import deadlines as told
    from handlers import ics as files
    from handlers.words import words
    from rules.selection import UnknownSelection, parse

    settings = load_settings()
    desk, _ = _desk(settings)
    speech = words(language(lang, settings))
    try:
        chosen = parse(selection or [], list(desk.facts.newest.deadlines.values()))
    except UnknownSelection as unknown:
        fail(told.unknown_selection(speech, unknown))
    content = files.build(desk, chosen, speech, alarm=_before(alarm))
    tables.write(content, output)


@app.command()
def eligibility(
    action: str,
    answers: Annotated[Path, typer.Option("--answers", help="JSON file with the answers.")],
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Decide whether an application would be eligible, criterion by criterion."""
    from bot.faces import tables

    settings = load_settings()
    desk, now = _desk(settings)
    _rehearsal_note(desk, now)
    try:
        result = tables.eligibility(desk, action, answers, language(lang, settings))
    except tables.BadAnswers as problem:
        fail(str(problem))
    if as_json:
        show(result.record)
    else:
        print(result.text)
    raise SystemExit(1 if result.record["verdict"] == "not_eligible" else 0)


@app.command()
def check() -> None:
    """Validate all facts, guides, messages and dates; name file and key of every mistake."""
    from bot.checks import problems, translated

    found = problems(load_settings().calendar_dir)
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        fail(f"mistakes in the data: {len(found)}", 1)
    print("all data are in order", file=sys.stderr)
    print(f"guides in both languages: {translated()}")


@database_app.command()
def upgrade() -> None:
    """Bring the database to the shape this version needs."""
    from bot.store.database import Database
    from bot.store.schema import upgrade as bring_up

    async def migrate() -> None:
        database = Database(load_settings().database)
        try:
            await bring_up(database)
        finally:
            await database.close()

    asyncio.run(migrate())


def _desk(settings: Settings) -> "tuple[Desk, datetime]":
    from bot.almanac import Almanac
    from bot.clock import Clock

    clock = Clock(settings.now, settings.now_rate)
    return Almanac(settings, clock).desk, clock.now()


def _rehearsal_note(desk: "Desk", now: datetime) -> None:
    if desk.rehearsed:
        print(f"noon: rehearsal: the clock says {now:%Y-%m-%d %H:%M} UTC", file=sys.stderr)


def _before(alarm: str | None) -> timedelta | None:
    from handlers.ics import BadAlarm, before

    try:
        return before(alarm) if alarm else None
    except BadAlarm as problem:
        fail(str(problem))
