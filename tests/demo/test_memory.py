"""Memory that is free goes back to the system."""

import platform
import re
from pathlib import Path

import pytest

from demo.memory import give_back


def resident() -> int:
    """Return how many kB of this process are in memory."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[0])


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_what_lies_between_things_in_use_is_given_back():
    things = [bytearray(8_000) for _ in range(10_000)]
    kept = things[::50]
    things.clear()
    before = resident()
    give_back()
    assert before - resident() > 40_000 and len(kept) == 200
