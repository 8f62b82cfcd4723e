"""The baseline: a bare aiosmtplib loop over kept connections and one ready message.

`python -m bench.raw_mail PORT MESSAGES CONNECTIONS FILE` prints messages a second.
"""

import asyncio
import sys
import time
from itertools import repeat
from pathlib import Path

import aiosmtplib
import uvloop


async def measure(port: int, messages: int, connections: int, content: bytes) -> float:
    """Return messages a second."""
    left = repeat(None, messages)
    clients = [
        aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        for _ in range(connections)
    ]
    for client in clients:
        await client.connect()

    async def send(client: aiosmtplib.SMTP) -> None:
        for _ in left:
            await client.sendmail("noon@noon.invalid", ["person@example.org"], content)

    begun = time.perf_counter()
    await asyncio.gather(*(send(client) for client in clients))
    took = time.perf_counter() - begun
    await asyncio.gather(*(client.quit() for client in clients))
    return messages / took


if __name__ == "__main__":
    port, messages, connections = (int(word) for word in sys.argv[1:4])
    content = Path(sys.argv[4]).read_bytes()
    print(uvloop.run(measure(port, messages, connections, content)))
