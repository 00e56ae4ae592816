"""Commands on a disk that is full: one sentence, what was there stays, and nothing is half-written.

The disk is a small one in memory, where the system lets us mount one.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hicalm.data.collection import save_collection
from hicalm.files import SAVING
from hicalm.models.checkpoints import save_model
from hicalm.world.generate import world_collection
from tests.hicalm.collections import FakeEncoder, contents, encoded_world, pictured, random_model
from tests.hicalm.commands import run

SIZE = 64 * 2**20  # bytes of the disk
PAGE = 4096
GOES_ON = "museums.part/"  # what an import that was broken off has done
TIMED = {"run/last.pt", "run/metrics.json"}  # files that say how long something took
STEPS = 6  # amounts of room that are tried, from none to nearly enough


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An empty disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(folder: Path, free: int) -> Iterator[None]:
    """Fill a disk up but for so many bytes."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        file.write(bytes(shutil.disk_usage(folder).free - free))
    yield
    filler.unlink()


def encoders(*_: object) -> tuple[FakeEncoder, None, None]:
    return FakeEncoder(), None, None


def world_of_two(folder: Path) -> tuple[object, ...]:
    return "world", folder / "world", "--train", 1, "--validation", 0, "--test", 1


def encoded(folder: Path) -> tuple[object, ...]:
    return "encode", pictured(folder / "museums")


def drawn(folder: Path) -> tuple[object, ...]:
    museums = folder.parent / "museums"
    save_collection(world_collection(0, {"train": 0, "validation": 0, "test": 1}), museums)
    return "encode", museums, "--pictures", folder / "pictures"


def imported(folder: Path) -> tuple[object, ...]:
    pictured(folder.parent)
    return "import", "images", folder.parent / "pictures", "--out", folder / "museums"


def trained(folder: Path) -> tuple[object, ...]:
    museums = folder / "museums"
    save_collection(encoded_world(train=2, validation=1, test=1), museums)
    options = ("--preset", "descriptions", "--no-art", "--epochs", 2, "--batch-size", 2)
    return "train", museums, "--out", folder / "run", *options


def published(folder: Path) -> tuple[object, ...]:
    with pytest.MonkeyPatch.context() as patch:
        assert run(patch, *trained(folder.parent)) == 0
    return "publish", folder.parent / "run", folder / "checkpoint"


def embedded(folder: Path) -> tuple[object, ...]:
    save_collection(encoded_world(), folder.parent / "museums")
    save_model(random_model(), folder.parent / "model")
    options = ("--collection", folder.parent / "museums", "--checkpoint", folder.parent / "model")
    return "embed", *options, "--out", folder / "vectors.npz"


def indexed(folder: Path) -> tuple[object, ...]:
    save_collection(encoded_world(), folder / "museums")
    save_model(random_model(), folder.parent / "model")
    return "index", folder / "museums", "--vectors", "--checkpoint", folder.parent / "model"


@pytest.mark.slow
@pytest.mark.parametrize(
    "prepare",
    [world_of_two, encoded, drawn, imported, trained, published, embedded, indexed],
)
def test_a_full_disk_is_one_sentence_and_leaves_what_was_there(
    prepare, disk, tmp_path, monkeypatch, capsys
):
    for module in ("collection_commands", "import_commands"):
        monkeypatch.setattr(f"hicalm.cli.{module}.load_encoders", encoders)
    command, before = prepare(disk), contents(disk)
    shutil.copytree(disk, tmp_path / "before")
    assert run(monkeypatch, *command) == 0
    made = contents(disk)
    written = [content for name, content in made.items() if before.get(name) != content]
    needed = sum(-(-len(content) // PAGE) * PAGE for content in written)
    for step in range(STEPS):
        for path in disk.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(tmp_path / "before", disk, dirs_exist_ok=True)
        capsys.readouterr()
        with filled(disk, needed * step // STEPS):
            status = run(monkeypatch, *command)
        if not status:  # less is needed than all pages of the files
            assert step > STEPS // 2
            break
        *_, said = capsys.readouterr().err.splitlines()
        assert re.search(r"error: (There is no room on the disk|'.*' would take).*\.$", said)
        after = contents(disk)
        assert not [path for path in disk.rglob("*") if path.name.startswith(SAVING)]
        assert {name: after.get(name) for name in before} == before
        assert {name for name in after if not name.startswith(GOES_ON)} <= set(made)
    assert run(monkeypatch, *command) == 0
    again = contents(disk)
    assert set(again) == set(made)
    assert {n for n in made if made[n] != again[n]} <= TIMED
