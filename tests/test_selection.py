"""Which deadlines a selection means, however it is written."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines import KA2, Deadline
from rules.selection import Selection, UnknownSelection, parse, select
from tests.talk import the_facts

EVERY = list(the_facts().newest.deadlines.values())
MARCH = {"2026-ka210-r1", "2026-ka220-r1"}
KA2_ALL = MARCH | {"2026-ka240-r1"}


PLAIN = {name for d in EVERY for name in (d.id, d.action, *d.sectors)}
BOTH = {f"{d.action}-{sector}" for d in EVERY for sector in d.sectors}
NAMES = sorted({"all", "KA2", *KA2} | PLAIN | BOTH)

names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=6)


def chosen(*written: str) -> set[str]:
    return {deadline.id for deadline in select(parse(written, EVERY), EVERY)}


def ids(of: list[Deadline]) -> set[str]:
    return {deadline.id for deadline in of}


@pytest.mark.parametrize(
    ("written", "means", "canonical"),
    [
        ([], KA2_ALL, "KA2"),
        ([""], KA2_ALL, "KA2"),
        (["KA2"], KA2_ALL, "KA2"),
        (["KA220"], {"2026-ka220-r1"}, "KA220"),
        (["ka220"], {"2026-ka220-r1"}, "KA220"),
        (["KA220-VET"], {"2026-ka220-r1"}, "KA220-VET"),
        (["KA220-r1"], None, ""),
        (["2026-ka220-r1"], {"2026-ka220-r1"}, "2026-ka220-r1"),
        (["2026-KA220-R2"], {"2026-ka220-r2"}, "2026-ka220-r2"),
        (["KA210", "KA220"], MARCH, "KA210+KA220"),
        (["KA220+KA210"], MARCH, "KA210+KA220"),
        (["KA220 KA210"], MARCH, "KA210+KA220"),
        (["KA220+", "+KA210+KA220"], MARCH, "KA210+KA220"),
        (["KA220+2026-ka220-r2"], {"2026-ka220-r1", "2026-ka220-r2"}, "2026-ka220-r2+KA220"),
        (["all"], ids(EVERY), "all"),
        (["ALL"], ids(EVERY), "all"),
        (["KA999"], None, ""),
        (["KA220-SPO"], None, ""),
        (["2022-ka220-r1"], None, ""),
        (["KA220,KA210"], None, ""),
        (["KA220+KA999"], None, ""),
        (["../KA220"], None, ""),
        (["ＫＡ２２０"], None, ""),
        (["*"], None, ""),
    ],
)
def test_the_grammar(written: list[str], means: set[str] | None, canonical: str) -> None:
    if means is None:
        with pytest.raises(UnknownSelection) as unknown:
            parse(written, EVERY)
        assert {"KA220", "KA220-VET", "2026-ka220-r2", "all"} <= set(unknown.value.known)
    else:
        assert chosen(*written) == means
        assert str(parse(written, EVERY)) == canonical


def test_a_sector_means_its_confirmed_rounds_of_every_action() -> None:
    expected = {d.id for d in EVERY if "VET" in d.sectors and d.status == "confirmed"}
    assert chosen("VET") == expected >= MARCH
    assert "2026-ka240-r1" not in expected


def test_unconfirmed_rounds_come_by_id_or_with_all_only() -> None:
    perhaps = {d.id for d in EVERY if d.status == "conditional"}
    by_name = {name for name in NAMES if name != "all" and name not in perhaps}
    assert len(perhaps) == 6
    assert not chosen(*by_name) & perhaps
    assert all(chosen(each) == {each} for each in perhaps)
    assert chosen("all") >= perhaps


def test_what_is_selected_comes_earliest_first() -> None:
    moments = [deadline.instant for deadline in select(Selection(("all",)), EVERY)]
    assert moments == sorted(moments)


@given(names, st.randoms(use_true_random=False), st.sampled_from(["+", " ", "++"]))
def test_order_case_and_repetition_do_not_matter(
    written: list[str], random: Random, mark: str
) -> None:
    other = [random.choice([str.upper, str.lower, str.title])(name) for name in written * 2]
    random.shuffle(other)
    assert parse([mark.join(other)], EVERY) == parse(written, EVERY)


@given(names)
def test_the_canonical_writing_means_the_same_and_is_written_the_same(written: list[str]) -> None:
    once = parse(written, EVERY)
    again = parse([str(once)], EVERY)
    assert again == once
    assert str(again) == str(once)


@given(names, names)
def test_several_selections_mean_the_union(one: list[str], other: list[str]) -> None:
    assert chosen(*one, *other) == chosen(*one) | chosen(*other)
