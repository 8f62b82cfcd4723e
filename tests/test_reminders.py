"""What can be chosen and typed for reminders, and how it is put into words."""

from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.reminders import selecting, telling, zones
from handlers.reminders.zones import UnknownZone
from handlers.words import LANGUAGES, words
from rules import leads
from rules.deadlines import KA2
from rules.selection import Selection, select
from tests.reminding import FEBRUARY, NOVEMBER
from tests.talk import the_desk, the_facts, visit

SECTORS = ("SCH", "VET", "HED", "ADU", "YOU")
DEADLINES = list(the_facts().newest.deadlines.values())


@given(
    st.sets(st.sampled_from(KA2), min_size=1).map(sorted),
    st.sets(st.sampled_from(SECTORS), min_size=1).map(sorted),
)
def test_a_selection_has_the_chosen_sectors_of_the_chosen_actions_and_no_others(
    actions: list[str], sectors: list[str]
) -> None:
    wanted = {
        (each.id, sector)
        for each in DEADLINES
        for sector in each.sectors
        if each.status == "confirmed" and each.action in actions and sector in sectors
    }
    try:
        written = selecting.selection(the_desk(), actions, sectors)
    except ValueError:
        assert not wanted
        return
    chosen = select(Selection(tuple(written.split("+"))), DEADLINES)
    assert {each.id for each in chosen} == {identifier for identifier, _ in wanted}
    names = [name for name in written.split("+") if "-" in name]
    assert {name.partition("-")[2] for name in names} <= set(sectors)


@pytest.mark.parametrize(
    ("actions", "sectors", "written"),
    [
        (["KA2"], ["*"], "KA2"),
        (["KA210", "KA220", "KA240"], ["*"], "KA2"),
        (["KA2"], SECTORS, "KA2"),
        (["KA220"], SECTORS, "KA220"),
        (["KA220", "KA210"], ["VET", "ADU"], "KA210-ADU+KA210-VET+KA220-ADU+KA220-VET"),
        (["KA2"], ["SCH"], "KA210-SCH+KA220-SCH+KA240"),
        (["KA2"], ["HED"], "KA220-HED"),
    ],
)
def test_one_selection_has_one_writing(
    actions: list[str], sectors: list[str], written: str
) -> None:
    assert selecting.selection(the_desk(), actions, sectors) == written


@pytest.mark.parametrize(
    ("selection", "english"),
    [
        ("KA2", "All KA2 deadlines (KA210, KA220, KA240)"),
        ("KA220", "KA220"),
        ("KA210-ADU+KA210-VET+KA220-ADU", "KA210 (ADU, VET) and KA220 (ADU)"),
        ("KA210-SCH+KA220-SCH+KA240", "KA210 (SCH), KA220 (SCH) and KA240"),
        ("2026-ka220-r1", "2026-ka220-r1"),
        ("VET", "VET"),
        ("all", "all"),
    ],
)
def test_a_selection_is_told_by_action(selection: str, english: str) -> None:
    assert telling.what(visit(), selection) == english


@pytest.mark.parametrize(
    ("written", "latvian", "english"),
    [
        ("1d", "1 dienu iepriekš", "1 day before"),
        ("T-2h T-21d", "21 dienu un 2 stundas iepriekš", "21 days and 2 hours before"),
        (
            "11d 1h 3d",
            "11 dienas, 3 dienas un 1 stundu iepriekš",
            "11 days, 3 days and 1 hour before",
        ),
    ],
)
def test_lead_times_are_told_from_the_longest(written: str, latvian: str, english: str) -> None:
    told = [telling.when(words(language), written) for language in ("lv", "en")]
    assert told == [latvian, english]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lead_time_that_is_offered_is_in_its_one_writing(language: str) -> None:
    for offered in (leads.DEFAULT, "T-7d T-1d T-2h"):
        assert leads.written(leads.parse(offered)) == offered
        assert telling.when(words(language), offered)


@pytest.mark.parametrize(
    "name", ["Europe/Riga", "europe/riga", " EUROPE/RIGA ", "utc", "America/New York"]
)
def test_a_zone_is_known_in_whatever_case_it_is_typed(name: str) -> None:
    assert ZoneInfo(zones.read(name))


@given(st.text(max_size=30))
def test_any_text_is_a_zone_or_is_refused(text: str) -> None:
    try:
        assert (
            ZoneInfo(zones.read(text)).key.casefold() == text.strip().replace(" ", "_").casefold()
        )
    except UnknownZone:
        assert text not in zones.COMMON


def test_the_agencys_zone_is_offered_first_and_none_twice() -> None:
    offered = zones.offered(the_desk())
    assert offered[0] == "Europe/Riga"
    assert len(set(offered)) == len(offered)


def test_only_what_is_open_is_ahead() -> None:
    for now, selection in product((FEBRUARY, NOVEMBER), ("KA2", "KA240", "all", "unknown")):
        found = selecting.ahead(the_desk(), selection, now)
        assert all(each.instant > now and each.status == "confirmed" for each in found)
        assert bool(found) is (now is FEBRUARY and selection != "unknown")
