"""A notice that is being put together: what was told so far stands in the notebook.

So a restart, another worker or another face goes on where the person was. Files and the proof of
the mailbox stand in `Cases`.
"""

from collections.abc import Mapping
from datetime import datetime

from handlers.notebook import Notebook
from rules.incident import Case

FORM = "incident"
"""What the notebook calls what was told, and the questionnaire while it is open."""

ADVISED = "incident-advised"
"""What the notebook calls that the advice was given: screenshots may come at once."""

TEXTS = ("action", "sector", "organisation", "oid", "title", "form_id", "happened")
PERSON = ("contact", "phone")
MOMENTS = ("attempt", "first_failure")

_ANSWERS: Mapping[str, bool | None] = {"yes": True, "no": False}


def begun(notes: Notebook) -> bool:
    """Whether a notice is being put together."""
    return bool(notes.read(FORM))


def expects_files(notes: Notebook) -> bool:
    """Whether a notice is being put together, or was offered to somebody who cannot submit."""
    return notes.open_form == FORM or begun(notes) or bool(notes.read(ADVISED))


def told(notes: Notebook, name: str) -> str:
    """Return what was told of `name`, or nothing."""
    return notes.read(FORM).get(name, "")


def note(notes: Notebook, name: str, value: str) -> None:
    """Note what was told of `name`; nothing strikes it. It counts as skipped no more."""
    if value:
        notes.write(FORM, name, value)
    else:
        notes.forget(FORM, name)
    _keep_skipped(notes, [each for each in skipped(notes) if each != name])


def skip(notes: Notebook, name: str) -> None:
    """Note that `name` is left open, so that it is not asked of itself any more."""
    _keep_skipped(notes, [*dict.fromkeys([*skipped(notes), name])])


def skipped(notes: Notebook) -> list[str]:
    """Return what was left open."""
    return [each for each in told(notes, "skipped").split(",") if each]


def forget(notes: Notebook) -> None:
    """Strike all that was told."""
    notes.forget(FORM)
    notes.forget(ADVISED)
    if notes.open_form == FORM:
        notes.open_form = None


def case(notes: Notebook, deadline: str) -> Case:
    """Return what was told as a case about `deadline`, the id of a deadline."""
    given = notes.read(FORM)
    texts = {name: given.get(name, "") for name in (*TEXTS, *PERSON)}
    return Case(
        deadline=deadline,
        **texts,
        attempt=_moment(given.get("attempt", "")),
        first_failure=_moment(given.get("first_failure", "")),
        unchanged=_ANSWERS.get(given.get("unchanged", "")),
        corrects=given.get("corrects", ""),
    )


def refill(notes: Notebook, made: Case, corrects: str) -> None:
    """Begin anew with what a notice told, to correct it; `corrects` is its id."""
    notes.forget(FORM)
    notes.write(FORM, "corrects", corrects)
    notes.write(FORM, "deadline", made.deadline)
    for answer, meant in _ANSWERS.items():
        if made.unchanged is meant:
            notes.write(FORM, "unchanged", answer)
    for name in (*TEXTS, *PERSON):
        if value := getattr(made, name):
            notes.write(FORM, name, value)
    for name in MOMENTS:
        if (moment := getattr(made, name)) is not None:
            notes.write(FORM, name, moment.isoformat())


def _moment(written: str) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _keep_skipped(notes: Notebook, names: list[str]) -> None:
    if names:
        notes.write(FORM, "skipped", ",".join(names))
    else:
        notes.forget(FORM, "skipped")
