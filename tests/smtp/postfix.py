"""Postfix as a process of the test: takes mail on loopback and puts it into a Maildir."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.smtp.sink import program
from tests.system import free_port, require

PATIENCE = 30.0

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.agency.example
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = inline:{{ {places} }}
virtual_mailbox_base = {home}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
virtual_transport = virtual
alias_maps =
alias_database =
smtpd_tls_security_level = none
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running Postfix that takes up to its default of 10,240,000 bytes a mail."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        """Return it as `NOON_SMTP_URL` takes it."""
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    @property
    def log(self) -> str:
        """Return what it wrote down of its doings."""
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def postfix(home: Path, folders: Mapping[str, str]) -> Iterator[Postfix]:
    """Run Postfix; mail to anybody at a domain of `folders` goes to that folder of a mailbox.

    `home` is the mailbox's; the empty folder is its inbox.

    Its parts give up root by themselves, so it has to be started by root, as in CI.
    """
    require(os.geteuid() == 0, "root, which Postfix has to be started by")
    folder = Path(tempfile.mkdtemp(prefix="noon-mx-"))
    folder.chmod(0o755)
    server = Postfix(free_port(), folder)
    conf = _configured(server, home, folders)
    command = (program("postfix"), "-c", str(conf))
    try:
        subprocess.run((*command, "start"), check=True, capture_output=True)
        _until_open(server)
        yield server
    finally:
        subprocess.run((*command, "abort"), check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _configured(server: Postfix, home: Path, folders: Mapping[str, str]) -> Path:
    conf = server.folder / "conf"
    for name in ("conf", "queue", "data"):
        (server.folder / name).mkdir()
    shutil.chown(server.folder / "data", "postfix", "postfix")
    owner = home.stat()
    values = {
        "folder": server.folder,
        "home": home,
        "domains": ", ".join(folders),
        "places": ", ".join(
            f"{{ @{domain} = mail/{f'.{folder}/' if folder else ''} }}"
            for domain, folder in folders.items()
        ),
        "uid": owner.st_uid,
        "gid": owner.st_gid,
    }
    (conf / "main.cf").write_text(MAIN.format(**values))
    (conf / "master.cf").write_text(MASTER.format(port=server.port))
    return conf


def _until_open(server: Postfix) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1):
                return
        except OSError:
            assert time.monotonic() < until, server.log
            time.sleep(0.05)
