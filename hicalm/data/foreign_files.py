"""Files from others whose readers trust them: pickles, tensors, MATLAB's files, videos.

What is damaged, or made to harm, may end the process that reads it, take all memory or never come
to an end. So another process reads it, with limits of memory and time, and hands over plain data;
whatever becomes of it is one sentence. Formats that are checked before they are believed
(safetensors, JSON, pictures, zip files) are read here, without a process.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hicalm.data.plain_data import unpack
from hicalm.errors import HicalmError
from hicalm.files import temporary_folder

SECONDS = 300.0  # that reading a file may take
MEMORY = 200_000_000  # bytes that reading any file may take
PER_BYTE = 6  # and bytes more for each of the file's own
_ALARM = 14  # the signal that ends what takes too long
_ROOT = str(Path(__file__).parents[2])  # where this package is


def read_foreign(
    path: Path,
    reader: Callable[..., Any],
    *options: Any,
    damaged: str,
    name: str | None = None,
    memory: int | None = None,
    seconds: float = SECONDS,
    progress: Callable[[float], None] | None = None,
    imports: Sequence[str] = (),
    keep: bool = False,
    apart: bool = False,
) -> Any:
    """Return what a function finds in a file, as ``plain_data`` can hand it over.

    Args:
        reader: a function of a module, called with the path and the options (as JSON has them).
        damaged: the sentence for a file that cannot be read; the reason follows, where there is one
            and the sentence has no full stop.
        name: what other sentences call the file; None: its path.
        memory: bytes that it may take; None: ``MEMORY``, and ``PER_BYTE`` for each of the file's.
        progress: called with shares, 0 to 1, and given to the reader; what it raises ends that.
        imports: libraries that the reader is going to import.
        keep: the process stays for the next file, with its imports: for files of which many come.
        apart: a fork of it reads the file: for readers that a file may break without ending them.
    Raises HicalmError, in one sentence, for whatever the reader raises and however it ends.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise HicalmError(f"'{path}' cannot be read: {error.strerror}.") from error
    process = _take() if keep else _Process()
    answered = False
    try:
        with temporary_folder("hicalm-foreign-") as folder:
            asked = {
                "module": reader.__module__,
                "name": reader.__qualname__,
                "imports": imports,
                "apart": apart,
                "path": str(path.resolve()),
                "options": options,
                "folder": str(folder),
                "memory": MEMORY + PER_BYTE * size if memory is None else memory,
                "seconds": seconds,
                "progress": progress is not None,
            }
            answer = process.ask(asked, progress or (lambda share: None))
            found = unpack(answer["found"], folder) if "found" in answer else None
        answered = True
    finally:
        process.give_back() if keep and answered else process.end()
    if "found" in answer:
        return found
    raise HicalmError(_why(answer, damaged, name or f"'{path}'", seconds))


def _why(answer: dict[str, Any], damaged: str, name: str, seconds: float) -> str:
    """Return in a sentence why nothing was found."""
    if "refused" in answer:
        return str(answer["refused"])
    if "memory" in answer:
        return f"Reading {name} would take more memory than its size tells. It is damaged."
    if answer.get("died") == -_ALARM:
        return f"Reading {name} took more than {seconds:g} seconds. It is damaged, or too large."
    reason = f": {answer['failed']}" if "failed" in answer else ""
    return damaged if damaged.endswith(".") else f"{damaged}{reason}."


class _Process:
    """A process that reads one file after another."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        places = [_ROOT, os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hicalm.data.foreign_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(filter(None, places))}
            | {"OMP_NUM_THREADS": "1"},  # threads would take their share of the addresses
            start_new_session=True,  # it ends with its forks
        )

    def ask(self, asked: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:
        """Return the answer; where the process ended without any, with which code it ``died``."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            print(json.dumps(asked), file=self._process.stdin, flush=True)
        for line in self._process.stdout:
            answer: dict[str, Any] = {}
            with suppress(ValueError):  # a blank line, or what a fork could not say to the end
                answer = json.loads(line)
            if "share" in answer:
                progress(min(1.0, max(0.0, float(answer["share"]))))
            elif answer:
                return answer
        return {"died": self._process.wait()}

    def give_back(self) -> None:
        """Keep it for the next file, where none is kept yet."""
        with _LOCK:
            if not _KEPT:
                _KEPT.append(self)
                return
        self.end()

    def end(self) -> None:
        """End it, with whatever it is reading."""
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        with suppress(BrokenPipeError), self._process:
            pass

    def is_ready(self) -> bool:
        """Tell whether it lives, and is not that of a process which this one was forked from."""
        return self._owner == os.getpid() and self._process.poll() is None


_KEPT: list[_Process] = []
_LOCK = threading.Lock()


def _take() -> _Process:
    with _LOCK:
        kept = _KEPT.pop() if _KEPT else None
    return kept if kept is not None and kept.is_ready() else _Process()


@atexit.register
def _end_all() -> None:
    while _KEPT:
        _KEPT.pop().end()
