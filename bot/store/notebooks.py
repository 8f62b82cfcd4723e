"""Notebooks: the answers of conversations, loaded before a turn and saved after it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.database import Database
from bot.store.tables import Answer
from handlers.notebook import Notebook


async def load(connection: AsyncConnection, conversations: Collection[str]) -> dict[str, Notebook]:
    """Return the notebook of each of `conversations`, new ones empty."""
    if not conversations:
        return {}
    query = select(
        col(Answer.conversation), col(Answer.form), col(Answer.question), col(Answer.value)
    ).where(col(Answer.conversation).in_(list(conversations)))
    answers: dict[str, dict[str, dict[str, str]]] = {name: {} for name in conversations}
    for conversation, form, question, value in await connection.execute(query):
        answers[conversation].setdefault(form, {})[question] = value
    return {name: Notebook(given) for name, given in answers.items()}


async def save(
    database: Database, connection: AsyncConnection, notebooks: dict[str, Notebook], at: float
) -> None:
    """Store what was written in `notebooks` and remove what was struck, in one transaction."""
    written = [
        {
            "conversation": name,
            "form": form,
            "question": question,
            "value": value,
            "answered_at": at,
        }
        for name, notebook in notebooks.items()
        for (form, question), value in notebook.written.items()
    ]
    struck = [
        (name, form, question)
        for name, notebook in notebooks.items()
        for form, question in notebook.struck
    ]
    if written:
        await _put(database, connection, written)
    if struck:
        key = tuple_(col(Answer.conversation), col(Answer.form), col(Answer.question))
        await connection.execute(delete(Answer).where(key.in_(struck)))


async def _put(database: Database, connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    insert = database.insert(Answer)
    new = {name: insert.excluded[name] for name in ("value", "answered_at")}
    key = ["conversation", "form", "question"]
    await connection.execute(insert.on_conflict_do_update(index_elements=key, set_=new), rows)
