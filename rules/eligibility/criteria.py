"""All criteria in the order in which they are told, and the assessment made of them."""

from rules.calls import ActionFacts, AssociatedPartners, Call
from rules.eligibility import (
    applications,
    composition,
    countries,
    organisations,
    partnership,
    places,
    project,
    timing,
)
from rules.eligibility.answers import Answers
from rules.eligibility.assessment import Assessment, verdict
from rules.eligibility.case import Case
from rules.eligibility.line import Line, by_answers, by_fact
from rules.facts import Dated


def assess(answers: Answers, call: Call) -> Assessment:
    """Return the assessment of `answers` by the facts of `call`.

    Pure: the same answers and facts give the same assessment. Raises KeyError where `call` has no
    facts about the action (years of which only the dates are kept).
    """
    case = Case(answers, call, call.actions[answers.action])
    listed = (line.criterion(case) for line in TABLE)
    criteria = tuple(criterion for criterion in listed if criterion is not None)
    return Assessment(verdict(criteria), criteria, call.year)


def _settled(facts: ActionFacts) -> Dated[AssociatedPartners] | None:
    dated = facts.associated_partners
    return dated if dated and any(not fact.unknown for fact in dated.root) else None


def _silent(facts: ActionFacts) -> Dated[AssociatedPartners] | None:
    return None if _settled(facts) else facts.associated_partners


TABLE: tuple[Line, ...] = (
    Line(
        "coordinator-country",
        "rule",
        by_fact(lambda facts: facts.coordinator_groups, organisations.coordinator_country),
    ),
    Line(
        "coordinator-kind",
        "rule",
        by_fact(lambda facts: facts.coordinator_kinds, organisations.coordinator_kind),
    ),
    Line(
        "coordinator-age",
        "rule",
        by_fact(lambda facts: facts.coordinator_age_years, organisations.coordinator_age),
    ),
    Line(
        "participant-kinds",
        "rule",
        by_fact(lambda facts: facts.partner_kinds, organisations.participant_kinds),
    ),
    Line(
        "partner-countries",
        "rule",
        by_fact(lambda facts: facts.partner_groups, countries.partner_countries),
    ),
    Line(
        "excluded-authorities",
        "rule",
        by_fact(lambda facts: facts.excluded_authorities, countries.excluded_authorities),
    ),
    Line(
        "country-conditions",
        "advice",
        by_fact(lambda facts: facts.country_conditions, countries.country_conditions),
    ),
    Line(
        "third-country-value",
        "advice",
        by_fact(lambda facts: facts.third_country_value, countries.third_country_value),
    ),
    Line(
        "min-organisations",
        "rule",
        by_fact(lambda facts: facts.min_organisations, partnership.min_organisations),
    ),
    Line(
        "min-countries",
        "rule",
        by_fact(lambda facts: facts.min_countries, partnership.min_countries),
    ),
    Line(
        "composition",
        "rule",
        by_fact(lambda facts: facts.composition, composition.composition),
    ),
    Line("eche", "rule", by_fact(lambda facts: facts.eche, organisations.eche)),
    Line("sector", "rule", by_fact(lambda facts: facts.sectors, applications.sector)),
    Line(
        "applications-per-organisation",
        "rule",
        by_fact(lambda facts: facts.max_applications, applications.applications_per_organisation),
    ),
    Line(
        "applications-as-coordinator",
        "rule",
        by_fact(lambda facts: facts.max_as_coordinator, applications.applications_as_coordinator),
    ),
    Line(
        "same-consortium",
        "rule",
        by_fact(lambda facts: facts.same_consortium, partnership.same_consortium),
    ),
    Line("duration", "rule", by_fact(lambda facts: facts.months, project.duration)),
    Line("start-date", "rule", by_fact(lambda facts: facts.start, timing.start_date)),
    Line("lump-sum", "rule", by_fact(lambda facts: facts.lump_sums, project.lump_sum)),
    Line("priorities", "rule", by_fact(lambda facts: facts.priorities, project.priorities)),
    Line("tasks", "rule", by_fact(lambda facts: facts.tasks, project.tasks)),
    Line("venues", "rule", by_fact(lambda facts: facts.venues, places.venues)),
    Line(
        "management-share",
        "rule",
        by_fact(lambda facts: facts.management_share, project.management_share),
    ),
    Line(
        "work-packages",
        "rule",
        by_fact(lambda facts: facts.work_packages, project.required_work_packages),
    ),
    Line(
        "work-packages",
        "advice",
        by_fact(lambda facts: facts.work_packages, project.advised_work_packages),
    ),
    Line("associated-partners", "rule", by_fact(_settled, partnership.associated_partners)),
    Line(
        "associated-partners", "advice", by_answers(_silent, partnership.associated_partners_open)
    ),
    Line("deadline", "rule", by_answers(lambda facts: facts.start, timing.deadline)),
)
