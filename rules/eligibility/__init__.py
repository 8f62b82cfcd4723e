"""Whether an application meets the rules of its action, by the facts of its call.

`Answers` is what is known of the application, `assess` compares it with the facts. Three values
throughout: met, not met, and not decided by what was answered or by what is established.
"""

from rules.eligibility.answers import Answers, BadAnswers
from rules.eligibility.assessment import Assessment, Criterion, Reason
from rules.eligibility.criteria import TABLE, assess

__all__ = ["TABLE", "Answers", "Assessment", "BadAnswers", "Criterion", "Reason", "assess"]
