"""`noon outbox`: what was left to a person, and how it goes on."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from bot.post.kinds import Kind
    from bot.post.reviving import Revived
    from bot.post.stranded import Stranded
    from bot.service import Noon

app = typer.Typer(help="What could not be sent.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]


@app.command("list")
def tell(as_json: Json = False) -> None:
    """List what needs a person or was rejected in the last 30 days, the latest first."""
    rows = [_record(one) for one in asyncio.run(_stranded())]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        *facts, answer = row.values()
        typer.echo("  ".join([*(fact or "-" for fact in facts), answer]).rstrip())
    typer.echo(f"messages: {len(rows)}", err=True)


@app.command()
def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="The ids that `list` tells.")] = None,
    kind: Annotated[str | None, typer.Option(help="All of a kind: reminder, moved …")] = None,
    as_json: Json = False,
) -> None:
    """Send what was left to a person again, where it is still in time and wanted.

    Exit code 1 where one of them is not sent again; the reason stands behind its id.
    """
    if bool(ids) == bool(kind):
        _fail("give the ids of messages, or --kind, and not both")
    done = asyncio.run(_revived(ids or [], _kind(kind) if kind else None))
    if as_json:
        refused = [{"id": one, "reason": why.value} for one, why in done.refused.items()]
        typer.echo(json.dumps({"again": done.again, "refused": refused}))
    else:
        for one, why in done.refused.items():
            typer.echo(f"{one}: {why}", err=True)
        typer.echo(f"again: {len(done.again)}, refused: {len(done.refused)}")
    raise SystemExit(1 if done.refused else 0)


def _fail(problem: str) -> NoReturn:
    typer.echo(f"noon: {problem}", err=True)
    raise SystemExit(2)


def _kind(name: str) -> "Kind":
    from bot.post.kinds import Kind

    if name not in set(Kind):
        _fail(f"--kind {name}: a message is one of {', '.join(Kind)}")
    return Kind(name)


def _record(one: "Stranded") -> dict[str, str]:
    """Return a message as it is told; the moment is in UTC."""
    return {
        "id": one.id,
        "kind": one.kind,
        "channel": one.channel,
        "deadline": one.deadline,
        "state": one.state,
        "since": f"{one.since:%Y-%m-%dT%H:%M:%SZ}",
        "answer": one.answer,
    }


@asynccontextmanager
async def _opened() -> "AsyncIterator[Noon]":
    from bot.service import open_noon
    from bot.settings import load_settings

    settings = load_settings()
    async with open_noon(settings, migrate=settings.embedded) as noon:
        yield noon


async def _stranded() -> "list[Stranded]":
    from bot.post.stranded import stranded

    async with _opened() as noon, noon.database.read() as connection:
        return await stranded(connection, noon.clock.now())


async def _revived(ids: Sequence[str], kind: "Kind | None") -> "Revived":
    """Let messages go on, a few hundred in one transaction."""
    from bot.post import reviving

    done = reviving.Revived()
    async with _opened() as noon:
        if kind is not None:
            async with noon.database.read() as connection:
                ids = await reviving.of_kind(connection, kind)
        ids = list(dict.fromkeys(ids))
        for start in range(0, len(ids), reviving.AT_ONCE):
            async with noon.database.write() as connection:
                some = ids[start : start + reviving.AT_ONCE]
                part = await reviving.revive(noon.books(connection), some)
            done.again += part.again
            done.refused |= part.refused
    return done
