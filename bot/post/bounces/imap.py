"""The mailbox itself, by IMAP. Every call connects, works and leaves; all of it blocks.

Nothing is marked by looking. What has been dealt with is marked as seen and deleted, and removed
where the server can remove just that (UIDPLUS, RFC 4315).
"""

import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from imaplib import IMAP4, IMAP4_SSL
from typing import Any

from bot.post.mailboxes import Mailbox

MOST = 50
LONGEST = 262_144
"""Bytes looked at of one mail: a report comes before the mail that it brings back."""

SECONDS = 15.0

_TROUBLE = (IMAP4.error, OSError)


class Unreadable(RuntimeError):
    """The server cannot be reached, refuses or hangs up; the text is the kind of trouble alone."""


@dataclass(frozen=True)
class Arrived:
    """Mails that nobody has seen yet; `validity` says for how long their numbers mean anything.

    `unseen` are the numbers of all such mails, `mails` the first that were wanted.
    """

    validity: str
    unseen: frozenset[int]
    mails: dict[int, bytes]


def arrived(mailbox: Mailbox, known: Collection[tuple[str, int]]) -> Arrived:
    """Return unseen mails, at most `MOST`, without those in `known` (validity, number).

    Raises `Unreadable`, as `done` does.
    """
    with _opened(mailbox) as (server, validity):
        found = _checked(server.uid("SEARCH", "UNSEEN UNDELETED"))
        unseen = sorted(int(number) for number in (found[0] or b"").split())
        wanted = [number for number in unseen if (validity, number) not in known]
        mails = {number: _fetched(server, number) for number in wanted[:MOST]}
    return Arrived(validity, frozenset(unseen), mails)


def done(mailbox: Mailbox, validity: str, numbers: Collection[int]) -> None:
    """Mark mails as seen and deleted; nothing where the numbers mean something else by now."""
    with _opened(mailbox) as (server, now_valid):
        if now_valid != validity or not numbers:
            return
        these = ",".join(map(str, sorted(numbers)))
        _checked(server.uid("STORE", these, "+FLAGS.SILENT", r"(\Seen \Deleted)"))
        # Asked anew: before the login the server told only what helps to log in.
        if b"UIDPLUS" in _checked(server.capability())[0].upper():
            _checked(server.uid("EXPUNGE", these))


@contextmanager
def _opened(mailbox: Mailbox) -> Iterator[tuple[IMAP4, str]]:
    """Yield the server with the folder selected, and the folder's validity."""
    try:
        server = _connected(mailbox)
        try:
            _log_in(server, mailbox)
            yield server, _selected(server, mailbox.folder)
        finally:
            with suppress(*_TROUBLE):
                server.logout()
    except _TROUBLE as trouble:
        raise Unreadable(type(trouble).__name__) from trouble


def _selected(server: IMAP4, folder: str) -> str:
    _checked(server.select(_quoted(folder)))
    _, validity = server.response("UIDVALIDITY")
    return (validity[0] or b"").decode()


def _connected(mailbox: Mailbox) -> IMAP4:
    if not mailbox.tls:
        return IMAP4(mailbox.host, mailbox.port, timeout=SECONDS)
    context = ssl.create_default_context(cafile=mailbox.ca)
    return IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=SECONDS)


def _log_in(server: IMAP4, mailbox: Mailbox) -> None:
    user, password = mailbox.user, mailbox.password.get_secret_value()
    if "AUTH=PLAIN" in server.capabilities:
        server.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    else:
        server.login(_quoted(user), password)


def _quoted(text: str) -> str:
    """Return `text` as a quoted string (RFC 3501, 4.3), which the library leaves to its caller."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _fetched(server: IMAP4, number: int) -> bytes:
    """Return the beginning of a mail; nothing where it has gone meanwhile."""
    parts = _checked(server.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{LONGEST}>)"))
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")


def _checked(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, data = answer
    if kind != "OK":
        raise IMAP4.error("the server refuses a command")
    return data
