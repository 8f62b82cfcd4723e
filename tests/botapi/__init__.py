"""A small Telegram Bot API server on loopback for tests and benchmarks.

It behaves as the real server does where a bot can notice, and refuses what that would refuse; its
wire format is judged by aiogram's typed models (`judged.py`, `validate.py`), which share no code
with it or with the product's client. README.md tells how to use it and where it falls short.
"""

from tests.botapi.calls import Call
from tests.botapi.chat import BotApi
from tests.botapi.faults import Delayed, Dropped, Failed, Refused, Served, TooMany
from tests.botapi.people import Group, User
from tests.botapi.views import Message, Press

__all__ = [
    "BotApi",
    "Call",
    "Delayed",
    "Dropped",
    "Failed",
    "Group",
    "Message",
    "Press",
    "Refused",
    "Served",
    "TooMany",
    "User",
]
