"""Messages for Telegram: short, well-formed, with buttons that are this chat's alone."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.faces.telegram.buttons import unsealed
from handlers.words import LANGUAGES, words
from rules.deadlines import KA2
from tests.botapi.markup import HtmlReader
from tests.mail.samples import (
    CLOSING,
    KEY,
    WEEK_BEFORE,
    Stopped,
    Writing,
    access,
    alarm,
    claimed,
    moved,
    rehearsed,
    reminder,
)
from tests.talk import the_facts, with_deadlines
from tests.test_deadlines import NOON, changed, made

CHAT = "4711"
LONGEST = 500


def message(writing: Writing, content: dict[str, Any], chat: str = CHAT) -> Any:
    found = writing.letters.make(claimed(content, channel="telegram", address=chat))
    assert found is not None
    return json.loads(found.content)


def read(html: str) -> str:
    """Return what a person sees; raises the server's refusal for markup that is wrong."""
    text, _ = HtmlReader(html).read()
    return text


def pressed(sent: Any, chat: str = CHAT) -> list[str | None]:
    return [unsealed(KEY, chat, data) for row in sent["keyboard"] for _, data in row]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_says_when_and_offers_three_choices(language: str) -> None:
    sent = message(Writing(), reminder(language=language))
    text = read(sent["text"])
    for zone, hour in (("Europe/Brussels", "12:00"), ("Europe/Riga", "13:00")):
        assert f"{hour} {words(language).say(f'zone.{zone}')}" in text
    assert pressed(sent) == [
        "reminders:handed:2026-ka220-r1",
        "reminders:snooze:2026-ka220-r1",
        "reminders:stop",
    ]
    assert all(len(data.encode()) <= 64 for row in sent["keyboard"] for _, data in row)


def test_a_button_taken_to_another_chat_means_nothing() -> None:
    assert pressed(message(Writing(), reminder()), chat="4712") == [None, None, None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reminder_is_short_and_can_be_read(language: str) -> None:
    for one in the_facts().newest.deadlines.values():
        for before in (timedelta(days=30), timedelta(hours=2)):
            writing = Writing(rehearsed(Writing().desk), Stopped(one.instant - before))
            content = reminder(deadline=one.id, sequence=one.sequence, language=language)
            sent = message(writing, content)
            assert 80 < len(read(sent["text"])) <= LONGEST, one.id
            later = ["snooze"] if before > timedelta(days=1) else []
            ours = one.action in KA2 and one.managed_by == "agency" and one.status == "confirmed"
            failed = ["start"] if ours and not later else []
            acts = [*failed, "handed", *later, "stop"] if len(one.id) <= 30 else ["show", "stop"]
            assert [str(choice).split(":")[1] for choice in pressed(sent)] == acts


MOVES: list[tuple[str, dict[str, Any], datetime, str]] = [
    ("moved", {"wall": "2026-03-07T12:00:00"}, CLOSING, "moved"),
    ("cancelled", {"state": "cancelled"}, CLOSING, "cancelled"),
    ("uncertain", {"state": "conditional"}, CLOSING, "unconfirmed"),
    ("restored", {"state": "confirmed"}, CLOSING, "restored"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("change", "before", "news"), [case[1:] for case in MOVES], ids=[case[0] for case in MOVES]
)
def test_news_of_a_deadline_names_the_old_moment(
    change: dict[str, Any], before: datetime, news: str, language: str
) -> None:
    writing = Writing(with_deadlines([made(NOON)], [changed(**change)]))
    content = moved(sequence=1, before=before.isoformat(), language=language)
    sent = message(writing, content)
    text = read(sent["text"])
    assert words(language).say(f"letter.title.{news}", action="KA220") in text
    assert words(language).day(before) in text
    assert (words(language).say("letter.label.now") in text) == (news in ("moved", "restored"))
    assert pressed(sent) == ["reminders:stop"]
    assert len(text) <= LONGEST


def test_a_rehearsal_is_said_to_be_one() -> None:
    text = read(message(Writing(rehearsed(Writing().desk)), reminder())["text"])
    assert text.startswith(words("lv").say("letter.chat.rehearsal"))


def test_a_warning_is_cut_where_it_is_long_and_escaped() -> None:
    values = {"what": "<b>&amp;" + "x" * 2_000}
    sent = message(Writing(), alarm(values=values))
    text = read(sent["text"])
    assert "<b>&amp;xxx" in text
    assert 1_000 < len(text) < 1_200
    assert sent["keyboard"] == []


def test_what_only_mail_carries_is_not_sent_to_a_chat(caplog: pytest.LogCaptureFixture) -> None:
    found = Writing().letters.make(claimed(access(), channel="telegram", address=CHAT))
    assert found is None
    assert "access" in caplog.text
    assert CHAT not in caplog.text


def test_two_chats_share_the_text_and_not_the_buttons() -> None:
    writing = Writing()
    one, other = (message(writing, reminder(), chat) for chat in ("1", "2"))
    assert one["text"] == other["text"]
    assert one["keyboard"] != other["keyboard"]
    assert writing.clock.now() == WEEK_BEFORE
