"""Files that people send, looked at by their content in a process of its own."""

from bot.incident.inspecting.inspector import Inspector

__all__ = ["Inspector"]
