"""What `noon doctor` looks at, one part after the other."""

from bot.commands.checkup.examination import examine
from bot.commands.checkup.finding import Finding, Health

__all__ = ["Finding", "Health", "examine"]
