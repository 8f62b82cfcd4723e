"""`noon unanswered` and `noon reports`: what an editor writes or mends next."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.store.tables import Unanswered, WrongFact

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
Limit = Annotated[int, typer.Option("--most", min=1, help="How many are told.")]


def unanswered(most: Limit = 100, as_json: Json = False) -> None:
    """List the questions that could not be placed, the most frequent first.

    They are masked, belong to nobody, and are kept 90 days after they were last asked.
    """
    records = _asked(_read(_unanswered))[:most]
    if as_json:
        _print(json.dumps(records, ensure_ascii=False))
        return
    for one in records:
        where = ", ".join(f"{face} {count}" for face, count in one["faces"].items())
        _print(f"{one['count']:>5}  {one['language']}  {one['last']}  {one['text']}  ({where})")
    typer.echo(f"questions: {len(records)}", err=True)


def reports(most: Limit = 100, as_json: Json = False) -> None:
    """List the facts that somebody said are wrong, those with the most reports first.

    What was written about them is masked and belongs to nobody; all is kept for a year.
    """
    records = _reported(_read(_reports))[:most]
    if as_json:
        _print(json.dumps(records, ensure_ascii=False))
        return
    for one in records:
        head = f"{one['fact']}  {one['language']}  call {one['call']}  last {one['last']}"
        _print(f"{one['count']:>5}  {head}")
        for line in one["texts"]:
            _print(f"       {line['on']}  {line['text']}")
    typer.echo(f"facts: {len(records)}", err=True)


def _asked(rows: "Sequence[Unanswered]") -> list[dict[str, Any]]:
    """Return a record for each question and language, the faces it came from together."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        first, last = _day(row.first_at), _day(row.last_at)
        new = {"text": row.text, "language": row.language, "count": 0, "why": row.why}
        one = found.setdefault(
            (row.text, row.language), {**new, "faces": {}, "first": first, "last": last}
        )
        one["count"] += row.count
        one["faces"][row.face] = one["faces"].get(row.face, 0) + row.count
        one["first"], one["last"] = min(one["first"], first), max(one["last"], last)
    return _ranked(found.values())


def _reported(rows: "Sequence[WrongFact]") -> list[dict[str, Any]]:
    """Return a record for each fact, language and call; a line follows a tap, which is counted."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for row in rows:
        day = _day(row.at)
        new = {"fact": row.fact, "language": row.language, "call": row.call, "count": 0}
        one = found.setdefault(
            (row.fact, row.language, row.call), {**new, "texts": [], "first": day, "last": day}
        )
        if row.text:
            one["texts"].append({"text": row.text, "on": day})
        else:
            one["count"] += 1
        one["last"] = max(one["last"], day)
    return _ranked(found.values())


def _ranked(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return records with the most frequent first, among those as frequent the latest."""
    latest = sorted(records, key=lambda one: str(one["last"]), reverse=True)
    return sorted(latest, key=lambda one: -int(one["count"]))


def _print(text: str) -> None:
    """Print a line with signs that nobody sees escaped as in JSON: a terminal may act on them."""
    typer.echo("".join(sign if sign.isprintable() else _escaped(sign) for sign in text))


def _escaped(sign: str) -> str:
    written = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{written[at : at + 4]}" for at in range(0, len(written), 4))


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def _read(query: "Callable[[AsyncConnection], Coroutine[Any, Any, list[T]]]") -> list[T]:
    from bot.service import open_noon
    from bot.settings import load_settings

    async def read() -> list[T]:
        settings = load_settings()
        async with (
            open_noon(settings, migrate=settings.embedded) as noon,
            noon.database.read() as connection,
        ):
            return await query(connection)

    return asyncio.run(read())


async def _unanswered(connection: "AsyncConnection") -> "list[Unanswered]":
    from bot.store import questions

    return await questions.unanswered(connection)


async def _reports(connection: "AsyncConnection") -> "list[WrongFact]":
    from bot.store import questions

    return await questions.reports(connection)
