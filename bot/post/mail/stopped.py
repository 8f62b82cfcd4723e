"""Where a conversation with a mail server stopped, and by what; or that it was stopped by us."""

import ssl

from aiosmtplib import SMTPResponseException, SMTPTimeoutError

from bot.post.outcomes import Break, Command, Outcome, Reply, Verdict, classify


class Stopped(Exception):
    """The conversation did not get past `command`; `result` is the reply to it, or how it broke.

    `at_copy` says that the command named a recipient of a copy, without whom the message may leave.
    """

    def __init__(self, command: Command, result: Reply | Break) -> None:
        super().__init__(command, result)
        self.at_copy = False
        self.command = command
        self.result = result

    @property
    def outcome(self) -> Outcome:
        """What follows from it; never that the session goes on."""
        found = classify(self.command, self.result)
        stays = found.verdict is not Verdict.ONWARD
        return found if stays else classify(self.command, Break.GARBAGE)

    @property
    def said(self) -> str:
        """The command and the server's own words, on one line that any database can keep."""
        return f"{self.command}: {told(self.result)}"


class TooLate(Exception):
    """The message's moment came before the server had a byte of it, so it was not sent."""


def told(result: Reply | Break) -> str:
    """Return a reply, or how a conversation broke, on one line of printable signs."""
    if isinstance(result, Break):
        return str(result)
    text = "".join(sign if sign.isprintable() else " " for sign in result.text)
    return f"{result.code} {text}".strip()


def broken(error: BaseException) -> Break:
    """Return how a conversation broke when `error` came instead of a reply."""
    if isinstance(error, TimeoutError | SMTPTimeoutError | ConnectionAbortedError):
        # asyncio aborts a handshake that takes too long.
        return Break.TIMEOUT
    if isinstance(error, SMTPResponseException):
        return Break.GARBAGE
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Break.DROP
    if isinstance(error, ssl.SSLError | ssl.CertificateError):
        return Break.TLS_FAILED
    return Break.REFUSED if isinstance(error, ConnectionRefusedError) else Break.DROP
