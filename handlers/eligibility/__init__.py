"""Eligibility: a questionnaire for each KA2 action, and a verdict with a reason per criterion."""

from handlers.eligibility.flow import CAPABILITY, menu, named
from handlers.eligibility.hearing import is_question
from handlers.eligibility.verdict import reason, told

__all__ = ["CAPABILITY", "is_question", "menu", "named", "reason", "told"]
