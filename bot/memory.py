"""Gives the memory of large files back to the machine.

The C library takes large pieces from the machine one by one, and gives each back when it is done
with. But it learns from the first large file to keep such pieces for itself, in the places where
small ones lie between them: twenty files of 19 MB, one at a time, then hold 55 MB more for good.
A fixed limit turns that learning off.
"""

import ctypes

LARGE = 1024 * 1024
"""Bytes from which on a piece of memory is taken from the machine alone."""

_MMAP_THRESHOLD = -3
"""`M_MMAP_THRESHOLD` of malloc.h (mallopt(3))."""


def return_large_pieces() -> bool:
    """Fix the limit; False where the C library has none, and memory is as it is."""
    try:
        fixed = ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE)
    except (AttributeError, OSError, TypeError):
        return False
    return bool(fixed)
