"""`noon subscribers`: people who gave their consent elsewhere."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.post.books import Books
    from bot.post.taking_over import Taken
    from bot.settings import Settings

app = typer.Typer(help="People who are reminded.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `import` a command of its own, though it is the only one."""


@app.command("import")
def take_over(
    file: Annotated[Path, typer.Argument(help="CSV: email,language,selection,leads,consent.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON value and nothing else.")
    ] = False,
) -> None:
    """Take over confirmed subscribers from a CSV file; bad rows are named, the others go in."""
    from bot.post.importing import BadTable
    from bot.settings import load_settings

    try:
        taken = asyncio.run(_take_over(load_settings(), file))
    except BadTable as bad:
        typer.echo(f"noon: {bad}", err=True)
        raise SystemExit(2) from None
    _tell(taken, as_json)
    raise SystemExit(1 if taken.refused else 0)


async def _take_over(settings: "Settings", file: Path) -> "Taken":
    from bot.post import importing
    from bot.post.books import Books
    from bot.post.taking_over import take_over
    from bot.service import open_noon

    async with open_noon(settings, migrate=settings.embedded) as noon:

        @asynccontextmanager
        async def opened() -> "AsyncIterator[Books]":
            async with noon.database.write() as connection:
                now = noon.clock.now()
                desk = noon.almanac.desk
                yield Books(noon.database, connection, noon.key, desk, settings, now)

        return await take_over(importing.read(file, noon.almanac.desk), opened)


def _tell(taken: "Taken", as_json: bool) -> None:
    refused = sorted(taken.refused, key=lambda row: row.line)
    if as_json:
        rows = [{"line": row.line, "reason": row.reason} for row in refused]
        typer.echo(json.dumps({"added": taken.added, "known": taken.known, "refused": rows}))
        return
    for row in refused:
        typer.echo(f"line {row.line}: {row.reason}", err=True)
    typer.echo(f"added: {taken.added}, known: {taken.known}, refused: {len(refused)}")
