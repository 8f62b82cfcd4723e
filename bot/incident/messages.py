"""Messages about a notice as they leave: for a chat as JSON, for a mailbox as a letter."""

import json
from collections.abc import Callable, Sequence
from html import escape

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.incident import announcing, composing, progress, register
from bot.incident.progress import STANDING, TEXT
from bot.incident.telling import Telling, text_of
from bot.post import content, settling
from bot.post.books import Books
from bot.post.content import Progress
from bot.post.letters import Letters, foot
from bot.post.letters.about import headed
from bot.post.letters.letter import Letter, Link, Paragraph
from bot.post.outbox import Claimed, Frozen, Settled
from bot.store.tables import Incident
from bot.store.tables import OutboxMessage as Row
from handlers.ledger import TELEGRAM

HEAD = 200_000
"""Bytes of a mail in which its whole text stands."""

LONGEST_TEXT = 3_600
LONGEST_CAPTION = 1_000
"""Characters that a chat shows, less what Telegram itself allows (4096, 1024)."""

_CUT = "…"


class Messages:
    """Makes what is told of notices, in the transaction that claims it."""

    def __init__(self, letters: Letters, books: Callable[[AsyncConnection], Books]) -> None:
        self._letters = letters
        self._books = books

    async def make(self, connection: AsyncConnection, claimed: Claimed) -> Frozen | Settled | None:
        """Return a message as it leaves; None where its notice is not kept any more.

        A standing waits while an earlier one is in a worker's hands: two edits at a time could end
        with the older words, and the number of the message that is edited is not known before.
        """
        if claimed.frozen is not None:
            return Frozen(claimed.frozen, claimed.message_id)
        books, told = self._books(connection), content.read(claimed.content)
        if not isinstance(told, Progress):
            raise LookupError(f"nothing to tell of a notice: {told.what}")
        row = await register.by_id(connection, told.incident)
        if row is None:
            return None
        if told.message == STANDING and await _is_told(connection, row, claimed):
            return settling.given_back(claimed, books.now, until=books.now + settling.SOON)
        if claimed.channel == TELEGRAM:
            return Frozen(await self._chat(books, row, told), self._letters.name(claimed))
        return self._letters.mailed(claimed, await self._letter(books, row, told), books.now)

    async def _telling(self, books: Books, row: Incident, told: Progress) -> Telling:
        notice = await register.notice(books, row)
        news = ("", "")
        if told.message == "announced":
            current = await announcing.current(books.connection, books.now)
            last = current[-1] if current else None
            if last is not None:
                text = last.text_lv if told.language == "lv" else last.text_en
                news = (text, last.source)
        return Telling(self._letters.occasion(told), told, notice, news)

    async def _chat(self, books: Books, row: Incident, told: Progress) -> bytes:
        telling = await self._telling(books, row, told)
        if told.message == TEXT:
            text = text_of(await composing.head(books, row.message, HEAD))
            title = telling.occasion.say("progress.text.title")
            return _message(telling, title, [], pre=_cut(text, LONGEST_TEXT))
        if told.message != STANDING:
            title, lines = telling.message()
            letter = row.id if told.letter else ""
            return _message(telling, title, _fitting(title, lines), letter=letter)
        title, lines = telling.standing()
        return _message(telling, title, lines, edit=row.shown)

    async def _letter(self, books: Books, row: Incident, told: Progress) -> Letter:
        telling = await self._telling(books, row, told)
        title, lines = telling.message()
        occasion = telling.occasion
        text = text_of(await composing.head(books, row.message, HEAD)) if told.letter else ""
        what = telling.standing()[0]
        return Letter(
            language=occasion.words.language,
            subject=headed(occasion, f"{title} – {what}"),
            title=title,
            body=(
                *foot.rehearsal(occasion),
                Paragraph(what),
                *(Paragraph(line) for line in lines),
                Link(occasion.say("progress.page"), telling.notice.link),
                *(Paragraph(line) for line in text.splitlines() if line.strip()),
            ),
            foot=(*foot.from_whom(occasion), foot.privacy(occasion)),
        )


async def _is_told(connection: AsyncConnection, row: Incident, claimed: Claimed) -> bool:
    """Whether an earlier standing of the same notice is being told at this moment."""
    due = claimed.due_at.timestamp()
    before = or_(col(Row.due_at) < due, and_(col(Row.due_at) == due, col(Row.id) < claimed.id))
    mine = col(Row.key).startswith(progress.key(row, STANDING, ""), autoescape=True)
    query = select(col(Row.id)).where(mine, before, col(Row.state) == "sending").limit(1)
    return (await connection.execute(query)).first() is not None


def _message(
    telling: Telling,
    title: str,
    lines: Sequence[str],
    *,
    pre: str = "",
    letter: str = "",
    edit: int | None = None,
) -> bytes:
    occasion = telling.occasion
    rehearsed = [occasion.say("letter.chat.rehearsal")] if occasion.desk.rehearsed else []
    whole = [*map(escape, rehearsed), f"<b>{escape(title)}</b>", *map(escape, lines)]
    if pre:
        whole.append(f"<pre>{escape(pre)}</pre>")
    message: dict[str, object] = {"text": "\n".join(whole), "keyboard": []}
    message |= {"letter": letter, "edit": edit}
    return json.dumps(message, ensure_ascii=False).encode()


def _fitting(title: str, lines: Sequence[str]) -> list[str]:
    """Return as many of the lines as stand under a file; what is to be done stands before."""
    kept: list[str] = []
    for line in lines:
        if len(title) + sum(len(one) + 1 for one in (*kept, line)) <= LONGEST_CAPTION:
            kept.append(line)
    return kept


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + _CUT
