"""The terminal: one question and answer, or the whole conversation, by hand or through a pipe."""

import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from bot.faces import attaching
from bot.faces.tables import citation
from bot.service import Noon
from handlers import markup, steps
from handlers.notebook import Notebook
from handlers.turn import Attachment, Reply, Turn
from handlers.visit import Desk, Visit
from handlers.words import words
from rules.guides import Guide

BY_HAND = "by-hand"
"""The one conversation of whoever types at this machine; a pipe has a new one each time."""

_NUMBER = re.compile(r"[0-9]{1,2}")


async def chat(noon: Noon, language: str, as_json: bool, out: TextIO = sys.stdout) -> None:
    """Hold a conversation on standard input and `out` until the input ends.

    A choice is picked by its number or its id; `/attach PATH` sends a file. Files are saved beside
    the database. Who types at a terminal goes on next time where they were.
    """
    conversation = noon.conversation("terminal", BY_HAND if _by_hand(as_json) else uuid4())
    replies: list[Reply] = []
    for line in _lines(words(language).say("terminal.prompt"), as_json):
        choice = _picked(line, replies)
        turn = Turn(
            conversation,
            noon.clock.now(),
            text="" if choice else line,
            choice=choice,
            language=language,
        )
        try:
            shown = replies = await noon.answer(await attaching.attached(noon, turn))
        except attaching.Unreadable as unread:
            # What was offered before can still be picked.
            shown = [Reply(words(language).say("terminal.attach", path=unread))]
        number = 1
        sends = line.startswith("/help") or any(reply.takes_files for reply in shown)
        if sends and not as_json:
            print(words(language).say("terminal.attach-hint"), file=out)
        for reply in shown:
            files = [_saved(noon, file) for file in reply.files]
            print(_json(reply, files) if as_json else _text(reply, files, number), file=out)
            number += len(reply.choices)
        out.flush()


def _by_hand(as_json: bool) -> bool:
    return sys.stdin.isatty() and not as_json


def _lines(prompt: str, as_json: bool) -> Iterator[str]:
    if not _by_hand(as_json):
        yield from (line.strip() for line in sys.stdin if line.strip())
        return
    yield "/start"
    while True:
        try:
            line = input(prompt).strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if line:
            yield line


def _picked(line: str, replies: list[Reply]) -> str | None:
    """Return the choice that `line` names, by its id or its number.

    Where a plain number is an answer, the number of a choice is written as `#1`, elsewhere it may.
    """
    choices = [choice for reply in replies for choice in reply.choices]
    expected = any(reply.typed_number for reply in replies)
    number = line.removeprefix("#") if line.startswith("#") or not expected else ""
    if _NUMBER.fullmatch(number) and 1 <= int(number) <= len(choices):
        return choices[int(number) - 1].id
    return next((choice.id for choice in choices if choice.id == line), None)


def _saved(noon: Noon, file: Attachment) -> Path:
    folder = noon.settings.data_dir / "files"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / Path(file.name).name
    path.write_bytes(file.content)
    return path


def _json(reply: Reply, files: list[Path]) -> str:
    shown = [
        {"name": file.name, "path": str(path), "media_type": file.media_type}
        for file, path in zip(reply.files, files, strict=True)
    ]
    choices = [{"id": choice.id, "label": choice.label} for choice in reply.choices]
    record = {"text": markup.plain(reply.text), "choices": choices, "files": shown}
    return json.dumps(record, ensure_ascii=False)


def _text(reply: Reply, files: list[Path], number: int) -> str:
    mark = "#" if reply.typed_number else ""
    lines = [markup.plain(reply.text)]
    for place, choice in enumerate(reply.choices, start=number):
        lines.append(f"  [{mark}{place}] {choice.label}")
    return "\n".join([*lines, *(f"  → {path}" for path in files), ""])


def ask(desk: Desk, question: str, language: str, now: datetime) -> dict[str, object]:
    """Return one answer as contracts.md has it, the text being the whole guide."""
    finding = desk.finder.find(question)
    visit = Visit(Turn("ask", now, text=question), Notebook(), words(language), desk)
    guide = desk.facts.guide(finding.topic, language) if finding.topic else None
    candidates = [{"topic": c.topic, "score": round(c.score, 3)} for c in finding.candidates]
    likeliest = finding.candidates[0].topic if finding.candidates else None
    return {
        "topic": finding.topic or likeliest,
        "confident": finding.confident,
        "candidates": candidates,
        "text": markup.plain(_answer(visit, finding.topic, guide, question)),
        "sources": _sources(desk, guide),
        "call": guide.head.call if guide else None,
    }


def _answer(visit: Visit, topic: str | None, guide: Guide | None, question: str) -> str:
    if guide is not None:
        return steps.whole(visit, guide)
    if topic in steps.LEADS:
        return _leads(visit, topic)
    reply = steps.unwritten(visit, topic) if topic else steps.unplaced(visit, question)
    offers = [f"• {choice.label}" for choice in reply.choices if choice.id.startswith("steps:show")]
    return "\n".join([reply.text, *offers])


def _leads(visit: Visit, topic: str) -> str:
    """Return what a topic leads to that is no guide, and the command for it, which has its name."""
    title = steps.title(visit, topic)
    return visit.say("terminal.leads", title=title, start="noon chat", command=f"/{topic}")


def _sources(desk: Desk, guide: Guide | None) -> list[dict[str, str | None]]:
    return [citation(desk.facts.library.cite(source)) for source in guide.sources] if guide else []
