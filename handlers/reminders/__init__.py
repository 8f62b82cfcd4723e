"""Reminders of deadlines: subscribing step by step, changing, stopping, a reminder's buttons."""

from handlers.reminders.flow import CAPABILITY, private_only, submitted

__all__ = ["CAPABILITY", "private_only", "submitted"]
