"""Eligibility: a questionnaire for each KA2 action, and a verdict with a reason per criterion."""

from handlers.eligibility.flow import CAPABILITY
from handlers.eligibility.verdict import reason, told

__all__ = ["CAPABILITY", "reason", "told"]
