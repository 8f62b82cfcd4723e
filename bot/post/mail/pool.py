"""The connections to one provider: kept, looked at before they are used again, and retired.

A new connection with TLS and a login takes three times as many round trips as a message over one
that stands. One is given up after `MOST_MESSAGES` or `LONGEST_LIFE`, because servers end those
that do more, and after any trouble, because nobody knows what would be answered next.
"""

import asyncio
import re
import ssl
from contextlib import suppress

from bot.post.mail import opening
from bot.post.mail.patience import Patience
from bot.post.mail.session import Session
from bot.post.mail.stopped import Stopped
from bot.post.providers import Provider

MOST_MESSAGES = 100
LONGEST_LIFE = 300.0
IDLE = 15.0
"""Seconds after which a kept connection is looked at before it gets a message."""

_NAME = re.compile(r"[A-Za-z0-9.:\[\]_-]+")


class Pool:
    """Up to `size` connections to `provider`; `name` is how this machine calls itself."""

    def __init__(self, provider: Provider, *, size: int, name: str) -> None:
        if _NAME.fullmatch(name) is None:
            raise ValueError("a machine calls itself by a plain host name")
        self.provider = provider
        self._name = name
        self._room = asyncio.Semaphore(size)
        self._kept: list[Session] = []
        self._used: set[Session] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._trust: asyncio.Task[ssl.SSLContext | None] | None = None
        self._first: asyncio.Future[Stopped | None] | None = None
        self._proven = False
        self._closed = False

    async def take(self, patience: Patience, *, fresh: bool = False) -> Session:
        """Return a session for one message; raises `Stopped`. It must be given back.

        With `fresh` it is a new one, and what else was kept is given up.
        """
        await self._room.acquire()
        try:
            if fresh:
                self._empty()
            session = await self._standing() or await self._new(patience)
        except BaseException:
            self._room.release()
            raise
        session.patience = patience
        self._used.add(session)
        return session

    def give_back(self, session: Session, *, reusable: bool) -> None:
        """Keep a session for the next message, or close it."""
        self._used.discard(session)
        self._room.release()
        session.used_at = asyncio.get_running_loop().time()
        if not reusable:
            session.drop()
        elif self._closed or session.messages >= MOST_MESSAGES or self._old(session):
            self._retire(session)
        else:
            self._kept.append(session)

    async def close(self) -> None:
        """Take leave of every connection; those in use are cut."""
        self._closed = True
        for session in self._used:
            session.drop()
        self._empty()
        if self._trust is not None:
            await asyncio.gather(self._trust, return_exceptions=True)
        await asyncio.gather(*self._leaving)

    def _empty(self) -> None:
        while self._kept:
            self._retire(self._kept.pop())

    async def _standing(self) -> Session | None:
        """Return a kept session that still works; the last one used is the likeliest."""
        while self._kept:
            session = self._kept.pop()
            if await self._works(session):
                return session
        return None

    async def _works(self, session: Session) -> bool:
        """Whether a kept session may get a message; one that may not is closed."""
        works = False
        try:
            idle = asyncio.get_running_loop().time() - session.used_at
            look = session.unsettled or idle > IDLE
            works = session.usable and (not look or await session.works())
        finally:
            if not works:
                session.drop()
        return works

    async def _new(self, patience: Patience) -> Session:
        """Open a session; who comes while the first one is opened shares its fate.

        So a wrong password is tried once and not once for each connection, and one that is left
        unanswered costs nobody else a wait of his own.
        """
        while self._first is not None:
            stopped = await asyncio.shield(self._first)
            if stopped is not None:
                raise Stopped(stopped.command, stopped.result)
        if self._proven:
            return await self._opened(patience)
        self._first = first = asyncio.get_running_loop().create_future()
        stopped = None
        try:
            return await self._opened(patience)
        except Stopped as trouble:
            stopped = trouble
            raise
        finally:
            self._first = None
            first.set_result(stopped)

    async def _opened(self, patience: Patience) -> Session:
        try:
            trust = await self._certificates()
            session = await opening.opened(self.provider, patience, self._name, trust)
        except Stopped:
            self._proven = False
            raise
        self._proven = True
        asyncio.get_running_loop().call_later(LONGEST_LIFE, self._retire_if_kept, session)
        return session

    async def _certificates(self) -> ssl.SSLContext | None:
        if self._trust is None:
            self._trust = asyncio.create_task(opening.context(self.provider))
        try:
            return await asyncio.shield(self._trust)
        except Stopped:
            self._trust = None
            raise

    def _old(self, session: Session) -> bool:
        return asyncio.get_running_loop().time() - session.opened_at >= LONGEST_LIFE

    def _retire_if_kept(self, session: Session) -> None:
        with suppress(ValueError):
            self._kept.remove(session)
            self._retire(session)

    def _retire(self, session: Session) -> None:
        task = asyncio.create_task(session.quit())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
