"""What the data files must keep among themselves, beyond what each file's model refuses.

`problems` returns every mistake as one line naming file and key; an empty list is good data.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from rules.checks import addresses, dates, guides, quotes, references, terms, topics, wording
from rules.checks.standards import standards
from rules.errors import DataError
from rules.loader import RULES, Facts

__all__ = ["problems"]


def problems(facts: Facts, rules: Path = RULES) -> list[str]:
    """Return every mistake in the data, one line each.

    `rules` is the folder of what they are measured against: hosts, sections, glossary, quotations.
    """
    try:
        return list(_found(facts, rules))
    except DataError as problem:
        return [str(problem)]


def _found(facts: Facts, rules: Path) -> Iterator[str]:
    measure = standards(rules)
    return chain(
        references.problems(facts, measure),
        dates.problems(facts),
        addresses.problems(facts, measure.hosts, rules),
        guides.problems(facts),
        wording.problems(facts),
        topics.problems(facts, rules),
        terms.problems(facts, measure.glossary),
        quotes.problems(facts, measure.quoted),
    )
