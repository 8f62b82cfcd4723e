"""What one connection may do now, and the usual reply to each command."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.smtp import answers
from tests.smtp.answers import Answer, says
from tests.smtp.envelope import Envelope, Refused, read_recipient, read_sender
from tests.smtp.inbox import Mailbox, Session
from tests.smtp.policy import Policy
from tests.smtp.script import Script
from tests.smtp.tls import Certificate
from tests.smtp.transcript import Transcript


@dataclass(slots=True)
class House:
    """What all connections of one server share; `tried` is when each recipient was first named."""

    policy: Policy
    certificate: Certificate
    script: Script = field(default_factory=Script)
    mailbox: Mailbox = field(default_factory=Mailbox)
    transcript: Transcript = field(default_factory=Transcript)
    tried: dict[str, float] = field(default_factory=dict)

    def greylisted(self, address: str) -> bool:
        """Returns whether this recipient was first tried too short a time ago."""
        first = self.tried.setdefault(address, time.monotonic())
        return time.monotonic() - first < self.policy.greylist


class State:
    """The state that commands leave: greeted, logged in, envelope; each method is one command."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.greeted = False
        self.tls: str | None = None
        self.user: str | None = None
        self.envelope: Envelope | None = None
        self.messages = 0

    @property
    def addresses(self) -> list[str]:
        """The recipients so far."""
        return self.envelope.addresses if self.envelope is not None else []

    def hello(self, argument: bytes, *, extended: bool) -> Answer:
        """EHLO and HELO."""
        policy = self.house.policy
        if extended and not policy.extended:
            return answers.NOT_OFFERED
        if not argument.strip():
            return answers.NO_HOST
        self.greeted, self.envelope = True, None
        if not extended:
            return says(250, policy.name)
        return Answer(250, policy.extensions(in_tls=self.tls is not None))

    def may_encrypt(self, argument: bytes) -> Answer:
        """STARTTLS."""
        if self.tls is not None:
            return answers.TLS_ALREADY
        if not self.house.policy.starttls:
            return answers.NOT_OFFERED
        return answers.NO_ARGUMENT if argument else answers.READY_FOR_TLS

    def encrypted(self, tls: str | None) -> None:
        """Forgets everything that was said in clear (RFC 3207, 4.2)."""
        self.tls, self.greeted, self.user, self.envelope = tls, False, None, None

    def mail(self, argument: bytes) -> Answer:
        """MAIL."""
        policy = self.house.policy
        if not self.greeted:
            return answers.HELLO_FIRST
        if policy.auth_required and self.user is None:
            return answers.LOGIN_FIRST
        if self.envelope is not None:
            return answers.NESTED_MAIL
        if policy.messages_per_connection == self.messages:
            return answers.TOO_MANY_MESSAGES
        try:
            self.envelope = read_sender(argument, policy)
        except Refused as refused:
            return refused.answer
        return answers.SENDER_OK

    def rcpt(self, argument: bytes) -> Answer:
        """RCPT."""
        policy, envelope = self.house.policy, self.envelope
        if envelope is None:
            return answers.NEED_MAIL
        try:
            recipient = read_recipient(argument, envelope, policy)
        except Refused as refused:
            return refused.answer
        if policy.recipients is not None and len(envelope.recipients) >= policy.recipients:
            return answers.TOO_MANY_RECIPIENTS
        if self.house.greylisted(recipient.address.lower()):
            return answers.GREYLISTED
        envelope.recipients.append(recipient)
        return answers.RECIPIENT_OK

    def data(self, argument: bytes) -> Answer:
        """DATA."""
        if argument:
            return answers.NO_ARGUMENT
        if self.envelope is None:
            return answers.NEED_MAIL
        return answers.GO_AHEAD if self.envelope.recipients else answers.NEED_RECIPIENT

    def accept(self, raw: bytes, connection: int) -> Answer:
        """The end of the data."""
        if self.envelope is None:
            return answers.NEED_MAIL
        if self.house.policy.too_big(len(raw)):
            return answers.TOO_BIG
        self.messages += 1
        session = Session(connection, self.tls, self.user)
        message = self.house.mailbox.accept(self.envelope, raw, session)
        return says(250, f"2.0.0 Ok: queued as {message.queue_id}")

    def reset(self, argument: bytes) -> Answer:
        """RSET."""
        if argument:
            return answers.NO_ARGUMENT
        self.envelope = None
        return answers.OK
