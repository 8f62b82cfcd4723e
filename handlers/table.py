"""Every capability, once. The order is the order of /help.

A new capability is one module and one line here.
"""

from handlers import (
    deadlines,
    eligibility,
    following,
    incident,
    language,
    privacy,
    reminders,
    reporting,
    steps,
    welcome,
)
from handlers.visit import Capability

CAPABILITIES: tuple[Capability, ...] = (
    welcome.CAPABILITY,
    steps.CAPABILITY,
    deadlines.CAPABILITY,
    eligibility.CAPABILITY,
    incident.CAPABILITY,
    reminders.CAPABILITY,
    language.CAPABILITY,
    privacy.CAPABILITY,
    reporting.CAPABILITY,
    following.CAPABILITY,
)
