"""A name server on loopback that answers from a table, for tests of what DNS says.

```python
async with NameServer({("example.org", "TXT"): ['"v=spf1 -all"']}) as server:
    server.resolver()  # asks that server and no other
```

A name in the table, and every name above one, exists; others do not (NXDOMAIN).
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Self

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

HOST = "127.0.0.1"


class NameServer(asyncio.DatagramProtocol):
    """Answers questions by `records`: (name without the last dot, type) → the data as text.

    `silent`: it takes questions and says nothing. `asked` counts them.
    """

    def __init__(
        self, records: Mapping[tuple[str, str], Sequence[str]], *, silent: bool = False
    ) -> None:
        self._records = records
        self._silent = silent
        self._transport: asyncio.DatagramTransport | None = None
        self.port = 0
        self.asked = 0

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, 0))
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close the port."""
        if self._transport is not None:
            self._transport.close()

    def resolver(self) -> dns.asyncresolver.Resolver:
        """Return a resolver that asks this server."""
        made = dns.asyncresolver.Resolver(configure=False)
        made.nameservers = [HOST]
        made.port = self.port
        return made

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        self.asked += 1
        if self._silent or self._transport is None:
            return
        question = dns.message.from_wire(data)
        self._transport.sendto(self._answer(question).to_wire(), addr)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        found = self._records.get((name, dns.rdatatype.to_text(asked.rdtype)))
        if found:
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", asked.rdtype, *found))
        elif not any(known == name or known.endswith(f".{name}") for known, _ in self._records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
