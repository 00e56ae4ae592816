"""Work by Ray Data on two nodes of this machine: one is lost, and everything is done."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import load_collection, save_collection
from hicalm.data.ray_work import (
    LOCAL,
    TRIES,
    Pieces,
    Work,
    Worker,
    _check_reachable,
    do_pieces,
    remove_work,
    set_up,
)
from hicalm.encoders import encode_pieces
from hicalm.encoders.encode import encode_collection
from hicalm.encoders.encode_pieces import WORK, encode_by_ray
from hicalm.errors import HicalmError
from hicalm.importers.images import import_images
from hicalm.models.checkpoints import save_model
from hicalm.search import indexing
from hicalm.search.milvus_index import MilvusIndex
from tests.hicalm.collections import FakeEncoder, contents, encoded_world, pictured, random_model
from tests.hicalm.commands import run
from tests.hicalm.data import killed_command
from tests.hicalm.data.ray_jobs import FATAL, Slow
from tests.hicalm.milvus import held, lite_server

ROOT = Path(__file__).parents[3]
PIECES = 16
NODE = {
    "num_cpus": 2,
    "node_ip_address": "127.0.0.1",
    "object_store_memory": 80 * 2**20,
    "include_dashboard": False,
    "include_log_monitor": False,
    "no_monitor": True,
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """Two nodes of two logical CPUs, on the loopback, without what the tests do not need."""
    set_up(LOCAL)
    from ray.cluster_utils import Cluster

    # a lost node is noticed after three seconds, not fifteen
    health = {"health_check_period_ms": 1000, "health_check_failure_threshold": 3}
    first = NODE | {"_system_config": health}
    nodes = Cluster(initialize_head=True, head_node_args=first, shutdown_at_exit=False)
    nodes.add_node(**NODE)
    yield nodes
    nodes.shutdown()


@pytest.fixture
def second(cluster) -> object:
    """The second node, which a test may lose."""
    return next(iter(cluster.worker_nodes), None) or cluster.add_node(**NODE)


def load_fakes() -> tuple[FakeEncoder, None, None]:
    return FakeEncoder(), None, None


@pytest.mark.slow
def test_museums_are_imported_to_the_same_files(cluster, tmp_path):
    source = pictured(tmp_path) / "pictures"
    one, many = tmp_path / "one", tmp_path / "many"
    import_images(source, one, FakeEncoder(), None)
    import_images(source, many, FakeEncoder(), None, ray=cluster.address, load=load_fakes)
    assert contents(many) == contents(one)


def run_apart(*arguments: object) -> None:
    """Run ``hicalm`` in a new process, as those of Ray are: what ran before in this one may have
    changed the last digits of what torch computes."""
    command = [sys.executable, "-m", "hicalm", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


@pytest.mark.slow
def test_a_model_embeds_and_is_evaluated_alike(cluster, tmp_path, monkeypatch, capsys):
    world, model = tmp_path / "world", tmp_path / "models" / "random"
    save_collection(encoded_world(), world)
    save_model(random_model(), model)
    asked = {
        "embed": ("--collection", world, "--checkpoint", model, "--out"),
        "evaluate": ("--collection", world, "--checkpoints", model.parent, "--json"),
    }
    for command, options in asked.items():
        one, many = tmp_path / f"{command}-one.npz", tmp_path / f"{command}-many.npz"
        run_apart(command, *options, one)
        assert run(monkeypatch, command, *options, many, "--ray", cluster.address) == 0
        assert many.read_bytes() == one.read_bytes()
        assert not (world / f"{command}.part").exists()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for Ray's sockets, whose paths the system limits to a hundred letters."""
    with tempfile.TemporaryDirectory(prefix="r") as folder:
        yield Path(folder)


