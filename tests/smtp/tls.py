"""A certificate authority of our own, made when it is first needed, and what it issues."""

from __future__ import annotations

import atexit
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.system import require

HERE = ("IP:127.0.0.1", "DNS:localhost")
DAYS = 2
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")

CONFIGURATION = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = {common_name}
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""
"""Complete in itself, so that the machine's own openssl.cnf does not matter."""


class Authority:
    """An authority whose certificate is `ca_file` and whose other files lie beside it in `folder`.

    Its certificates have what Python 3.13's strict checks ask for, and live for two days.
    """

    def __init__(self, folder: Path) -> None:
        require(shutil.which("openssl") is not None, "the openssl command")
        self.folder = folder
        self._contexts: dict[tuple[tuple[str, ...], int], ssl.SSLContext] = {}
        self.ca_file = folder / "ca.pem"
        config = self._config("Loopback test authority", HERE)
        made = ("-keyout", "ca.key", "-out", "ca.pem", "-days", str(DAYS))
        self._openssl("req", "-x509", *KEY, *made, "-config", config, "-extensions", "authority")

    def server_context(self, names: tuple[str, ...], days: int) -> ssl.SSLContext:
        """Returns the context of a server with a certificate for these names and so many days."""
        if (names, days) not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._issue(names, days))
            self._contexts[names, days] = context
        return self._contexts[names, days]

    def client_context(self) -> ssl.SSLContext:
        """Returns the context of a client that trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def _issue(self, names: tuple[str, ...], days: int) -> tuple[Path, Path]:
        stem = f"server-{len(self._contexts)}"
        config = self._config("loopback", names)
        request = ("-new", *KEY, "-keyout", f"{stem}.key", "-out", f"{stem}.csr")
        self._openssl("req", *request, "-config", config)
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", str(days))
        extensions = ("-extfile", config, "-extensions", "server")
        wanted = ("-in", f"{stem}.csr", "-out", f"{stem}.pem")
        self._openssl("x509", "-req", *wanted, *signed, *extensions)
        return self.folder / f"{stem}.pem", self.folder / f"{stem}.key"

    def _config(self, common_name: str, names: Sequence[str]) -> str:
        path = self.folder / "openssl.cnf"
        path.write_text(CONFIGURATION.format(common_name=common_name, names=", ".join(names)))
        return path.name

    def _openssl(self, *command: str) -> None:
        subprocess.run(("openssl", *command), cwd=self.folder, check=True, capture_output=True)


@cache
def authority() -> Authority:
    """Returns the authority of this process; its files are removed when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="smtp-tls-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Authority(folder)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate; nothing is made before it is needed.

    Other `names` (`("DNS:mail.example.org",)`) or negative `days` (expired so long ago) make one
    that every client has to refuse.
    """

    names: tuple[str, ...] = HERE
    days: int = DAYS

    @property
    def context(self) -> ssl.SSLContext:
        """The TLS context of a server with this certificate."""
        return authority().server_context(self.names, self.days)

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that issued it, as a PEM file."""
        return authority().ca_file
