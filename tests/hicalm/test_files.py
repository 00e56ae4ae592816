"""Files that take another's place whole, or not at all."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from safetensors import SafetensorError

from hicalm.errors import HicalmError
from hicalm.files import (
    filling,
    finite,
    making,
    read_json,
    remove_left,
    replacing,
    temporary_folder,
    to_json,
    write_lines,
    write_text,
)

KILLED = """
import os, signal
from hicalm.files import replacing
with replacing("a") as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
TEMPORARY = """
import time
from hicalm.files import temporary_folder
with temporary_folder("hicalm-a-") as folder:
    (folder / "frame").touch()
    print(folder, flush=True)
    time.sleep(60)
"""


def raised_over(error: Exception) -> Exception:
    """Return what torch raises while it ends a file that could not be written."""
    try:
        try:
            raise error
        finally:
            raise RuntimeError("unexpected pos 24640 vs 24592")
    except RuntimeError as other:
        return other


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "kept.bin"
    path.write_bytes(b"old")
    with replacing(path) as temporary:
        temporary.write_bytes(b"new")
        assert temporary != path and path.read_bytes() == b"old"
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "kept.bin"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_way_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        write_text(tmp_path / "taken", "text")
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


def test_files_take_their_places_in_a_folder_together(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "model"
    with filling(folder) as temporary:
        (temporary / "a").write_text("1")
        assert not (folder / "a").exists()
    with pytest.raises(KeyboardInterrupt), filling(folder) as temporary:
        (temporary / "a").write_text("2")
        raise KeyboardInterrupt
    assert [file.name for file in folder.iterdir()] == ["a"]
    assert (folder / "a").read_text() == "1"


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    for content in ("1", "2"):
        with making(folder) as temporary:
            write_text(temporary / "inner" / content, content)  # a writer inside of another
        assert [path.name for path in (folder / "inner").iterdir()] == [content]
    with pytest.raises(KeyboardInterrupt), making(folder):
        raise KeyboardInterrupt
    assert (folder / "inner" / "2").is_file() and list(tmp_path.iterdir()) == [folder]


def test_what_a_killed_writer_left_goes_with_the_next_and_a_living_ones_stays(
    tmp_path: Path,
) -> None:
    here = {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, env=os.environ | here)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".saving-") and (left / "new" / "a").read_text() == "half"
    with replacing(tmp_path / "b") as temporary:
        assert not left.exists()
        write_text(tmp_path / "c", "another writer")
        temporary.write_text("b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "c"]


def test_temporary_files_of_a_killed_process_go_with_the_next_use_and_a_living_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    here = {"PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(tmp_path)}
    other, unmarked = tmp_path / "hicalm-b-1", tmp_path / "hicalm-a-unmarked"
    other.mkdir(), unmarked.mkdir()
    (other / "held").touch()
    command = [sys.executable, "-c", TEMPORARY]
    with subprocess.Popen(
        command, env=os.environ | here, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        with temporary_folder("hicalm-a-") as own:
            assert (left / "frame").exists() and own.parent == left.parent == tmp_path
        assert not own.exists()
        process.kill()
    assert (left / "frame").exists()
    with temporary_folder("hicalm-a-") as own, temporary_folder("hicalm-a-") as second:
        assert not left.exists() and own.exists() and second.exists()
        link = tmp_path / "hicalm-a-link"
        link.symlink_to(other)
        with monkeypatch.context() as patch:
            patch.setattr(os, "getuid", lambda: -1)  # as if another's
            remove_left(tmp_path, "hicalm-b-")
        remove_left(tmp_path, "hicalm-a-")
    assert set(tmp_path.iterdir()) == {other, unmarked, link} and (other / "held").exists()
    remove_left(tmp_path, "hicalm-b-")
    assert not other.exists()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        SafetensorError("I/O error: No space left on device (os error 28)"),
        raised_over(OSError(errno.ENOSPC, "No space left on device")),
    ],
)
def test_a_full_disk_is_a_sentence_that_leaves_nothing(tmp_path: Path, error: Exception) -> None:
    full = pytest.raises(HicalmError, match=r"no room on the disk to write into '.*'\. Make room")
    with full, filling(tmp_path) as temporary:
        (temporary / "a").write_text("half")
        raise error
    assert not list(tmp_path.iterdir())


def test_a_record_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    write_lines(path, [{"a": 1}])
    with pytest.raises(TypeError):
        write_lines(path, [{"a": 2}, {"a": object()}])
    assert path.read_text() == '{"a": 1}\n'


@pytest.mark.parametrize(
    "content",
    ["[" * 200_000, "[NaN]", "[1e400]", "[" + "9" * 400 + "]", "{", "", "\ufeff1", "[-Infinity]"],
)
def test_json_that_is_none_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(HicalmError, match=r"a\.json' is not readable JSON: [^\n]*\.$"):
        read_json(tmp_path / "a.json")


def test_json_is_written_of_finite_numbers_only() -> None:
    for value in (float("nan"), {"a": [float("inf")]}):
        with pytest.raises(HicalmError, match="numbers that are not finite"):
            to_json(value)
    metrics = {"mean": float("nan"), "curve": (0.5, float("inf")), "name": "R@1"}
    assert to_json(finite(metrics)) == '{"mean": null, "curve": [0.5, null], "name": "R@1"}'
