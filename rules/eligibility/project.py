"""Criteria about the project itself: duration, grant, priorities, tasks, work packages."""

from math import inf

from rules.calls import Tasks, WorkPackages
from rules.eligibility.assessment import Finding, found
from rules.eligibility.case import Case
from rules.eligibility.logic import Met, at_least, every


def duration(months: tuple[int, int], case: Case) -> Finding:
    """Judge whether the project lasts as many months as the action allows."""
    least, most = months
    number = case.answers.months
    met = None if number is None else least <= number <= most
    finding = found(met, n=number or 0, least=least, most=most)
    fixed = least == most and not met
    return Finding(met, f"{finding.outcome}-fixed", finding.values) if fixed else finding


def lump_sum(amounts: tuple[int, ...], case: Case) -> Finding:
    """Judge whether the grant asked for is one of the action's lump sums."""
    amount = case.answers.lump_sum
    return found(None if amount is None else amount in amounts, amount=amount, amounts=amounts)


def priorities(least: int, case: Case) -> Finding:
    """Judge whether there are enough priorities, horizontal ones or those of the field."""
    numbers = (case.answers.horizontal_priorities, case.answers.sector_priorities)
    certain = sum(number or 0 for number in numbers)
    return found(at_least(least, certain, inf if None in numbers else certain), least=least)


def tasks(rule: Tasks, case: Case) -> Finding:
    """Judge whether there are enough tasks in all and from each category."""
    given = case.answers.tasks
    if given is None:
        return Finding(None, "unanswered", {"least": rule.total, "each": rule.each})
    numbers = (given.teaching_and_learning, given.capacity_and_internationalisation)
    certain = sum(number or 0 for number in numbers)
    total = at_least(rule.total, certain, inf if None in numbers else certain)
    from_each = every(None if number is None else number >= rule.each for number in numbers)
    return found(every([total, from_each]), n=certain, least=rule.total, each=rule.each)


def management_share(most: float, case: Case) -> Finding:
    """Judge whether management takes a larger share of the grant than allowed."""
    share = case.answers.management_share
    return found(None if share is None else share <= most, share=share, most_share=most)


def required_work_packages(rule: WorkPackages, case: Case) -> Finding | None:
    """Judge the number of work packages, management included, where it is required."""
    if rule.advice:
        return None
    number = case.answers.work_packages
    return found(_within(rule, number), n=number or 0, least=rule.least, most=rule.most)


def advised_work_packages(rule: WorkPackages, case: Case) -> Finding | None:
    """Judge the number of work packages, management included, where it is recommended."""
    if not rule.advice:
        return None
    number = case.answers.work_packages
    finding = found(_within(rule, number), n=number or 0, least=rule.least, most=rule.most)
    return Finding(finding.met, f"advice-{finding.outcome}", finding.values)


def _within(rule: WorkPackages, number: int | None) -> Met:
    return None if number is None else rule.least <= number <= rule.most
