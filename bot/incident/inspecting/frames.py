"""What goes through the pipes between Noon and the process that looks at files.

A question is one part, the file; an answer three: what it is as `kind media-type problem`, the
screenshot, the small screenshot. Each part follows its length in four bytes.
"""

import struct
from collections.abc import Sequence

LENGTH = struct.Struct("!I")
ANSWER_PARTS = 3


def framed(parts: Sequence[bytes]) -> bytes:
    """Return `parts`, each after its length."""
    return b"".join(LENGTH.pack(len(part)) + part for part in parts)
