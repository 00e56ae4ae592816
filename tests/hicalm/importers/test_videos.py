"""Videos of rooms: which frames are taken, what is refused, and what ends the reading."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hicalm.errors import HicalmError
from hicalm.importers import videos
from hicalm.importers.videos import FRAMES, UNREADABLE, load_frames, read_video
from tests.hicalm.importers.films import film


def shades(frames: list[bytes]) -> np.ndarray:
    return np.array([np.asarray(Image.open(io.BytesIO(frame))).mean() for frame in frames])


@pytest.mark.parametrize(
    ("name", "count"), [("a.mp4", 50), ("b.mov", 10), ("c.webm", 251), ("d.mp4", 1_200)]
)
def test_frames_are_taken_evenly_from_all_of_a_video(tmp_path: Path, name: str, count: int) -> None:
    path = film(tmp_path / name, np.linspace(0, 250, count).astype(int))
    seen: list[float] = []
    found = shades(read_video(path, seen.append))
    assert len(found) == min(FRAMES, count)
    step = 250 / (len(found) - 1)
    assert found[0] < 3 + step / 2 and found[-1] > 247 - step
    assert abs(found - np.arange(len(found)) * step).max() < step + 3
    assert seen == sorted(seen) and seen[0] >= 0 and 0.9 <= seen[-1] <= 1


def test_frames_are_no_wider_than_views(tmp_path: Path) -> None:
    (frame,) = read_video(film(tmp_path / "a.avi", [99], (1280, 960)))
    assert Image.open(io.BytesIO(frame)).size == (960, 720)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",  # would make the reader open other files
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\0\0\0\x18ftypmp42" + b"x" * 500,
    ],
)
def test_what_is_no_video_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(HicalmError) as caught:
        read_video(tmp_path / "a.mp4")
    assert str(caught.value) == UNREADABLE


def test_what_is_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film(tmp_path / "a.avi", range(60))
    monkeypatch.setattr(videos, "LONGEST", 1)
    monkeypatch.setattr(videos, "MAX_PIXELS", 9_999)
    with pytest.raises(HicalmError, match="too long: at most"):  # here, where the limits are
        load_frames(path, lambda share: None)
    with pytest.raises(HicalmError, match="have 0 megapixels, and at most 0 can"):
        load_frames(film(tmp_path / "b.avi", [1], (128, 96)), lambda share: None)
    monkeypatch.setattr(videos, "LARGEST", 100)
    with pytest.raises(HicalmError, match="at most 0 MB can be read"):
        read_video(path)


def test_a_process_that_does_not_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "TIME", 1e-4)
    with pytest.raises(HicalmError, match="took more than"):
        read_video(film(tmp_path / "a.avi", range(9)))


def test_who_no_longer_wants_it_ends_the_reading(tmp_path: Path) -> None:
    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        read_video(film(tmp_path / "a.avi", range(99)), stop)
