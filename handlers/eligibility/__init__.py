"""Eligibility: a questionnaire for each KA2 action, and a verdict with a reason per criterion."""

from handlers.eligibility.flow import CAPABILITY, menu
from handlers.eligibility.verdict import reason, told

__all__ = ["CAPABILITY", "menu", "reason", "told"]
