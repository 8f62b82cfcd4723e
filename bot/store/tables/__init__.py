"""The tables. Times are seconds since 1970 in UTC, so that both databases compare them alike."""

from bot.store.tables.conversations import Answer, Button, Exchange, TelegramUpdate
from bot.store.tables.editors import Unanswered, WrongFact
from bot.store.tables.incidents import Evidence, EvidenceBytes, Incident, IncidentStep, MailboxProof
from bot.store.tables.outbox import Bounces, FrozenMessage, OutboxMessage, SendSlot
from bot.store.tables.service import Announcement, Lease, Secret
from bot.store.tables.subscribers import Contact, Edition, Erasure, Handed, SignUp, Subscription

__all__ = [
    "Announcement",
    "Answer",
    "Bounces",
    "Button",
    "Contact",
    "Edition",
    "Erasure",
    "Evidence",
    "EvidenceBytes",
    "Exchange",
    "FrozenMessage",
    "Handed",
    "Incident",
    "IncidentStep",
    "Lease",
    "MailboxProof",
    "OutboxMessage",
    "Secret",
    "SendSlot",
    "SignUp",
    "Subscription",
    "TelegramUpdate",
    "Unanswered",
    "WrongFact",
]
