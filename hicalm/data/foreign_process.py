"""The process that reads files of others for ``foreign_files``: ``python -m`` this module.

A line of JSON asks for a file; lines with the share that is read may answer, and then one with
what was found or why nothing was. A file that may break its reader is read by a fork of this
process, which has the imports already.
"""

import faulthandler
import json
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from hicalm.data.plain_data import Packer
from hicalm.errors import HicalmError

try:
    import resource
except ImportError:  # which systems other than Unix lack: there are neither limits nor forks
    resource = None  # type: ignore[assignment]

_PAGES = Path("/proc/self/statm")  # Linux: the addresses of this process, in pages


def main() -> None:
    """Answer until nobody asks. A death leaves no trace on screen and no file of the memory."""
    faulthandler.disable()
    if resource:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no answer
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                for name in (asked["module"], *asked["imports"]):
                    import_module(name)
            except Exception as error:  # a library that is not there, or not whole
                _say(answers, failed=_line(error))
                continue
            if asked["apart"] and resource:
                _read_apart(asked, answers)
            else:
                _read(asked, answers)


def _read_apart(asked: dict[str, Any], answers: IO[str]) -> None:
    """Answer from a fork; this process says how it ended, where it did without an answer."""
    fork = os.fork()
    if fork:
        _, status = os.waitpid(fork, 0)
        if status:
            _say(answers, died=os.waitstatus_to_exitcode(status))
        return
    try:
        _read(asked, answers)
        os._exit(0)
    finally:
        os._exit(1)


def _read(asked: dict[str, Any], answers: IO[str]) -> None:
    most = resource.getrlimit(resource.RLIMIT_AS)[1] if resource else 0
    answer = _answer(asked, lambda share: _say(answers, share=share))
    if resource:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    _say(answers, **answer)


def _answer(asked: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:
    """Read a file; the answer has ``found``, ``refused`` (a sentence), ``failed`` or ``memory``."""
    try:
        read = getattr(sys.modules[asked["module"]], asked["name"])
        _limit(asked["memory"], asked["seconds"])
        options = {"progress": progress} if asked["progress"] else {}
        found = read(Path(asked["path"]), *asked["options"], **options)
        return {"found": Packer(Path(asked["folder"])).pack(found)}
    except HicalmError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"memory": True}
    except Exception as error:  # damaged files make the readers raise almost anything
        # torch has no MemoryError of its own
        return {"memory": True} if "allocate memory" in str(error) else {"failed": _line(error)}


def _limit(memory: int, seconds: float) -> None:
    """Allow so many more bytes, and so many seconds; beyond them this process is ended."""
    if resource is None:
        return
    if _PAGES.exists():
        own = int(_PAGES.read_text().split()[0]) * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (own, resource.getrlimit(resource.RLIMIT_AS)[1]))
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _say(answers: IO[str], **values: Any) -> None:
    # on a line of its own, whatever a fork that died had begun to say
    answers.write(f"\n{json.dumps(values)}\n")
    answers.flush()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


if __name__ == "__main__":
    main()
