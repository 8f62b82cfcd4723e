"""The bench of understanding counts what it says it counts."""

from pathlib import Path

from bench.baselines import Bm25
from bench.overlap import shared
from bench.tally import Answer, Question, told
from bench.understanding import read
from rules.topics import OUTSIDE


def question(topic: str, text: str = "x") -> Question:
    return Question("en", text, topic, "natural")


def test_a_repeated_question_and_a_trivial_variant_are_noticed() -> None:
    asked = ["How do I find our OID today"]
    said = [
        "how do i find our oid, today!",
        "How do I find our OID",
        "Where is the OID",
        "How do I find a good partner today",
    ]
    assert shared(said, asked) == said[:2]


def test_the_counts_are_of_the_questions_they_belong_to() -> None:
    questions = [question("a"), question("b"), question("b"), question(OUTSIDE), question(OUTSIDE)]
    answers = [
        Answer(["a", "b"], sure=True),
        Answer(["a", "b"], sure=True),
        Answer(["c", "a", "d", "b"], sure=False),
        Answer([], sure=False),
        Answer(["a"], sure=False),
    ]
    line = next(told(questions, answers))
    assert "top-1 1/3 " in line
    assert "top-3 2/3 " in line
    assert "outside not answered 2/2 " in line
    assert "outside declined 1/2 " in line
    assert "confidently wrong 1/5 " in line


def test_an_outside_question_answered_is_confidently_wrong() -> None:
    line = next(told([question(OUTSIDE)], [Answer(["a"], sure=True)]))
    assert "confidently wrong 1/1 " in line


def test_bm25_prefers_the_rarer_word() -> None:
    ranked = Bm25({"a": ["red ball ball"], "b": ["red car"], "c": ["red hat"]}).rank("a red car")
    assert ranked[0] == "b"


def test_a_file_is_read_without_comments_and_header(tmp_path: Path) -> None:
    path = tmp_path / "questions.tsv"
    path.write_text("# about\nlang\tquestion\ttopic\tkind\nlv\tKas?\toid-what\ttypo\n", "utf-8")
    assert read(path) == [Question("lv", "Kas?", "oid-what", "typo")]
