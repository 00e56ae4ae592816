"""Numbered pieces of work, done by Ray Data on this machine or on many.

What does the pieces is opened once in each process (an actor) and commits every piece itself, by
renaming a file on storage that all machines share. So a process or machine that is lost costs the
pieces that it was at, which others do again, and a command that is run again does what is missing.
"""

import json
import logging
import os
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from hicalm.errors import HicalmError
from hicalm.files import hash_files, write_text

Work = Callable[[int], None]  # does and commits the piece of a number

LOCAL = "local"  # the address of this machine alone
MOST_BLOCKS = 1000  # tasks of Ray Data that the pieces are spread over


def do_pieces(
    address: str,
    open_work: Callable[[], Work],
    pieces: Sequence[int],
    threads: int = 1,
    name: str = "pieces",
) -> None:
    """Do all pieces, each once unless a process was lost.

    Args:
        address: of a Ray cluster, or `local`.
        open_work: called once in each process; must be picklable.
        threads: CPU threads of each process. Every GPU of the cluster has a process of its own;
            without GPUs there are as many processes as its CPUs have room for.
        name: of what is done, for the progress bar.

    Raises HicalmError for a cluster that cannot be reached, and where a piece raised one.
    """
    if not len(pieces):
        return
    with _joined(address):
        done = _started(open_work, pieces, threads)
        with tqdm(total=len(pieces), desc=name, mininterval=5) as bar:
            for batch in done:
                if failed := [str(error) for error in batch["error"] if error]:
                    raise HicalmError(failed[0])
                bar.update(len(batch["piece"]))


class Worker:
    """What a process does: it opens the work once, and then does one piece after the other."""

    def __init__(self, open_work: Callable[[], Work]) -> None:
        self._error, self._work = "", None
        try:
            self._work = open_work()
        except HicalmError as error:  # an actor that fails to start is started again for ever
            self._error = str(error)

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Do the pieces of a batch; returns what was wrong with each, mostly ""."""
        errors = [self._do(int(piece)) for piece in batch["piece"]]
        return {"piece": batch["piece"], "error": np.array(errors)}

    def _do(self, piece: int) -> str:
        try:
            if self._work is not None:
                self._work(piece)
        except (HicalmError, OSError) as error:  # OSError: a disk that is full, or not shared
            return str(error)
        return self._error


def _started(open_work: Callable[[], Work], pieces: Sequence[int], threads: int) -> Iterable[Any]:
    """Begin the pieces; gives batches of those that are done, as ``Worker`` returns them."""
    import ray
    import ray.data

    resources = ray.cluster_resources()
    gpus = int(resources.get("GPU", 0))
    room = gpus or int(resources.get("CPU", 1) // threads)
    size = max(1, min(room, len(pieces)))
    # Half of the CPUs are left to Ray Data's own tasks: actors that reserve all wait for each other
    needs = {"num_gpus": 1} if gpus else {"num_cpus": threads / 2}
    data = ray.data.from_items(
        [{"piece": int(piece)} for piece in pieces],
        override_num_blocks=min(len(pieces), MOST_BLOCKS),
    )
    done = data.map_batches(
        Worker,
        fn_constructor_args=(open_work,),
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(
            min_size=1, max_size=size, initial_size=size, max_tasks_in_flight_per_actor=2
        ),
        **needs,
    )
    return done.iter_batches(batch_size=None, batch_format="numpy")


def work_folder(folder: Path, name: str, makers: Sequence[str]) -> Path:
    """Return where pieces of what belongs to a collection's folder wait until all are done.

    Pieces of other ``makers``, or of other museums, are removed first.
    """
    work = Path(folder) / f"{name}.part"
    identity = json.dumps([*makers, hash_files([Path(folder) / "museums.jsonl"])])
    kept = work / "identity.json"
    if not kept.is_file() or kept.read_text("utf-8") != identity:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        write_text(kept, identity)
    return work


def piece_path(work: Path, piece: int) -> Path:
    """Return the file of a piece in a ``work_folder``."""
    return work / f"{piece:06d}.safetensors"


def remove_work(folder: Path, name: str) -> None:
    """Remove the ``work_folder``, as what it was for is saved."""
    shutil.rmtree(Path(folder) / f"{name}.part", ignore_errors=True)


@contextmanager
def _joined(address: str) -> Iterator[None]:
    """Join a cluster, or start one of this machine's own that nobody else can reach."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent
    os.environ.setdefault("RAY_TQDM_PATCH_PRINT", "0")  # print stays Python's
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what ends is said by exceptions
    if address == LOCAL:  # whatever the system: every port is one of the loopback
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    import ray
    import ray.data

    already = ray.is_initialized()
    if not already:
        _check_reachable(address)
        try:
            ray.init(
                address,
                include_dashboard=False if address == LOCAL else None,
                logging_level=logging.ERROR,
                log_to_driver=False,
            )
        except Exception as error:  # it raises plain ones, e.g. where it took 30 s to start
            raise HicalmError(f"Ray cannot be used at '{address}': {error}") from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield
    finally:
        if not already:
            ray.shutdown()


def _check_reachable(address: str) -> None:
    """Raise HicalmError where nothing answers: Ray itself would wait for minutes."""
    if address == LOCAL:
        return
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except (OSError, ValueError) as error:
        raise HicalmError(
            f"There is no Ray cluster at '{address}': start one with 'ray start --head' and pass "
            "its HOST:PORT, or pass --ray local."
        ) from error