@pytest.mark.slow
def test_a_killed_command_goes_on_and_leaves_no_process(
    cluster, tmp_path, short_folder, monkeypatch
):
    one, many = pictured(tmp_path / "one"), pictured(tmp_path / "many")
    save_collection(encode_collection(load_collection(one), FakeEncoder(), None), one)
    work = many / f"{WORK}.part"
    command = [sys.executable, "-m", "tests.hicalm.data.killed_command", str(many)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_TMPDIR": str(short_folder)}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        while process.poll() is None and len([*work.glob("view-*.safetensors")]) < 2:
            time.sleep(0.05)
        assert processes_of(short_folder)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 30
    while left := processes_of(short_folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    before = written(work)
    monkeypatch.setattr(encode_pieces, "VIEWS", encode_pieces.VIEWS)  # which loading changes
    save_collection(encode_by_ray(many, killed_command.load, cluster.address, 1), many)
    pieces = written(work)
    assert len(pieces) == 6 + 1  # of eleven views, and of all texts
    assert 2 <= len(before) < len(pieces) and before.items() <= pieces.items()
    remove_work(many, WORK)
    assert contents(many) == contents(one)


def written(work: Path) -> dict[str, int]:
    """Return when each piece in a work folder was written."""
    return {path.name: path.stat().st_mtime_ns for path in work.glob("*.safetensors")}


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of Ray's processes that work in a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended meanwhile
            continue
        if str(folder) in line:
            found.append(line[:200])
    return found


@pytest.mark.slow
def test_processes_write_into_one_index(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(indexing, "AT_ONCE", 3)  # a piece for each of two processes
    save_model(random_model(), tmp_path / "model")
    with lite_server(tmp_path / "server") as address:
        found = []
        for name, by in (("one", ()), ("many", ("--ray", cluster.address))):
            save_collection(replace(encoded_world(), name=name), tmp_path / name)
            asked = ("index", tmp_path / name, "--to", address, "--checkpoint", tmp_path / "model")
            assert run(monkeypatch, *asked, *by) == 0
            found.append(held(MilvusIndex.open(address, name)))
    assert found[0] == found[1]
    assert not (tmp_path / "many" / "index.part").exists()


@pytest.mark.slow
def test_a_collection_is_encoded_to_the_same_bytes_though_a_node_is_lost(
    cluster, second, tmp_path, monkeypatch
):
    one, many, notes = pictured(tmp_path / "one"), pictured(tmp_path / "many"), tmp_path / "notes"
    notes.mkdir()
    save_collection(encode_collection(load_collection(one), FakeEncoder(), None), one)

    def lose() -> None:
        while all(path.stat().st_size < 2 for path in notes.glob(f"{second.node_id}-*")):
            time.sleep(0.05)  # a process that begins a second piece has written the first
        before.append(len(written(many / f"{WORK}.part")))
        cluster.remove_node(second, allow_graceful=False)

    before: list[int] = []  # pieces that were written before the node was lost
    losing = threading.Thread(target=lose, daemon=True)
    losing.start()
    monkeypatch.setattr(encode_pieces, "VIEWS", encode_pieces.VIEWS)  # which loading changes
    load = partial(killed_command.load_noted, notes)
    save_collection(encode_by_ray(many, load, cluster.address, 1), many)
    losing.join(timeout=10)
    assert not losing.is_alive()
    views = int(load_collection(one).view_counts.sum())
    assert 0 < before[0] < views
    # those that the lost node was at, once more
    assert views <= sum(path.stat().st_size for path in notes.iterdir()) <= views + 4
    remove_work(many, WORK)
    assert contents(many) == contents(one)


@pytest.mark.slow
def test_a_lost_node_and_a_fatal_piece_cost_only_what_they_were_at(cluster, second, tmp_path):
    def lose() -> None:
        while len({node for path in tmp_path.glob("[0-9]*") for node in nodes_of(path)}) < 2:
            time.sleep(0.05)
        cluster.remove_node(second, allow_graceful=False)

    def nodes_of(path: Path) -> list[str]:
        return path.read_text().split()

    told: list[int] = []
    pieces = Pieces(range(PIECES), tmp_path / "work", lambda piece: f"the piece {piece}")
    losing = threading.Thread(target=lose, daemon=True)
    losing.start()
    with pytest.raises(HicalmError, match=f"3 processes in turn died of the piece {FATAL}, which"):
        do_pieces(cluster.address, partial(Slow, tmp_path), pieces, 1, told.append)
    losing.join(timeout=10)
    assert not losing.is_alive()
    done = [nodes_of(tmp_path / str(piece)) for piece in range(PIECES)]
    assert all(done) and len({node for nodes in done for node in nodes}) == 2
    assert 1 < len(done.pop(FATAL)) <= TRIES
    assert sum(map(len, done)) <= PIECES - 1 + 4  # those that the lost node was at, once more
    opened = list(tmp_path.glob("opened-*"))
    assert len(opened) <= 8 + TRIES  # once an actor, not once a piece
    assert sorted([*told, FATAL]) == [*range(PIECES)]


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere"])
def test_a_cluster_that_is_not_there_is_said_at_once(address):
    with pytest.raises(HicalmError, match=f"no Ray cluster at '{address}': start one"):
        _check_reachable(address)


def done_by(worker: Worker, *pieces: int) -> list[tuple[str, bool]]:
    """What a process returns of each piece: what was wrong, and whether it was given up."""
    found = worker({"piece": np.array(pieces)})
    return [*zip(found["error"].tolist(), found["lost"].tolist(), strict=True)]


def refuse(piece: int) -> None:
    raise HicalmError(f"Piece {piece} cannot be read: mend it.")


def end(piece: object = None) -> Work:
    raise SystemExit  # as far as the notes of tries go, what a process that is killed does


def test_what_is_wrong_with_a_piece_is_said_in_its_sentence(tmp_path):
    def not_opened() -> Work:
        raise HicalmError("There is no such model.")

    assert done_by(Worker(lambda: refuse, tmp_path, 1), 3) == [
        ("Piece 3 cannot be read: mend it.", False)
    ]
    assert (
        done_by(Worker(not_opened, tmp_path, 1), 3, 4) == [("There is no such model.", False)] * 2
    )


def test_a_piece_is_given_up_by_the_process_after_three_that_died_of_it(tmp_path):
    noted: list[int] = []
    for _ in range(TRIES):
        with pytest.raises(SystemExit):
            done_by(Worker(lambda: end, tmp_path, 1), 3)
    assert done_by(Worker(lambda: noted.append, tmp_path, 1), 3, 4) == [("", True), ("", False)]
    assert noted == [4]


def test_processes_that_die_while_they_open_the_work_end_in_a_sentence(tmp_path):
    opened: list[Callable] = []
    for _ in range(4):
        with pytest.raises(SystemExit):
            Worker(end, tmp_path, 4)
    ((error, lost),) = done_by(Worker(lambda: opened.append, tmp_path, 4), 3)
    assert "Processes die while they load the models" in error and not lost
    assert not opened
