"""The AUTH command: PLAIN and LOGIN (RFC 4954, RFC 4616)."""

from __future__ import annotations

import base64
import binascii

from tests.smtp import answers
from tests.smtp.answers import Answer, says
from tests.smtp.state import State

WORDS = 2
"""A name and a password."""


class Login:
    """One attempt to log in; when it succeeds the state knows the user."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._mechanism = ""
        self._words: list[bytes] = []

    def begin(self, argument: bytes) -> Answer:
        """Returns the reply to `AUTH <argument>`: 334 when more is wanted."""
        mechanism, _, first = argument.decode("ascii", "replace").partition(" ")
        self._mechanism = mechanism.upper()
        if (refusal := self._refusal()) is not None:
            return refusal
        if self._mechanism not in ("PLAIN", "LOGIN"):
            return answers.NO_SUCH_MECHANISM
        return self.go_on(first.encode()) if first else self._ask()

    def go_on(self, line: bytes) -> Answer:
        """Returns the reply to what the client said next."""
        if line == b"*":
            return answers.AUTH_CANCELLED
        try:
            word = b"" if line == b"=" else base64.b64decode(line, validate=True)
        except binascii.Error:
            return answers.BAD_BASE64
        self._words += word.split(b"\0")[1:] if self._mechanism == "PLAIN" else [word]
        if self._mechanism == "LOGIN" and len(self._words) < WORDS:
            return self._ask()
        return self._judge()

    def _refusal(self) -> Answer | None:
        state, policy = self._state, self._state.house.policy
        if not state.greeted:
            return answers.HELLO_FIRST
        if state.user is not None:
            return answers.LOGGED_IN_ALREADY
        if state.envelope is not None:
            return answers.OUT_OF_TURN
        if policy.offers_auth(in_tls=state.tls is not None):
            return None
        return answers.TLS_FOR_LOGIN if policy.users else answers.NOT_OFFERED

    def _ask(self) -> Answer:
        if self._mechanism == "PLAIN":
            return says(334, "")
        wanted = b"Password:" if self._words else b"Username:"
        return says(334, base64.b64encode(wanted).decode())

    def _judge(self) -> Answer:
        words = [word.decode("utf-8", "replace") for word in self._words]
        users = self._state.house.policy.users
        if len(words) != WORDS or users.get(words[0]) != words[1]:
            return answers.WRONG_PASSWORD
        self._state.user = words[0]
        return answers.LOGGED_IN
