"""The folder of one run of the server, for what visitors bring: it goes when the run ends.

A run that was killed leaves its folder. It holds a lock as long as it lives, so that the next run,
or any other that is running, can tell, and deletes what is left.
"""

import os
import shutil
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from demo.brought import HOURS

try:
    import fcntl
except ImportError:  # which systems other than Unix lack: what a killed run left stays there
    fcntl = None  # type: ignore[assignment]

PREFIX = "hicalm-served-"
LOCK = "lock"
TIDY_SECONDS = 600.0


def open_private_folder() -> Path:
    """Make the folder, let all temporary files of this process lie in it, and tidy it from now on.

    Gradio's cache lies in it too, unless ``GRADIO_TEMP_DIR`` says where.
    """
    parent = Path(tempfile.gettempdir())
    delete_dead(parent)
    own = tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent)
    folder = Path(own.name)
    lock = (folder / LOCK).open("w")
    if fcntl is not None:
        fcntl.flock(lock, fcntl.LOCK_EX)
    tempfile.tempdir = os.environ["TMPDIR"] = own.name
    files = Path(os.environ.setdefault("GRADIO_TEMP_DIR", str(folder / "files")))

    def tidy() -> None:
        while not lock.closed:  # holds the lock, and the folder, until the process ends
            time.sleep(TIDY_SECONDS)
            delete_dead(parent)
            if files.is_relative_to(own.name):
                delete_old(files)

    threading.Thread(target=tidy, name="tidy", daemon=True).start()
    return folder


def delete_dead(parent: Path) -> None:
    """Delete the folders of runs that have ended without doing so."""
    if fcntl is None:
        return
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError), (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # an OSError where it is alive
            shutil.rmtree(folder, ignore_errors=True)


def delete_old(folder: Path) -> None:
    """Delete files that arrived more than ``HOURS`` ago, and those of uploads that broke off."""
    oldest = time.time() - HOURS * 3600
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink()
