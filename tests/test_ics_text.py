"""Whatever a title holds, it stays the text of one event and breaks no line of the file."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from handlers import ics
from handlers.visit import Desk
from handlers.words import words
from rules.calls import ActionName
from rules.selection import Selection
from tests.ics.lint import lint
from tests.ics.panel import libical_faults, read_all
from tests.talk import the_desk, with_deadlines
from tests.test_deadlines import NOON, made

LATVIAN = "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ ņņ ļļ"
SIGNS = ",;:\\\"'^=%\n\r\t {}()[]<>&|/*_`"
STRANGE = "😀👩‍👩‍👧‍👦🇱🇻\u202eעברית\u202c العربية\u200f\u2066x\u2069\ufeff\u00ad\u200b日本語e\u0301ﬁ"
CONTROL = "\x00\x07\x08\x0b\x0c\x1b\x7f\x80\x85\x9f\u2028\u2029"
INJECTIONS = (
    "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nDTSTART:20260101T000000Z",
    "x\nATTACH:https://evil.example",
    "\r\n ATTENDEE:mailto:a@evil.example",
    "a;VALUE=URI:https://evil.example",
)
letters = st.sampled_from(LATVIAN + SIGNS + STRANGE + CONTROL) | st.characters(codec="utf-8")
titles = st.text(letters, min_size=1, max_size=160) | st.builds(
    "{}{}{}".format, st.text(letters, max_size=30), st.sampled_from(INJECTIONS), st.text(letters)
)


def named(title: str) -> Desk:
    desk = with_deadlines([made(NOON)])
    name = ActionName(lv=title, en=title, key_action="KA2")
    facts = replace(desk.facts, actions={**desk.facts.actions, "KA220": name})
    return replace(desk, facts=facts)


def calendar_of(title: str) -> bytes:
    return ics.build(named(title), Selection(("KA220",)), words("lv"))


@settings(max_examples=300, deadline=None)
@given(titles)
def test_any_title_stays_the_text_of_one_event(title: str) -> None:
    content = calendar_of(title)
    assert lint(content, feed=True) == []
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    (event,) = Calendar.from_ical(content).events
    assert event["UID"] == "deadline-2026-ka220-r1@noon.invalid"
    assert set(event) == set(PLAIN)
    assert ics.clean(title) in str(event["SUMMARY"])


PLAIN = Calendar.from_ical(calendar_of("KA220")).events[0]


def test_the_other_readers_see_the_same_text() -> None:
    """node-ical takes a backslash before an n for a line break, so it is left out."""
    for title in (LATVIAN, SIGNS, STRANGE, CONTROL, *INJECTIONS, "KA220 " + LATVIAN * 20):
        content = calendar_of(title)
        assert libical_faults(content) == []
        seen = read_all(content)
        first, *others = (seen[reader] for reader in ("icalendar", "ical.js", "libical"))
        assert all(events == first for events in others), title
        assert len(first) == 1


def test_the_desk_itself_is_untouched() -> None:
    assert the_desk().facts.actions["KA220"].lv != LATVIAN
