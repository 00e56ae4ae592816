"""Readers of files that do whatever a reader can do."""

import os
import signal
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hicalm.errors import HicalmError


def found(path: Path) -> object:
    cells = np.empty((1, 2), object)
    cells[:] = [["sea", np.eye(2, dtype=np.int8)]]
    import torch

    return [
        {"text": "\ud800é\n", 3: (1, 2.5, None, True)},
        OrderedDict(bytes=b"\0\1", number=10**30),
        {"cells": cells, "lines": np.array(["a", "bc"]), "none": np.zeros((0, 3), np.float16)},
        [torch.arange(4.0).reshape(2, 2).T, torch.ones(2).bfloat16(), torch.tensor(True)],
        object,
    ]


def killed(path: Path) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def endless(path: Path) -> None:
    print("what is printed is no answer", flush=True)
    time.sleep(60)


def greedy(path: Path) -> None:
    np.ones(10**8)


def nested(path: Path) -> object:
    value: list = []
    for _ in range(100_000):
        value = [value]
    return value


def multiplied(path: Path) -> object:
    value: list = []
    for _ in range(64):
        value = [value, value]
    return value


def refused(path: Path, reason: str) -> None:
    raise HicalmError(reason)


def shared(path: Path, progress: Callable[[float], None]) -> int:
    progress(0.5)
    time.sleep(60)
    return 1


def number(path: Path) -> int:
    return os.getpid()
