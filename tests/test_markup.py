"""The markup of replies: what it reads, and that nothing a person typed is taken for it."""

from collections.abc import Iterator
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.markup import Span, Style, escape, plain, read
from handlers.words import LANGUAGES, words
from tests.talk import the_facts

PAGE = "https://erasmusplus.lv/kontakti"


def styled(text: str) -> list[tuple[str, str]]:
    """Return the styled runs of a text of one line."""
    (line,) = read(text)
    return [(span.style.value, span.text) for span in line if span.style is not Style.PLAIN]


@pytest.mark.parametrize(
    ("text", "seen", "runs"),
    [
        ("plain", "plain", []),
        ("", "", []),
        ("a **strong** word", "a strong word", [("strong", "strong")]),
        ("a *menu item* here", "a menu item here", [("emphasis", "menu item")]),
        ("type `noon run`", "type noon run", [("code", "noon run")]),
        (f"[VIAA]({PAGE})", f"VIAA ({PAGE})", [("link", "VIAA")]),
        (f"[{PAGE}]({PAGE})", PAGE, [("link", PAGE)]),
        (f"see {PAGE}.", f"see {PAGE}.", [("link", PAGE)]),
        (
            "[feed](webcal://noon.example/x.ics)",
            "feed (webcal://noon.example/x.ics)",
            [("link", "feed")],
        ),
        ("[write](mailto:a@viaa.gov.lv)", "write (mailto:a@viaa.gov.lv)", [("link", "write")]),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))", []),
        ("[x](data:text/html,x)", "[x](data:text/html,x)", []),
        (r"\*not\* \[this\] \`one\`", "*not* [this] `one`", []),
        (r"**a \* b**", "a * b", [("strong", "a * b")]),
        ("2 * 3 = 6", "2 * 3 = 6", []),
        ("**unfinished", "**unfinished", []),
        ("<b>&amp;</b>", "<b>&amp;</b>", []),
    ],
)
def test_what_is_read(text: str, seen: str, runs: list[tuple[str, str]]) -> None:
    assert plain(text) == seen
    assert styled(text) == runs


def test_styles_end_with_their_line() -> None:
    assert read("**a\nb**\n*c*") == [
        (Span("**a"),),
        (Span("b**"),),
        (Span("c", Style.EMPHASIS),),
    ]


MARKS = ("**", "*", "`", "[", "](", ")", "\\", "\\*", "\n", " ", "ā", "😀", "<a>", "**!**")
ADDRESSES = ("https://evil.example", "http://", "webcal://", PAGE, "mailto:a@b.lv", "[x](http://a)")
pieces = st.sampled_from(MARKS + ADDRESSES)
typed = st.lists(pieces | st.text(max_size=6), max_size=12).map("".join)
one_line = typed.map(lambda text: text.replace("\n", " ")).filter(str.strip)


@given(typed)
def test_typed_text_reads_as_itself(text: str) -> None:
    assert plain(escape(text)) == text


@given(typed)
def test_nothing_typed_is_styled_or_leads_anywhere(text: str) -> None:
    spans = [span for line in read(escape(text)) for span in line]
    assert all(span.style is Style.PLAIN and not span.address for span in spans)


@given(one_line)
def test_typed_text_stays_inside_the_style_it_is_put_in(text: str) -> None:
    (line,) = read(f"before **{escape(text)}** after")
    assert line == (Span("before "), Span(text, Style.STRONG), Span(" after"))
    (line,) = read(f"[{escape(text)}]({PAGE}) after")
    assert line == (Span(text, Style.LINK, PAGE), Span(" after"))


@given(typed)
def test_no_text_at_all_breaks_the_reader(text: str) -> None:
    lines = read(text)
    assert len(lines) == text.count("\n") + 1
    assert all(span.text for line in lines for span in line)


def written(language: str) -> Iterator[tuple[str, str]]:
    """Yield every text that is told, with its place: guides and messages."""
    for (topic, spoken), guide in the_facts().guides.items():
        if spoken == language:
            items = [*guide.before, *guide.steps, *guide.notes]
            texts = [guide.head.summary, *(item.text for item in items)]
            texts += [part for trouble in guide.trouble for part in (trouble.sign, trouble.fix)]
            yield from ((topic, text) for text in texts)
    for key, forms in words(language).messages.items():
        for form in forms:
            fields = {field: "x" for _, field, _, _ in Formatter().parse(form) if field}
            yield key, form.format_map(fields)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_ours_shows_its_markup(language: str) -> None:
    for place, text in written(language):
        shown = [s.text for line in read(text) for s in line if s.style is Style.PLAIN]
        stray = [mark for mark in ("**", "](", "`", "\\") for part in shown if mark in part]
        assert not stray, (place, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_of_ours_is_a_safe_one(language: str) -> None:
    for place, text in written(language):
        for span in (s for line in read(text) for s in line if s.style is Style.LINK):
            assert span.address.startswith(("https://", "mailto:", "webcal://")), (place, text)
