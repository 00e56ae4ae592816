"""Work by Ray Data on two nodes of this machine: one is lost, and everything is done."""

import os
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hicalm.data.collection import load_collection, save_collection
from hicalm.data.ray_work import _check_reachable, do_pieces, remove_work
from hicalm.encoders.encode import encode_collection
from hicalm.encoders.encode_pieces import WORK, encode_by_ray
from hicalm.errors import HicalmError
from tests.hicalm.collections import FakeEncoder, contents, pictured
from tests.hicalm.data.ray_jobs import Slow, open_refusal

pytestmark = pytest.mark.slow
ADDRESS = "local"  # each test finds the cluster of the fixture joined
PIECES = 24


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """Two nodes of two logical CPUs, on the loopback."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_BACKEND_LOG_LEVEL"] = "fatal"
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # ports of the loopback alone
    import ray
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 2, "include_dashboard": False, "node_ip_address": "127.0.0.1"}
    node["object_store_memory"] = 80 * 2**20
    nodes = Cluster(initialize_head=True, head_node_args=node, shutdown_at_exit=False)
    nodes.add_node(**node)
    ray.init(nodes.address, log_to_driver=False)
    yield nodes
    ray.shutdown()
    nodes.shutdown()


def load_fakes() -> tuple[FakeEncoder, None, None]:
    return FakeEncoder(), None, None


def test_a_collection_is_encoded_to_the_same_bytes(cluster, tmp_path):
    one, many = pictured(tmp_path / "one"), pictured(tmp_path / "many")
    save_collection(encode_collection(load_collection(one), FakeEncoder(), None), one)
    save_collection(encode_by_ray(many, load_fakes, ADDRESS, 1), many)
    remove_work(many, WORK)
    assert contents(many) == contents(one)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere"])
def test_a_cluster_that_is_not_there_is_said_at_once(address):
    with pytest.raises(HicalmError, match=f"no Ray cluster at '{address}': start one"):
        _check_reachable(address)


def test_what_is_wrong_with_a_piece_is_said_in_its_sentence(cluster):
    with pytest.raises(HicalmError, match="Piece 3 cannot be read: mend it"):
        do_pieces(ADDRESS, open_refusal, [3])


def test_a_node_that_is_lost_costs_the_pieces_it_was_at(cluster, tmp_path):
    second = next(node for node in cluster.worker_nodes)

    def lose() -> None:
        while len({line for path in tmp_path.glob("[0-9]*") for line in nodes_of(path)}) < 2:
            time.sleep(0.05)
        cluster.remove_node(second, allow_graceful=False)

    def nodes_of(path: Path) -> list[str]:
        return path.read_text().split()

    losing = threading.Thread(target=lose, daemon=True)
    losing.start()
    do_pieces(ADDRESS, partial(Slow, tmp_path), range(PIECES))
    losing.join(timeout=10)
    assert not losing.is_alive()
    done = [nodes_of(tmp_path / str(piece)) for piece in range(PIECES)]
    assert all(done) and len({node for nodes in done for node in nodes}) == 2
    assert sum(map(len, done)) <= PIECES + 4  # those that the lost node was at, once more
    opened = list(tmp_path.glob("opened-*"))
    assert len(opened) <= 8  # once an actor, not once a piece
