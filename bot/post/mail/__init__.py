"""Mail: carried to a provider over SMTP, or kept on this machine where there is none."""

from bot.post.mail.capture import Capture
from bot.post.mail.captured import Kept, captured, forget, read_captured
from bot.post.mail.carrier import MailCarrier
from bot.post.mail.probe import Finding, Step, probe

__all__ = [
    "Capture",
    "Finding",
    "Kept",
    "MailCarrier",
    "Step",
    "captured",
    "forget",
    "probe",
    "read_captured",
]
