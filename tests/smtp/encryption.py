"""TLS over bytes that somebody else carries.

The event loop's own `start_tls` takes the connection over at a moment of its choosing; here a
scripted delay, silence or garbage can come before the handshake, and nothing that came is lost.
"""

from __future__ import annotations

import contextlib
import ssl

CHUNK = 65536


class Encryption:
    """The server's side of one TLS connection.

    `version` is None until the handshake is over; `ended` tells that the client has said goodbye.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.version: str | None = None
        self.ended = False

    def decrypted(self, data: bytes) -> bytes:
        """Returns the clear text of what came, empty during the handshake.

        Raises:
            ssl.SSLError: when it is not what it should be; `waiting` then has the alert.
        """
        self._incoming.write(data)
        clear = bytearray()
        with contextlib.suppress(ssl.SSLWantReadError):
            self._shake_hands()
            while chunk := self._tls.read(CHUNK):
                clear += chunk
            self.ended = True
        return bytes(clear)

    def encrypted(self, content: bytes) -> bytes:
        """Returns what has to be sent for this clear text."""
        if self.version is None:
            return content
        rest = memoryview(content)
        while rest:
            rest = rest[self._tls.write(rest) :]
        return self._outgoing.read()

    def waiting(self) -> bytes:
        """Returns what TLS itself wants to send: handshakes, tickets, alerts."""
        return self._outgoing.read()

    def goodbye(self) -> bytes:
        """Returns what is sent before the connection is closed."""
        if self.version is not None:
            with contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()
        return self._outgoing.read()

    def _shake_hands(self) -> None:
        if self.version is None:
            self._tls.do_handshake()
            self.version = self._tls.version()
