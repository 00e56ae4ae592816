"""Videos of rooms: views are taken evenly from all of one.

What a video claims about its length is believed only where there are frames accordingly.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hicalm.data.foreign_files import read_foreign
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
    frames: list[bytes] = read_foreign(
        path,
        load_frames,
        damaged=UNREADABLE,
        name="the video",
        memory=MEMORY,
        seconds=TIME,
        progress=progress,
        imports=["cv2"],
    )
    if not frames:
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


def load_frames(path: Path, progress: Callable[[float], None]) -> list[bytes]:
    """Return what ``read_video`` does, in the process that calls it: that of foreign files.

    Frames are found by leaps in a long video where its claims hold.
    """
    import cv2

    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 2])
    if not video.isOpened():
        raise HicalmError(UNREADABLE)
    claimed = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    frames = _leaps(video, claimed, progress) if claimed > MANY_FRAMES else []
    if not frames:
        video.set(cv2.CAP_PROP_POS_FRAMES, 0)
        frames = _all_through(video, claimed, progress)
    return frames


def _leaps(
    video: "cv2.VideoCapture", claimed: int, progress: Callable[[float], None]
) -> list[bytes]:
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
        progress((at + 1) / FRAMES)
    return frames


def _all_through(
    video: "cv2.VideoCapture", claimed: int, progress: Callable[[float], None]
) -> list[bytes]:
    """Keep every frame, then every second, every fourth ...: never more than ``MOST_KEPT``."""
    kept: dict[int, bytes] = {}
    step, number = 1, 0
    while video.grab():
        _check_time(video)
        if number % step == 0 and (frame := _frame(*video.retrieve())):
            kept[number] = frame
            progress(number / claimed if claimed > 0 else 0.0)
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
