"""Videos of rooms: views are taken evenly from all of one, in a process of its own.

A file from others may end the process that decodes it, or keep it busy; so it is another process
that does, with limits of time and memory. What a video claims about its length is believed only
where there are frames accordingly.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hicalm.errors import HicalmError

if TYPE_CHECKING:
    import cv2

ENDINGS = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi"})
FRAMES = 32  # that are views
MANY_FRAMES = 1_000  # from which on leaps are quicker than all frames
MOST_KEPT = 4 * FRAMES  # while it is not known how many there are
LARGEST = 200_000_000  # bytes of a file
LONGEST = 20 * 60  # seconds that it plays
MAX_PIXELS = 20_000_000  # of a frame
MOST_WIDTH = 960  # pixels of a view
TIME = 300  # seconds that reading may take
REFUSED = 3  # the exit status of that process after one sentence
MEMORY = 4_000_000_000  # bytes of addresses that it may take
# How such files begin, so that no play list that names other files passes for one.
_BEGINNINGS = ((4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (4, b"wide"), (4, b"free"), (4, b"skip"),
               (0, b"\x1a\x45\xdf\xa3"), (0, b"RIFF"))  # fmt: skip
UNREADABLE = "The file is not a video that can be read, or it is damaged. Save it as MP4 (H.264)."


def read_video(path: Path, progress: Callable[[float], None] = lambda share: None) -> list[bytes]:
    """Return at most ``FRAMES`` frames of a video, evenly from all of it, as JPEG files.

    ``progress`` is called with the share that is read, 0 to 1, as far as the video tells; what it
    raises ends the reading. Raises HicalmError for what is no video, or too large or long.
    """
    _check(path)
    started, said = time.monotonic(), ""
    with tempfile.TemporaryDirectory(prefix="hicalm-video-") as folder:
        with _reader(path, folder) as process:
            for line in process.stdout or ():
                said = line.strip()
                with suppress(ValueError):
                    progress(min(1.0, max(0.0, float(said))))
            code = process.wait()
        if code == REFUSED:
            raise HicalmError(said)
        frames = [frame.read_bytes() for frame in sorted(Path(folder).glob("*.jpg"))]
    if time.monotonic() - started > TIME:
        raise HicalmError(f"Reading the video took more than {TIME} seconds. Make it shorter.")
    if code or not frames:
        raise HicalmError(UNREADABLE)
    return frames


def _check(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise HicalmError(f"The file cannot be read: {error.strerror}.") from error
    if size > LARGEST:
        raise HicalmError(f"The video is too large: at most {LARGEST / 1e6:.0f} MB can be read.")
    if not any(head[at:].startswith(beginning) for at, beginning in _BEGINNINGS):
        raise HicalmError(UNREADABLE)


@contextmanager
def _reader(path: Path, folder: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a process that reads a video; it ends on the way out, and after ``TIME`` seconds."""
    places = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]  # of this package
    process = subprocess.Popen(
        [sys.executable, "-m", "hicalm.importers.videos", str(path.resolve()), folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))},
    )
    timer = threading.Timer(TIME, process.kill)
    timer.start()
    try:
        with process:
            try:
                yield process
            finally:
                process.kill()  # it has ended, or is no longer needed
    finally:
        timer.cancel()


def _main(path: str, folder: str) -> int:
    """Write the frames of a video as JPEG files, and say how far it is."""
    _limit()
    try:
        _write(path, Path(folder))
    except HicalmError as error:
        print(error, flush=True)
        return REFUSED
    return 0


def _limit() -> None:
    with suppress(ImportError):  # which systems other than Unix lack
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _write(path: str, folder: Path) -> None:
    """Write the frames of a video, found by leaps in a long one where its claims hold."""
    import cv2

    video = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 2])
    if not video.isOpened():
        raise HicalmError(UNREADABLE)
    claimed = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    frames = _leaps(video, claimed) if claimed > MANY_FRAMES else []
    if not frames:
        video.set(cv2.CAP_PROP_POS_FRAMES, 0)
        frames = _all_through(video, claimed)
    for at, frame in enumerate(frames):
        (folder / f"{at:05d}.jpg").write_bytes(frame)


def _leaps(video: "cv2.VideoCapture", claimed: int) -> list[bytes]:
    """Return the frames at even places, or none where one of them is not there."""
    import cv2

    frames, last = [], -1.0
    for at in range(FRAMES):
        video.set(cv2.CAP_PROP_POS_FRAMES, int((at + 0.5) / FRAMES * claimed))
        frame = _frame(*video.read())
        if not frame or video.get(cv2.CAP_PROP_POS_MSEC) <= last:
            return []
        last = _check_time(video)
        frames.append(frame)
        print((at + 1) / FRAMES, flush=True)
    return frames


def _all_through(video: "cv2.VideoCapture", claimed: int) -> list[bytes]:
    """Keep every frame, then every second, every fourth ...: never more than ``MOST_KEPT``."""
    kept: dict[int, bytes] = {}
    step, number = 1, 0
    while video.grab():
        _check_time(video)
        if number % step == 0 and (frame := _frame(*video.retrieve())):
            kept[number] = frame
            print(number / claimed if claimed > 0 else 0.0, flush=True)
        if len(kept) > MOST_KEPT:
            step *= 2
            kept = {at: frame for at, frame in kept.items() if at % step == 0}
        number += 1
    frames = list(kept.values())
    places = np.linspace(0, len(frames) - 1, min(FRAMES, len(frames))).round().astype(int)
    return [frames[place] for place in places]


def _check_time(video: "cv2.VideoCapture") -> float:
    """Return when the last frame is shown, milliseconds. Raises HicalmError for too late."""
    import cv2

    time = float(video.get(cv2.CAP_PROP_POS_MSEC))
    if time > LONGEST * 1_000:
        raise HicalmError(f"The video is too long: at most {LONGEST // 60} minutes are read.")
    return time


def _frame(whole: bool, frame: np.ndarray | None) -> bytes:
    """Return a frame, uint8 BGR (h, w, 3), as a JPEG file that is not wider than a view.

    Returns nothing for a damaged one.
    """
    import cv2

    if not whole or frame is None:
        return b""
    height, width = frame.shape[:2]
    if height * width > MAX_PIXELS:
        raise HicalmError(
            f"The video is too large: its pictures have {height * width / 1e6:.0f} megapixels, and "
            f"at most {MAX_PIXELS / 1e6:.0f} can be read."
        )
    if width > MOST_WIDTH:
        size = (MOST_WIDTH, max(1, round(height * MOST_WIDTH / width)))
        frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
