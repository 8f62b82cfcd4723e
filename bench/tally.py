"""What is counted of answers to questions: first, among three, declined, and wrong but certain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.topics import OUTSIDE


@dataclass(frozen=True)
class Question:
    """A question with its right topic."""

    language: str
    text: str
    topic: str
    kind: str


@dataclass(frozen=True)
class Answer:
    """Topics named, best first, and whether the first was told as certain; none: declined."""

    topics: list[str]
    sure: bool


def told(questions: Sequence[Question], answers: Sequence[Answer]) -> Iterator[str]:
    """Yield a line for all questions, then one per language and per kind."""
    pairs = list(zip(questions, answers, strict=True))
    yield _line("all", pairs)
    for language in sorted({question.language for question in questions}):
        yield _line(language, [pair for pair in pairs if pair[0].language == language])
    for kind in sorted({question.kind for question in questions}):
        yield _line(kind, [pair for pair in pairs if pair[0].kind == kind])


def _line(name: str, pairs: list[tuple[Question, Answer]]) -> str:
    inside = [pair for pair in pairs if pair[0].topic != OUTSIDE]
    outside = [answer for question, answer in pairs if question.topic == OUTSIDE]
    parts = [
        ("top-1", sum(question.topic in answer.topics[:1] for question, answer in inside), inside),
        ("top-3", sum(question.topic in answer.topics[:3] for question, answer in inside), inside),
        ("sure", sum(answer.sure for _, answer in inside), inside),
        ("outside not answered", sum(not answer.sure for answer in outside), outside),
        ("outside declined", sum(not answer.topics for answer in outside), outside),
        ("confidently wrong", sum(_is_wrong(*pair) for pair in pairs), pairs),
    ]
    return f"{name:14} " + "  ".join(_share(*part) for part in parts if part[2])


def _is_wrong(question: Question, answer: Answer) -> bool:
    return answer.sure and answer.topics[:1] != [question.topic]


def _share(name: str, count: int, of: Sequence[object]) -> str:
    return f"{name} {count}/{len(of)} {100 * count / len(of):.1f} %"
