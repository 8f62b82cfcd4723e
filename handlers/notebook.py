"""What a conversation remembers: its answers, and nothing else.

A form is whatever asks: a questionnaire (`eligibility.KA220`), the place in the guides (`steps`),
the person's settings (`person`). State is got by reading the answers again, so a restart, another
worker or another face goes on where the person was.
"""

from collections.abc import Mapping
from copy import deepcopy


class Notebook:
    """The answers of one conversation: form → question → value."""

    def __init__(self, answers: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._answers = {form: dict(given) for form, given in (answers or {}).items()}
        self._before = deepcopy(self._answers)

    def read(self, form: str) -> dict[str, str]:
        """Return the answers of `form`, empty if there are none."""
        return dict(self._answers.get(form, {}))

    def write(self, form: str, question: str, value: str) -> None:
        """Note `value` as the answer to `question`; a later answer replaces an earlier one."""
        self._answers.setdefault(form, {})[question] = value

    def forget(self, form: str, question: str | None = None) -> None:
        """Strike the answer to `question`, or all of `form`."""
        if question is None:
            self._answers.pop(form, None)
        else:
            self._answers.get(form, {}).pop(question, None)

    def copied(self) -> "Notebook":
        """Return a new notebook with the same answers, all of them still to be saved."""
        copy = Notebook()
        copy._answers = deepcopy(self._answers)
        return copy

    def erase(self) -> None:
        """Strike everything."""
        self._answers.clear()

    @property
    def written(self) -> dict[tuple[str, str], str]:
        """Answers that are new or different since the notebook was opened."""
        before = _flat(self._before)
        return {at: value for at, value in _flat(self._answers).items() if before.get(at) != value}

    @property
    def struck(self) -> set[tuple[str, str]]:
        """Answers that were there when the notebook was opened and are no more."""
        return set(_flat(self._before)) - set(_flat(self._answers))

    @property
    def language(self) -> str | None:
        """The language the person chose or was first met in."""
        return self.read("person").get("language")

    @language.setter
    def language(self, language: str) -> None:
        self.write("person", "language", language)

    @property
    def open_form(self) -> str | None:
        """The questionnaire that waits for an answer, if one does."""
        return self.read("person").get("open") or None

    @open_form.setter
    def open_form(self, form: str | None) -> None:
        if form is None:
            self.forget("person", "open")
        else:
            self.write("person", "open", form)


def _flat(answers: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str], str]:
    return {(form, key): value for form, given in answers.items() for key, value in given.items()}
