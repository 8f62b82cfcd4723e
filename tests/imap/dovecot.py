"""Dovecot as a process of the test: its folder is temporary, and it ends with the test run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from imaplib import IMAP4
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from tests.smtp.tls import DAYS, HERE, Authority
from tests.system import require

USER = "noon"
PASSWORD = "pass/word?#@"
"""An address has to escape each of its signs."""

PATIENCE = 20.0
NOBODY = 65534

CONFIGURATION = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
mail_location = maildir:~/mail
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


@dataclass(frozen=True)
class Kept:
    """A mail in a folder: its bytes and flags."""

    raw: bytes
    flags: frozenset[str]


class Dovecot:
    """The server with one user; use it as a context manager."""

    def __init__(self) -> None:
        self._program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        require(Path(self._program).exists(), "Dovecot (dovecot-imapd)")
        require(shutil.which("setpriv") is not None, "setpriv (util-linux)")
        self.folder = Path(tempfile.mkdtemp(prefix="noon-imap-"))
        self.port, self.tls_port = _free_port(), _free_port()
        self.ca_file = self.folder / "ca.pem"
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Make the server's files, start it and wait until it answers."""
        self.folder.chmod(0o755)
        home = self.folder / "home"
        home.mkdir()
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        uid = NOBODY if os.geteuid() == 0 else os.geteuid()
        if os.geteuid() == 0:
            shutil.chown(home, NOBODY, NOBODY)
        self._configure(uid)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Stop the server and remove its files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = (self._program, "-F", "-c", str(self.folder / "dovecot.conf"))
        self._server = subprocess.Popen(("setpriv", "--pdeathsig=TERM", *command))
        until = time.monotonic() + PATIENCE
        while not _answers(self.port):
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server; connections are cut."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(PATIENCE)
            self._server = None

    def url(self, folder: str = "", *, tls: bool = True, password: str = PASSWORD) -> str:
        """Return the mailbox's address as `NOON_BOUNCES` takes it."""
        login = f"{USER}:{quote(password, safe='')}@127.0.0.1"
        if not tls:
            return f"imap://{login}:{self.port}/{quote(folder)}"
        return f"imaps://{login}:{self.tls_port}/{quote(folder)}?ca={self.ca_file}"

    def make(self, folder: str) -> None:
        """Make a folder."""
        with self._client() as client:
            client.create(f'"{folder}"')

    def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Let mails arrive."""
        with self._client() as client:
            for mail in mails:
                answer, _ = client.append(f'"{folder}"', "", "", mail)
                assert answer == "OK"

    def mails(self, folder: str = "INBOX") -> list[Kept]:
        """Return what is in a folder, oldest first."""
        with self._client() as client:
            client.select(f'"{folder}"', readonly=True)
            _, found = client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")
        return [_kept(part) for part in found if isinstance(part, tuple)]

    @contextmanager
    def _client(self) -> Iterator[IMAP4]:
        with IMAP4("127.0.0.1", self.port, timeout=PATIENCE) as client:
            client.login(USER, PASSWORD)
            yield client

    def _configure(self, uid: int) -> None:
        made = Authority(self.folder)
        certificate, key = made._issue(HERE, DAYS)
        root = os.geteuid() == 0
        user = subprocess.run(("id", "-un"), capture_output=True, text=True, check=True)
        group = subprocess.run(("id", "-gn"), capture_output=True, text=True, check=True)
        values = {
            "folder": self.folder,
            "internal": "dovecot" if root else user.stdout.strip(),
            "login": "dovenull" if root else user.stdout.strip(),
            "group": "dovecot" if root else group.stdout.strip(),
            "certificate": certificate,
            "key": key,
            "uid": uid,
            "gid": uid if root else os.getegid(),
            "port": self.port,
            "tls_port": self.tls_port,
        }
        (self.folder / "dovecot.conf").write_text(CONFIGURATION.format(**values))


def _kept(part: tuple[bytes, bytes]) -> Kept:
    flags = re.search(rb"FLAGS \(([^)]*)\)", part[0])
    assert flags is not None
    return Kept(part[1], frozenset(flags[1].decode().split()))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with IMAP4("127.0.0.1", port, timeout=1):
            return True
    except (OSError, IMAP4.error):
        return False
