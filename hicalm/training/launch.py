"""A training by several processes that torchrun starts: how they meet, part, and fail as one."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from hicalm.errors import HicalmError
from hicalm.models.processes import process_count, process_number

Made = TypeVar("Made")

# All others wait while the first process makes phrases or validates
LONGEST_WAIT = timedelta(hours=2)


def asked_for() -> int:
    """Return how many processes torchrun has started; 1 for a process that was started alone."""
    return int(os.environ.get("WORLD_SIZE", "1"))


@contextmanager
def processes_joined() -> Iterator[None]:
    """Let the processes of torchrun train together: by NCCL where there is CUDA, else by gloo.

    Raises HicalmError where a machine has fewer GPUs than processes, and where another process has
    ended. What all of them raise only one of them says; the others end without a word.
    """
    if asked_for() == 1:
        yield
        return
    store, rank, size = next(iter(dist.rendezvous("env://", timeout=LONGEST_WAIT)))
    said = dist.PrefixStore("said", store)
    try:
        _take_gpu()
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        meeting = dist.PrefixStore("meeting", store)
        dist.init_process_group(
            backend, timeout=LONGEST_WAIT, store=meeting, rank=rank, world_size=size
        )
        yield
    except HicalmError as error:
        _end_if_said(said, str(error))
        raise
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and "gloo" not in str(error).lower():
            raise
        sentence = (
            "Another process of this training has ended: see what it said, then run the same "
            "command again to go on from the last epoch."
        )
        _end_if_said(said, sentence)
        raise HicalmError(sentence) from error
    else:
        dist.destroy_process_group()


def _take_gpu() -> None:
    if not torch.cuda.is_available():
        return
    number, gpus = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if number >= gpus:
        raise HicalmError(
            f"This machine has {gpus} GPUs for more processes: start torchrun with "
            f"--nproc-per-node {gpus} at most."
        )
    torch.cuda.set_device(number)


def _end_if_said(said: dist.Store, sentence: str) -> None:
    """End this process where another one has said ``sentence`` already."""
    try:
        first = said.add(sentence, 1) == 1
    except RuntimeError:  # the process that kept the store has ended, too
        first = True
    if not first:
        raise SystemExit(2)


def by_first(make: Callable[[], Made]) -> Made:
    """Return in all processes what the first one makes, or raise its HicalmError."""
    if process_count() == 1:
        return make()
    found: list[Any] = [None, None]  # what was made, and why not
    if process_number() == 0:
        try:
            found[0] = make()
        except HicalmError as error:
            found[1] = str(error)
    dist.broadcast_object_list(found, device=torch.device("cpu"))
    if found[1] is not None:
        raise HicalmError(found[1])
    return found[0]


def own_device() -> str:
    """Return this process's own GPU, or the CPU where there is none."""
    return f"cuda:{torch.cuda.current_device()}" if torch.cuda.is_available() else "cpu"


def in_step(module: nn.Module, device: torch.device) -> nn.Module:
    """Return a module whose gradients are the mean over all processes; itself for one alone."""
    if process_count() == 1:
        return module
    return DistributedDataParallel(
        module,
        device_ids=[device] if device.type == "cuda" else None,
        forward_sync_buffers=False,  # all have fitted theirs to the same data
        find_unused_parameters=True,  # a level without a weight has none
    )
