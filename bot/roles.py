"""The roles that can be run, one per process or all in one."""

import asyncio
import fcntl
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path

import uvicorn
from starlette.routing import BaseRoute

from bot import memory
from bot.faces import web
from bot.faces.telegram import face as telegram
from bot.faces.telegram import intake
from bot.logs import places
from bot.post import office
from bot.service import Noon, open_noon
from bot.settings import BadSettings, Settings

log = logging.getLogger(__name__)


class CannotRun(RuntimeError):
    """A role cannot run here; the text says why and what to do."""


async def run_web(settings: Settings) -> None:
    """Run the web face alone."""
    async with _opened(settings, ["web"], migrate=False) as noon:
        with _door(settings) as door:
            await _serve_web(noon, door)


async def run_telegram(settings: Settings) -> None:
    """Run the Telegram face alone."""
    if settings.telegram_token is None:
        raise CannotRun("NOON_TELEGRAM_TOKEN is not set: there is no bot to run")
    async with _opened(settings, ["telegram"], migrate=False) as noon:
        await _until_stopped(telegram.serve(noon))


async def run_post(settings: Settings) -> None:
    """Run the post office alone."""
    async with _opened(settings, ["post"], migrate=False) as noon:
        await _until_stopped(office.serve(noon))


async def run_all(settings: Settings) -> None:
    """Run everything that is configured, in this process; the tables are brought up to date."""
    roles = ["web", "post"] + (["telegram"] if settings.telegram_token else [])
    async with _opened(settings, roles, migrate=True) as noon, AsyncExitStack() as stack:
        door = stack.enter_context(_door(settings))
        if settings.telegram_token is not None:
            await stack.enter_async_context(_beside("Telegram", telegram.serve(noon)))
        await stack.enter_async_context(_beside("the post office", office.serve(noon)))
        print(f"Noon: {settings.address}", file=sys.stderr, flush=True)
        await _serve_web(noon, door)


@asynccontextmanager
async def _opened(settings: Settings, roles: list[str], *, migrate: bool) -> AsyncIterator[Noon]:
    memory.return_large_pieces()
    with _alone(settings, roles):
        async with open_noon(settings, migrate=migrate) as noon:
            yield noon


async def _serve_web(noon: Noon, door: socket.socket) -> None:
    config = uvicorn.Config(
        web.app(noon, extra_routes=_telegram_door(noon)),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    _on_stop(lambda: server.handle_exit(signal.SIGTERM, None))
    await server.serve(sockets=[door])


class _Server(uvicorn.Server):
    """The server without its own way with signals: it would end the process before we clean up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the role."""
        yield


def _on_stop(act: Callable[[], object]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, act)


def _door(settings: Settings) -> socket.socket:
    """Return a listening socket, so that a taken port is known before anything starts."""
    try:
        door = socket.create_server((settings.host, settings.port), backlog=2048)
    except OSError as problem:
        raise CannotRun(
            f"{settings.host}:{settings.port} cannot be listened on ({problem.strerror});"
            " set NOON_HOST and NOON_PORT to an address that is free"
        ) from problem
    # Accepted connections inherit it; without it small answers may wait 40 ms for nothing.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def _telegram_door(noon: Noon) -> list[BaseRoute]:
    settings = noon.settings
    by_webhook = settings.telegram_token is not None and settings.telegram_mode == "webhook"
    return [intake.webhook(noon)] if by_webhook else []


@asynccontextmanager
async def _beside(name: str, role: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(role)
    task.add_done_callback(partial(_stop_if_failed, name))
    try:
        yield
    finally:
        failed = task.exception() if task.done() and not task.cancelled() else None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if failed is not None:
            raise failed


def _stop_if_failed(name: str, task: asyncio.Task[None]) -> None:
    """A role that cannot run ends the process: half a Noon would look like a whole one."""
    if not task.cancelled() and task.exception() is not None:
        log.error("%s cannot be served, so everything stops: %s", name, _told(task.exception()))
        signal.raise_signal(signal.SIGTERM)


def _told(error: BaseException | None) -> str:
    """Return what went wrong: a setting in its own words, anything else by its places."""
    if isinstance(error, BadSettings | CannotRun):
        return str(error)
    return places(error) if error is not None else ""


async def _until_stopped(role: Coroutine[None, None, None]) -> None:
    """Run `role` until it ends or the process is told to stop."""
    task = asyncio.create_task(role)
    _on_stop(task.cancel)
    with suppress(asyncio.CancelledError):
        await task


@contextmanager
def _alone(settings: Settings, roles: list[str]) -> Iterator[None]:
    """Hold each role's lock: with an SQLite file every role runs once, on one machine."""
    with ExitStack() as stack:
        for role in roles if settings.embedded else []:
            stack.enter_context(_lock(Path(f"{settings.database.database}.{role}.lock"), role))
        yield


@contextmanager
def _lock(path: Path, role: str) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(
                f"the role {role!r} already runs on this database file. SQLite takes each role"
                " once; for several processes set NOON_DATABASE_URL to a PostgreSQL database"
            ) from None
        yield
