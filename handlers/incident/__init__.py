"""The incident notice: advice, a notice collected in any order, its preview, and how it stands."""

from handlers.incident.flow import CAPABILITY, door, heard, take

__all__ = ["CAPABILITY", "door", "heard", "take"]
