"""What is known of a planned application. A key that is missing, or null, is not answered.

The shapes and meanings are those of the answers file of `noon eligibility`.
"""

from datetime import date, datetime
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, ValidationError
from pydantic_core import ErrorDetails

from rules.calls import Kind, Sector
from rules.eligibility import moments
from rules.eligibility.codes import country_code
from rules.facts import Frozen

Country = Annotated[str, Field(strict=True), AfterValidator(country_code)]
Day = Annotated[date, BeforeValidator(moments.day)]
Moment = Annotated[datetime, BeforeValidator(moments.moment)]
Count = Annotated[int, Field(strict=True, ge=0)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]


class BadAnswers(ValueError):
    """The answers cannot be read; `problems` names each place and what is wrong there."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class AssociatedPartner(Frozen):
    """An organisation that supports the project without funding."""

    country: Country | None = None
    kind: Kind | None = None


class Participant(Frozen):
    """An organisation of the partnership."""

    country: Country | None = None
    kind: Kind | None = None
    eche: StrictBool | None = None
    applications_total: Count | None = None


class Coordinator(Participant):
    """The organisation that applies for all."""

    established: Day | None = None
    applications_as_coordinator: Count | None = None


class Tasks(Frozen):
    """KA240: how many tasks the project plans from each of the two categories."""

    teaching_and_learning: Count | None = None
    capacity_and_internationalisation: Count | None = None


class Answers(Frozen):
    """The answers about one application."""

    action: Literal["KA210", "KA220", "KA240"]
    sector: Sector | None = None
    as_of: Moment | None = None
    coordinator: Coordinator | None = None
    partners: tuple[Participant, ...] | None = None
    associated_partners: tuple[AssociatedPartner, ...] | None = None
    months: Count | None = None
    start: Day | None = None
    lump_sum: Count | None = None
    horizontal_priorities: Count | None = None
    sector_priorities: Count | None = None
    tasks: Tasks | None = None
    management_share: Share | None = None
    work_packages: Count | None = None
    venues: tuple[Country, ...] | None = None
    venue_eu_seat_justified: StrictBool | None = None
    same_consortium_elsewhere: StrictBool | None = None

    @classmethod
    def read(cls, data: object) -> Self:
        """Return the answers in `data`, as JSON gives them; raise `BadAnswers` otherwise."""
        try:
            return cls.model_validate(data)
        except ValidationError as invalid:
            raise BadAnswers(tuple(_problem(error) for error in invalid.errors())) from invalid


_WORDS = {
    "bool_type": "must be true or false",
    "dict_type": "must be an object in braces",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "missing": "is missing",
    "model_type": "must be an object in braces",
    "string_type": "must be text in quotes",
    "tuple_type": "must be a list in brackets",
}


def _problem(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "answers"
    return f"{where}: {_wrong(error)}"


def _wrong(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(str(error["loc"][-1]))
    if kind == "literal_error":
        return f"must be one of {error['ctx']['expected'].replace(' or ', ', ')}"
    if kind in ("less_than_equal", "greater_than_equal") and error["loc"][-1] == "management_share":
        return "must be a share between 0 and 1, such as 0.2 for 20 %"
    return _WORDS.get(kind, error["msg"])


def _unknown_key(key: str) -> str:
    models = (Answers, Coordinator, Tasks)
    known = [name for model in models for name in model.model_fields]
    close = get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {close[0]}?" if close else "unknown key"
