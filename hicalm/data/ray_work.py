"""Numbered pieces of work, done by Ray Data on this machine or on many.

What does the pieces is opened once in each process (an actor) and commits every piece itself, by
renaming a file on storage that all machines share. So a process or machine that is lost costs the
pieces that it was at, which others do again, and a command that is run again does what is missing.

A piece that processes die of is given up after three tries: each is noted in a file beforehand.
"""

import json
import logging
import os
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from hicalm.errors import HicalmError
from hicalm.files import hash_files, write_text

Work = Callable[[int], None]  # does and commits the piece of a number

LOCAL = "local"  # the address of this machine alone
MOST_BLOCKS = 1000  # tasks of Ray Data that the pieces are spread over
TRIES = 3  # of a piece, and of each process to open the work
MOST_GIVEN_UP = 3  # pieces; the rest is done before the command fails
_TRIES, _OPENING = "tries", "opening"


@dataclass(frozen=True)
class Pieces:
    """The numbers of the pieces to do, and what they are called.

    Attributes:
        folder: on storage that all machines share, where tries are noted while they are done.
        named: the items of a piece, for a sentence about it.
        what: is done, for the progress bar.
    """

    numbers: Sequence[int]
    folder: Path
    named: Callable[[int], str]
    what: str = "pieces"


def do_pieces(
    address: str,
    open_work: Callable[[], Work],
    pieces: Pieces,
    threads: int = 1,
    done: Callable[[int], None] = lambda piece: None,
) -> None:
    """Do all pieces, each once unless a process was lost.

    Args:
        address: of a Ray cluster, or `local`.
        open_work: called once in each process; must be picklable.
        threads: CPU threads of each process. Every GPU of the cluster has a process of its own;
            without GPUs there are as many processes as its CPUs have room for.
        done: called in this process with each piece that is done, while others go on.

    Raises HicalmError for a cluster that cannot be reached, where a piece raised one, and, when the
    others are done, for pieces of which processes die again and again.
    """
    if not len(pieces.numbers):
        return
    tries = pieces.folder / _TRIES
    shutil.rmtree(tries, ignore_errors=True)  # those of a run before, which do not count
    tries.mkdir(parents=True)
    given_up: list[int] = []
    with _joined(address), tqdm(total=len(pieces.numbers), desc=pieces.what, mininterval=5) as bar:
        for batch in _started(open_work, pieces.numbers, tries, threads):
            for piece, error, lost in zip(*(batch[name] for name in _COLUMNS), strict=True):
                if error:
                    raise HicalmError(str(error))
                if lost:
                    given_up.append(int(piece))
                else:
                    done(int(piece))
            bar.update(len(batch["piece"]))
            if len(given_up) >= MOST_GIVEN_UP:
                break
    if given_up:
        raise HicalmError(
            f"{TRIES} processes in turn died of {_listed(map(pieces.named, sorted(given_up)))}, "
            "which was given up: of a file that ends its reader, or of too little memory (a "
            "larger --threads starts fewer processes). What is done stays done: mend or remove "
            "what is named, and run the same command again."
        )
    shutil.rmtree(tries)


_COLUMNS = ("piece", "error", "lost")


class Worker:
    """What a process does: it opens the work once, and then does one piece after the other.

    Ray starts a process that died again, without end, and gives it what it was at: so each notes in
    the folder ``tries`` what it begins. ``openings`` of the work may fail before one succeeds.
    """

    def __init__(self, open_work: Callable[[], Work], tries: Path, openings: int) -> None:
        self._error, self._work, self._tries = "", None, tries
        if _begun(tries / _OPENING) > openings:
            self._error = (
                "Processes die while they load the models, so none could begin: of too little "
                "memory (a larger --threads starts fewer processes), or of a damaged file."
            )
            return
        try:
            self._work = open_work()
        except HicalmError as error:  # an actor that fails to start is started again for ever
            self._error = str(error)
        (tries / _OPENING).unlink(missing_ok=True)

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Do the pieces of a batch; returns what was wrong with each, mostly "", and whether so
        many processes died of it that it is ``lost``."""
        found = [self._do(int(piece)) for piece in batch["piece"]]
        errors, lost = zip(*found, strict=True)
        return {"piece": batch["piece"], "error": np.array(errors), "lost": np.array(lost)}

    def _do(self, piece: int) -> tuple[str, bool]:
        if self._work is None:
            return self._error, False
        try:
            if _begun(self._tries / str(piece)) > TRIES:
                return "", True
            self._work(piece)
        except (HicalmError, OSError) as error:  # OSError: a disk that is full, or not shared
            return str(error), False
        return "", False


def _begun(note: Path) -> int:
    """Note one more try in a file; returns how many there were, this one too."""
    with note.open("ab") as file:
        file.write(b".")
        file.flush()
        return os.fstat(file.fileno()).st_size  # another process may have removed it by now


def _listed(names: Iterable[str]) -> str:
    return ", and of ".join(names)


def _started(
    open_work: Callable[[], Work], pieces: Sequence[int], tries: Path, threads: int
) -> Iterable[Any]:
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
        fn_constructor_args=(open_work, tries, TRIES * size),
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


def named_museums(ids: Sequence[str]) -> str:
    """Return what neighbouring museums are called in a sentence, by their ids."""
    first, last = ids[0], ids[-1]
    return f"the museum '{first}'" if first == last else f"the museums '{first}' to '{last}'"


def remove_work(folder: Path, name: str) -> None:
    """Remove the ``work_folder``, as what it was for is saved."""
    shutil.rmtree(Path(folder) / f"{name}.part", ignore_errors=True)


def set_up(address: str) -> None:
    """Set what Ray reads when it is imported; what is set already stays."""
    values = {
        "RAY_USAGE_STATS_ENABLED": "0",  # nothing is sent
        "RAY_TQDM_PATCH_PRINT": "0",  # print stays Python's
        "RAY_BACKEND_LOG_LEVEL": "fatal",  # what ends is said by exceptions
    }
    if address == LOCAL:  # whatever the system: every port is one of the loopback
        values["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    for name, value in values.items():
        os.environ.setdefault(name, value)


@contextmanager
def _joined(address: str) -> Iterator[None]:
    """Join a cluster, or start one of this machine's own that nobody else can reach."""
    set_up(address)
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
