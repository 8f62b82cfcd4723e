"""A real IMAP server (Dovecot) on loopback, and mails as other servers send them back.

```python
with Dovecot() as imap:
    imap.url()  # NOON_BOUNCES with TLS; tls=False for plain text
    imap.put(postfix(...))  # a mail that has just arrived
    imap.mails()  # what is in the folder, with its flags
```
"""

from tests.imap.dovecot import Dovecot, Kept
from tests.imap.samples import SAMPLES, Sample, person

__all__ = ["SAMPLES", "Dovecot", "Kept", "Sample", "person"]
