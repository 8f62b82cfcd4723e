"""What is put into encoded bytes is exactly what encoding would have made of it."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.post.letters.gaps import Form, Gap, mark
from bot.post.letters.mime import LONGEST_LINE
from bot.post.links import LENGTH

KEY = b"key"
TOKENS = st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    min_size=LENGTH,
    max_size=LENGTH,
)
AROUND = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def encoded(text: str) -> bytes:
    message = EmailMessage()
    message.policy = message.policy.clone(max_line_length=LONGEST_LINE, linesep="\r\n")
    message.set_content(text, cte="quoted-printable")
    return message.as_bytes()


@given(AROUND, AROUND, AROUND, TOKENS, TOKENS)
def test_filling_encoded_bytes_is_encoding_what_was_filled(
    before: str, between: str, after: str, one: str, other: str
) -> None:
    def text(first: str, second: str) -> str:
        return f"{before}{first}{between}{second}{after}{first}\n"

    form = Form(encoded(text(mark(KEY, Gap.MANAGE), mark(KEY, Gap.CONFIRM))), KEY)
    values = {Gap.MANAGE: one.encode(), Gap.CONFIRM: other.encode()}
    assert form.filled(values) == encoded(text(one, other))


@pytest.mark.parametrize("lead", range(LONGEST_LINE + 2))
def test_a_gap_is_found_wherever_a_line_is_broken_in_it(lead: int) -> None:
    text = "x" * lead + "{}" + "y" * 100 + "\n"
    form = Form(encoded(text.format(mark(KEY, Gap.UNSUBSCRIBE))), KEY)
    token = "Aa0-_zZ9" * 2 + "bcdefg"
    assert form.filled({Gap.UNSUBSCRIBE: token.encode()}) == encoded(text.format(token))


def test_a_gap_that_is_not_filled_is_an_error() -> None:
    with pytest.raises(KeyError):
        Form(mark(KEY, Gap.DATE).encode(), KEY).filled({})


def test_the_marks_of_another_key_are_only_text() -> None:
    text = mark(b"another", Gap.DATE).encode()
    assert Form(text, KEY).filled({}) == text
    assert len({mark(KEY, gap) for gap in Gap}) == len(Gap)
    assert {len(mark(KEY, gap)) for gap in Gap} == {LENGTH}
