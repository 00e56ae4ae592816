"""Memory that is free again, and goes back to the system.

Searches take and free some megabytes each, in several threads. glibc keeps what lies between two
things that are still in use, though nobody needs it.
"""

import ctypes
import sys


def give_back() -> None:
    """Give free memory back, which takes some 10 ms; with another C library than glibc nothing."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
