"""A scripted SMTP server and a TCP proxy on loopback, for tests of what becomes of a mail.

```python
async with SmtpServer(Policy(users={"noon": "secret"}, auth_required=True)) as smtp:
    smtp.url("noon", "secret")  # NOON_SMTP_URL; tls="tls" for smtps, "none" for clear text
    smtp.at("rcpt", reply(450, "4.2.1 try later"), times=3, to="*@example.org")
    smtp.at("dot", accept_and_drop())
    held = smtp.at("dot", silence(), after=1)
    ...
    await held.reached()  # the sender now waits for a 250 that never comes: kill it here
    (message,) = await smtp.received(1)
    message.raw, message.message_id, message.queue_id, message.tls, message.authenticated
    smtp.copies()  # how often each Message-ID was accepted
    smtp.transcript.verbs  # EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA, .
    async with Proxy(smtp.host, smtp.port) as line:  # clients connect to line.port
        line.cut_after(up=b"\\r\\n.\\r\\n")
```

It is strict where real servers are: CRLF, the order of commands, known parameters, sizes.
`python -m tests.smtp` runs it as its own process, driven over a control port (`control.py`, one
JSON object a line); `SmtpProcess` is the handle to that. `outcomes.md` tells what clients make of
each trouble.
"""

from tests.smtp.inbox import Mailbox, Message
from tests.smtp.policy import Policy
from tests.smtp.process import SmtpProcess
from tests.smtp.proxy import Proxy
from tests.smtp.script import ALWAYS, Rule
from tests.smtp.server import SmtpServer
from tests.smtp.steps import (
    Step,
    accept_and_delay,
    accept_and_drop,
    drop,
    effective,
    endless_line,
    garbage,
    long_line,
    reply,
    served,
    silence,
    written,
)
from tests.smtp.tls import Certificate, authority
from tests.smtp.transcript import Exchange, Transcript

__all__ = [
    "ALWAYS",
    "Certificate",
    "Exchange",
    "Mailbox",
    "Message",
    "Policy",
    "Proxy",
    "Rule",
    "SmtpProcess",
    "SmtpServer",
    "Step",
    "Transcript",
    "accept_and_delay",
    "accept_and_drop",
    "authority",
    "drop",
    "effective",
    "endless_line",
    "garbage",
    "long_line",
    "reply",
    "served",
    "silence",
    "written",
]
