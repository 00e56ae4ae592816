"""The folder of one run of the server, for what visitors bring: it goes when the run ends.

A run that was killed leaves its folder. It holds a lock as long as it lives, so that the next run,
or any other that is running, can tell, and deletes what is left.
"""

import os
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from demo.brought import HOURS
from demo.memory import give_back
from hicalm.files import remove_left, temporary_folder

PREFIX = "hicalm-served-"
TIDY_SECONDS = 120.0  # from one time to the next, and of a file of which no more arrives
_holding = ExitStack()  # the folder, until the process ends


def open_private_folder() -> Path:
    """Make the folder, let all temporary files of this process lie in it, and tidy it from now on.

    So does Gradio's cache, whose own tidying knows nothing of uploads that broke off.
    """
    folder = _holding.enter_context(temporary_folder(PREFIX))
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    files = folder / "files"
    os.environ["GRADIO_TEMP_DIR"] = str(files)

    def tidy() -> None:
        while True:
            time.sleep(TIDY_SECONDS)
            remove_left(folder.parent, PREFIX)
            delete_old(files)
            give_back()

    threading.Thread(target=tidy, name="tidy", daemon=True).start()
    return folder


def delete_old(folder: Path) -> None:
    """Delete files that arrived more than ``HOURS`` ago, and those of uploads that broke off.

    A file lies in ``folder`` itself while it arrives, and then in a folder of its own.
    """
    now = time.time()
    for path in folder.rglob("*"):
        lives = TIDY_SECONDS if path.parent == folder else HOURS * 3600
        with suppress(OSError):
            if path.stat().st_mtime < now - lives:
                path.rmdir() if path.is_dir() else path.unlink()  # a folder only where it is empty
