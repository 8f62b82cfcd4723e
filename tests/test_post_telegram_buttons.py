"""Buttons that say their choice themselves: only for their chat, and only as they were made."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faces.telegram import buttons
from bot.store.database import Database

KEY = b"key"
ANNA, EVE = 1001, 1002
HANDED = "reminders:handed:2026-ka220-r1"

choices = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=47)
chats = st.integers(-(10**13), 10**13)


@given(chats, choices)
def test_a_choice_comes_back_in_its_chat_and_in_no_other(chat: int, choice: str) -> None:
    data = buttons.sealed(KEY, chat, choice)
    assert len(data.encode()) <= 64
    assert buttons.unsealed(KEY, chat, data) == choice
    assert buttons.unsealed(KEY, chat + 1, data) is None
    assert buttons.unsealed(b"other", chat, data) is None


def test_a_chat_is_the_same_as_a_number_and_as_text() -> None:
    assert buttons.sealed(KEY, str(ANNA), HANDED) == buttons.sealed(KEY, ANNA, HANDED)


@given(choices, st.integers(0, 63), st.characters())
def test_a_changed_button_says_nothing(choice: str, place: int, sign: str) -> None:
    data = buttons.sealed(KEY, ANNA, choice)
    changed = data[:place] + sign + data[place + 1 :]
    assert changed == data or buttons.unsealed(KEY, ANNA, changed) is None


@given(st.text(max_size=64))
def test_what_anybody_could_send_says_nothing(data: str) -> None:
    assert buttons.unsealed(KEY, ANNA, data) is None
    with suppress(ValueError):
        assert buttons.unsealed(KEY, EVE, buttons.sealed(KEY, ANNA, data)) is None


@pytest.mark.parametrize("choice", ["", "x" * 48, "ā", "a\nb", "\x00"])
def test_a_choice_that_does_not_fit_is_refused(choice: str) -> None:
    with pytest.raises(ValueError, match="button"):
        buttons.sealed(KEY, ANNA, choice)


async def test_a_press_is_understood_beside_those_in_the_store(database: Database) -> None:
    stored = buttons.name(KEY, ANNA, "steps:menu")
    mine, foreign = buttons.sealed(KEY, ANNA, HANDED), buttons.sealed(KEY, EVE, HANDED)
    pressed = [(data, ANNA) for data in (stored, mine, foreign, HANDED, "\x00" * 64, "")]
    async with database.write() as connection:
        await buttons.keep(database, connection, [(stored, ANNA, "steps:menu")], 0.0)
        meant = await buttons.meant(connection, pressed, KEY)
        without_key = await buttons.meant(connection, pressed)
    assert meant == {(stored, ANNA): "steps:menu", (mine, ANNA): HANDED}
    assert without_key == {(stored, ANNA): "steps:menu"}
