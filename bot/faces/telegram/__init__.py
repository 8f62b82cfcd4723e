"""Telegram: updates in through the inbox, answers out through one rate limiter."""

import os

# How the library names spans of time from its next version on; without it every pause that Telegram
# demands is followed by a warning on stderr.
os.environ.setdefault("PTB_TIMEDELTA", "true")
