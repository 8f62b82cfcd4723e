"""Rules of a call that hold for every KA2 action: who may take part, how to apply, priorities.

Each is a dated fact with its source, like those of an action.
"""

from rules.calls import Sector
from rules.facts import Dated, Frozen


class Experience(Frozen):
    """Less experienced: supported at most `times` times in the last `years` years."""

    times: int
    years: int


class Horizontal(Frozen):
    """A horizontal priority: its id and official names."""

    id: str
    lv: str
    en: str


class GeneralFacts(Frozen):
    """All facts of `rules/<call>/general.toml`."""

    call: int
    any_organisation: Dated[bool]
    informal_groups: Dated[bool]
    natural_persons: Dated[bool]
    sole_traders: Dated[bool]
    excluded_bodies: Dated[tuple[str, ...]]
    sanctioned: Dated[tuple[str, ...]]
    accreditation_required: Dated[bool]
    oid_required: Dated[bool]
    one_oid_each: Dated[bool]
    consent_for_oid: Dated[bool]
    identification_form_by: Dated[str]
    bank_details_by: Dated[str]
    financial_papers_above: Dated[int]
    must_hold: Dated[tuple[str, ...]]
    less_experienced: Dated[Experience]
    newcomer_times: Dated[int]
    experience_is_condition: Dated[bool]
    online_only: Dated[bool]
    language: Dated[str]
    declaration_on_honour_by: Dated[str]
    accession_form_by: Dated[str]
    late_is_inadmissible: Dated[bool]
    one_agency_only: Dated[bool]
    last_version_counts: Dated[bool]
    same_application_twice_rejected: Dated[bool]
    generative_ai_allowed: Dated[bool]
    paid_drafting_allowed: Dated[bool]
    cost_above_lump_sum: Dated[bool]
    horizontal_priorities: Dated[tuple[Horizontal, ...]]
    sector_priorities: Dated[dict[Sector, int]]
    national_priorities: Dated[tuple[str, ...]]
    budget: Dated[dict[str, int]]
    award_months: Dated[int]
