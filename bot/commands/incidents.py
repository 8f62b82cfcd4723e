"""`noon incidents`: how the notices to the agency stand, and letting held ones go."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from bot.incident.counting import Count
    from bot.service import Noon
    from handlers.cases import Notice

app = typer.Typer(help="Notices to the agency that somebody cannot submit.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]


@app.callback(invoke_without_command=True)
def tell(context: typer.Context, as_json: Json = False) -> None:
    """Tell how many notices there are and which need a person; they are known by ids of ours.

    Counted are those whose window is open or closed within the last 48 hours. Moments are in UTC.
    """
    if context.invoked_subcommand is not None:
        return
    from bot.incident import reporting

    record = asyncio.run(_count())
    if as_json:
        typer.echo(json.dumps(reporting.record(record), ensure_ascii=False))
        return
    for line in reporting.lines(record):
        typer.echo(line)


@app.command()
def show(identifier: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Show one notice with its whole record, to decide about it; its Form ID is not shown."""
    from bot.incident import reporting

    found = asyncio.run(_notice(identifier))
    if found is None:
        _fail(f"no notice {identifier}", 1)
    if as_json:
        typer.echo(json.dumps(reporting.whole(found), ensure_ascii=False))
        return
    for line in reporting.told(found):
        typer.echo(line)


@app.command()
def release(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are held.")] = False,
    as_json: Json = False,
) -> None:
    """Let held notices leave now.

    Exit code 1 where one of them is not held, or its window has closed.
    """
    if bool(ids) == every:
        _fail("give the ids of held notices, or --all, and not both")
    wanted, gone = asyncio.run(_release(ids or []))
    refused = [one for one in wanted if one not in gone]
    if as_json:
        typer.echo(json.dumps({"released": gone, "refused": refused}))
    else:
        for one in refused:
            typer.echo(f"{one}: not held, or its window has closed", err=True)
        typer.echo(f"released: {len(gone)}, refused: {len(refused)}")
    raise SystemExit(1 if refused else 0)


@app.command()
def block() -> None:
    """Send no notice to the agency any more: every one is handed to its person."""
    asyncio.run(_block())
    typer.echo("no notices are sent to the agency; lift it with: noon incidents unblock")


@app.command()
def unblock() -> None:
    """Send notices to the agency again, whoever stopped them. Exit code 1: nothing was stopped."""
    lifted = asyncio.run(_unblock())
    typer.echo(f"lifted: {lifted}")
    raise SystemExit(0 if lifted else 1)


def _fail(problem: str, code: int = 2) -> NoReturn:
    typer.echo(f"noon: {problem}", err=True)
    raise SystemExit(code)


@asynccontextmanager
async def _opened() -> "AsyncIterator[Noon]":
    from bot.service import open_noon
    from bot.settings import load_settings

    settings = load_settings()
    async with open_noon(settings, migrate=settings.embedded) as noon:
        yield noon


async def _count() -> "Count":
    from bot.incident import counting

    async with _opened() as noon, noon.database.read() as connection:
        return await counting.count(connection, noon.clock.now())


async def _notice(identifier: str) -> "Notice | None":
    from bot.incident import register

    async with _opened() as noon, noon.database.read() as connection:
        row = await register.by_id(connection, identifier)
        return None if row is None else await register.notice(noon.books(connection), row)


async def _release(ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return which were wanted (all that are held where none is named), and which go."""
    from bot.incident import holding

    async with _opened() as noon, noon.database.write() as connection:
        books = noon.books(connection)
        wanted = list(dict.fromkeys(ids)) or [row.id for row in await holding.held(books)]
        return wanted, await holding.release(books, wanted)


async def _block() -> None:
    from bot.incident import stopping

    async with _opened() as noon, noon.database.write() as connection:
        await stopping.block(noon.books(connection))


async def _unblock() -> int:
    from bot.incident import stopping

    async with _opened() as noon, noon.database.write() as connection:
        return await stopping.lift(noon.books(connection))
