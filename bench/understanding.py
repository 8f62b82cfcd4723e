"""`python -m bench.understanding FILE [--folds N]`: how well questions are understood.

FILE is tab-separated: lang, question, topic id (`none`: outside), kind. Ours is measured beside two
baselines of the same run: rapidfuzz token ratio over titles, and BM25 over the guides' text.
`--folds` measures on our own phrasings instead, each held out of learning once.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.baselines import RAPIDFUZZ, Bm25, titles_by_rapidfuzz
from bench.overlap import shared
from bench.tally import Answer, Question, told
from rules.asking import finder, phrasings, sentences
from rules.folding import fold
from rules.loader import Facts, load, said
from rules.topics import OUTSIDE
from rules.understanding import Finder
from rules.understanding.features import checksum
from rules.understanding.learning import learn

Asked = Callable[[Question], Answer]


def main() -> None:
    """Measure what the command line asks for."""
    facts = load()
    if len(sys.argv) > 2 and sys.argv[1] == "--folds":
        _crossed(facts, int(sys.argv[2]))
    elif len(sys.argv) == 2:
        _measured(facts, read(Path(sys.argv[1])))
    else:
        sys.exit("usage: python -m bench.understanding FILE | --folds N")


def read(path: Path) -> list[Question]:
    """Return the questions of a file; comments and the header line are left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
    return [Question(*row[:4]) for row in rows if row[0] in ("lv", "en")]


def _measured(facts: Facts, questions: list[Question]) -> None:
    said = [text for many in phrasings(facts).values() for text in many]
    copied = shared(said, [question.text for question in questions])
    print(f"phrasings: {len(said)}; too like a question of the file: {len(copied)}")
    began = time.perf_counter()
    known = finder(facts)
    print(f"ready to answer in {(time.perf_counter() - began) * 1e3:.0f} ms")
    guides = Bm25(sentences(facts))
    ways: dict[str, Asked] = {
        **titles_by_rapidfuzz(facts),
        "BM25 over guides": lambda question: Answer(guides.rank(question.text), sure=True),
        "ours": lambda question: asked(known, question),
    }
    taken = {name: _told(name, way, questions) for name, way in ways.items()}
    first = taken.get(RAPIDFUZZ)
    for name, seconds in taken.items() if first else ():
        print(f"{name}: {seconds / first:.1f} times rapidfuzz")


def asked(known: Finder, question: Question) -> Answer:
    """Return what the finder makes of `question`."""
    finding = known.find(question.text)
    return Answer([one.topic for one in finding.candidates], sure=finding.topic is not None)


def _told(name: str, way: Asked, questions: list[Question]) -> float:
    """Print one way's figures and return its seconds per question."""
    way(questions[0])
    began = time.perf_counter()
    answers = [way(question) for question in questions]
    seconds = (time.perf_counter() - began) / len(questions)
    print(f"\n== {name}: {seconds * 1e3:.2f} ms a question")
    for line in told(questions, answers):
        print(line)
    return seconds


def _crossed(facts: Facts, folds: int) -> None:
    questions = list(_own(facts))
    answers = {}
    for number in range(folds):
        held = [one for one in questions if part_of(one.text, folds) == number]
        taught = {
            topic: [text for text in many if part_of(text, folds) != number]
            for topic, many in phrasings(facts).items()
        }
        known = Finder(learn(taught, sentences(facts)), {*facts.topics, OUTSIDE})
        answers |= {one: asked(known, one) for one in held}
        print(f"fold {number + 1} of {folds}: {len(held)} held out", flush=True)
    for line in told(questions, [answers[one] for one in questions]):
        print(line)


def part_of(text: str, folds: int) -> int:
    """Return the fold that holds `text`, the same on every run, and for all of the same words."""
    return checksum(" ".join(sorted(set(fold(text).split())))) % folds


def _own(facts: Facts) -> Iterator[Question]:
    for language, phrases in said().items():
        for topic in [*facts.topics, OUTSIDE]:
            for text in phrases.get(topic, ()):
                yield Question(language, text, topic, "own")


if __name__ == "__main__":
    main()
