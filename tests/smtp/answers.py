"""What the server says: one reply, on one line or on several, with its code."""

from __future__ import annotations

from typing import NamedTuple

CLOSING = (221, 421)
"""Codes after which a server closes the connection (RFC 5321, 3.8 and 4.2.1)."""


class Answer(NamedTuple):
    """A reply code and the text of its lines."""

    code: int
    lines: tuple[str, ...]

    @property
    def positive(self) -> bool:
        """Whether the command has had its effect."""
        return self.code < 400

    @property
    def text(self) -> str:
        """The reply as it is written, lines joined by LF, without a line end."""
        last = len(self.lines) - 1
        return "\n".join(
            f"{self.code}{' ' if number == last else '-'}{line}"
            for number, line in enumerate(self.lines)
        )

    @property
    def encoded(self) -> bytes:
        """The reply's bytes: UTF-8, every line ended by CRLF; surrogates stand for raw bytes."""
        return (self.text.replace("\n", "\r\n") + "\r\n").encode("utf-8", "surrogateescape")


def says(code: int, *lines: str) -> Answer:
    """Returns a reply with these lines of text."""
    return Answer(code, lines)


OK = says(250, "2.0.0 Ok")
SENDER_OK = says(250, "2.1.0 Ok")
RECIPIENT_OK = says(250, "2.1.5 Ok")
GO_AHEAD = says(354, "End data with <CR><LF>.<CR><LF>")
BYE = says(221, "2.0.0 Bye")
READY_FOR_TLS = says(220, "2.0.0 Ready to start TLS")
LOGGED_IN = says(235, "2.7.0 Authentication successful")
NO_OPINION = says(252, "2.0.0 Cannot VRFY user")

TOO_MANY_CONNECTIONS = says(421, "4.7.0 Error: too many connections")
TOO_MANY_MESSAGES = says(421, "4.7.0 Error: too many messages on this connection")
IDLE = says(421, "4.4.2 Error: timeout exceeded")
GREYLISTED = says(450, "4.2.0 Recipient address rejected: greylisted, try again later")
TOO_MANY_RECIPIENTS = says(452, "4.5.3 Error: too many recipients")

UNKNOWN = says(500, "5.5.2 Error: command not recognized")
LINE_TOO_LONG = says(500, "5.5.2 Error: line too long")
NOT_OFFERED = says(502, "5.5.1 Error: command not implemented")
BAD_BASE64 = says(501, "5.5.2 Error: invalid base64 data")
AUTH_CANCELLED = says(501, "5.7.0 Authentication cancelled")
NO_ARGUMENT = says(501, "5.5.4 Error: this command takes no argument")
NO_HOST = says(501, "5.5.4 Error: host name expected")
HELLO_FIRST = says(503, "5.5.1 Error: send HELO or EHLO first")
NESTED_MAIL = says(503, "5.5.1 Error: nested MAIL command")
NEED_MAIL = says(503, "5.5.1 Error: need MAIL command")
NEED_RECIPIENT = says(503, "5.5.1 Error: need RCPT command")
TLS_ALREADY = says(503, "5.5.1 Error: TLS already active")
LOGGED_IN_ALREADY = says(503, "5.5.1 Error: already authenticated")
OUT_OF_TURN = says(503, "5.5.1 Error: not during a mail transaction")
NO_SUCH_MECHANISM = says(504, "5.5.4 Error: unrecognized authentication type")
TLS_FIRST = says(530, "5.7.0 Must issue a STARTTLS command first")
LOGIN_FIRST = says(530, "5.7.0 Authentication required")
WRONG_PASSWORD = says(535, "5.7.8 Error: authentication failed")
TLS_FOR_LOGIN = says(538, "5.7.11 Encryption required for requested authentication mechanism")
TOO_BIG = says(552, "5.3.4 Error: message file too big")
NOT_PIPELINED = says(554, "5.5.0 Error: SMTP protocol synchronization")
