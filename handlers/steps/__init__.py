"""Step guides: what you need, one step at a time, what can go wrong, and whom to ask.

Also where free text arrives: sure, it shows the guide; unsure, it offers up to three; outside, it
says so and names whom to ask.
"""

from handlers.steps.flow import CAPABILITY, choose, menu
from handlers.steps.offering import title
from handlers.steps.placing import find, unplaced
from handlers.steps.showing import LEADS, show, unwritten
from handlers.steps.telling import opening, whole
from handlers.steps.walking import resume
from handlers.steps.way import line

__all__ = [
    "CAPABILITY",
    "LEADS",
    "choose",
    "find",
    "line",
    "menu",
    "opening",
    "resume",
    "show",
    "title",
    "unplaced",
    "unwritten",
    "whole",
]
