"""The facts of one call year, typed: actions, countries, sectors, agencies.

A key that a file leaves out is a rule the guide does not state for that action.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from rules.deadlines import Deadline
from rules.facts import Confidence, Dated, Frozen

Sector = Literal["SCH", "VET", "HED", "ADU", "YOU", "SPO"]
Kind = Literal[
    "organisation",
    "higher_education_institution",
    "school",
    "school_authority",
    "school_coordination_body",
    "informal_group",
    "natural_person",
    "school_stakeholder",
]


class Applications(Frozen):
    """How many applications one organisation may take part in, and the fields that count."""

    limit: int
    fields: tuple[Sector, ...]


class AssociatedPartners(Frozen):
    """Countries whose organisations may not even be associated (unfunded) partners."""

    excluded: tuple[str, ...]


class Venues(Frozen):
    """Where activities may take place besides the participants' countries.

    `seats`: countries with a seat of an EU institution (if justified); `associated`: whether
    associated partners' countries count; `result_sharing`: country groups where events that
    share results may be held if justified.
    """

    seats: tuple[str, ...]
    associated: bool
    result_sharing: tuple[str, ...]


class WorkPackages(Frozen):
    """How many work packages, management included; `advice` when the guide only recommends."""

    least: int
    most: int
    advice: bool


class Tasks(Frozen):
    """KA240: the least number of tasks in all and from each of the two categories."""

    total: int
    each: int


class Composition(Frozen):
    """KA240: what each of `countries` countries, the applicant's among them, must bring."""

    countries: int
    authorities: int
    schools: int


class Threshold(Frozen):
    """Points in all and per award criterion: those a proposal needs, or can get."""

    total: int
    relevance: int
    design: int
    partnership: int
    impact: int


class ActionFacts(Frozen):
    """All facts of one action in one call (`rules/<call>/ka*.toml`)."""

    call: int
    action: str
    sectors: Dated[tuple[Sector, ...]]
    sectors_elsewhere: Dated[dict[Sector, str]] | None = None
    coordinator_groups: Dated[tuple[str, ...]]
    coordinator_kinds: Dated[tuple[Kind, ...]]
    coordinator_age_years: Dated[int] | None = None
    partner_groups: Dated[tuple[str, ...]]
    partner_kinds: Dated[tuple[Kind, ...]]
    partner_kinds_if_defined: Dated[tuple[Kind, ...]] | None = None
    excluded_partners: Dated[tuple[str, ...]] | None = None
    min_organisations: Dated[int]
    min_countries: Dated[int]
    composition: Dated[Composition] | None = None
    third_country_value: Dated[bool] | None = None
    excluded_authorities: Dated[tuple[str, ...]] | None = None
    country_conditions: Dated[tuple[str, ...]] | None = None
    eche: Dated[bool] | None = None
    associated_partners: Dated[AssociatedPartners] | None = None
    max_applications: Dated[Applications] | None = None
    max_as_coordinator: Dated[int] | None = None
    same_consortium: Dated[bool] | None = None
    months: Dated[tuple[int, int]]
    start: Dated[bool]
    lump_sums: Dated[tuple[int, ...]]
    priorities: Dated[int] | None = None
    tasks: Dated[Tasks] | None = None
    venues: Dated[Venues]
    management_share: Dated[float] | None = None
    work_packages: Dated[WorkPackages] | None = None
    threshold: Dated[Threshold]
    records_years: Dated[int]
    no_maximum: Dated[bool] | None = None
    named_when_applying: Dated[bool] | None = None
    apply_to: Dated[str]
    max_points: Dated[Threshold]


class CountryGroup(Frozen):
    """A group of countries as the guide lists them (`eu`, `associated`, `region-1` …)."""

    id: str
    members: tuple[str, ...]
    source: str


class Overseas(Frozen):
    """Territories with a country code of their own, by the state whose status they share."""

    source: str
    confidence: Confidence
    states: Mapping[str, str]


class Countries(Frozen):
    """The countries of one call year, ISO 3166-1 alpha-2 (XK: Kosovo)."""

    groups: tuple[CountryGroup, ...] = Field(min_length=1)
    overseas: tuple[Overseas, ...] = ()

    def state_of(self, code: str) -> str:
        """Return the state that `code` counts as: itself, or the one a territory belongs to."""
        return next((o.states[code] for o in self.overseas if code in o.states), code)

    def group_of(self, code: str) -> str | None:
        """Return the group of the state that `code` counts as, or None if no group names it."""
        state = self.state_of(code)
        return next((group.id for group in self.groups if state in group.members), None)

    def known(self, code: str) -> bool:
        """Whether the guide, or the list of overseas territories, names `code`."""
        return self.group_of(code) is not None


class Named(Frozen):
    """A name in both languages."""

    lv: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the name in `language`."""
        return self.lv if language == "lv" else self.en


class ActionName(Named):
    """An action's official names; `noon` marks those that Noon guides through."""

    key_action: str
    noon: bool = False


class SectorName(Named):
    """A sector's names and the body that runs it in Latvia."""

    body: str
    source: str


class Call:
    """Everything known of one call year."""

    def __init__(
        self,
        year: int,
        actions: Mapping[str, ActionFacts],
        countries: Countries,
        deadlines: Mapping[str, Deadline],
    ) -> None:
        self.year = year
        self.actions = dict(actions)
        self.countries = countries
        self.deadlines = dict(deadlines)

    def rounds(self, action: str) -> list[Deadline]:
        """Return the rounds of `action`, the cancelled ones too, earliest first."""
        mine = (d for d in self.deadlines.values() if d.action == action)
        return sorted(mine, key=lambda d: d.instant)
