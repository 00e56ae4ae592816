"""An index written in pieces holds what one process writes; what was embedded is written once."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hicalm.data.collection import Collection, load_collection, save_collection
from hicalm.data.ray_work import Pieces, Work
from hicalm.retrieval.stored_index import FOLDER, StoredVectors
from hicalm.search import index_pieces, indexing
from hicalm.search.index_pieces import WORK, write_by_ray
from hicalm.search.indexing import index_collection, write_in_turn
from hicalm.search.milvus_index import MilvusIndex
from tests.hicalm.collections import contents, encoded_world, random_model
from tests.hicalm.milvus import held, lite_server
from tests.hicalm.pieces import in_turn

ALL = 99  # more pieces than there are


@pytest.fixture(params=["file", "server"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "file":
        yield str(tmp_path / "museums.db")
        return
    with lite_server(tmp_path / "server") as address:
        yield address


def ended_before_done(_: str, open_work: Callable[[], Work], pieces: Pieces, *rest) -> None:
    """Do the first piece, and end before anybody hears of it."""
    open_work()(pieces.numbers[0])
    raise KeyboardInterrupt


@pytest.mark.parametrize("files", [False, True])
def test_an_index_by_pieces_is_that_of_one_process(
    address: str, files: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    model, noted, shown = random_model(), [], []

    def made(name: str) -> tuple[Collection, MilvusIndex]:
        save_collection(encoded_world(), tmp_path / name)
        return load_collection(tmp_path / name), MilvusIndex.open(address, name)

    def bring(world: Collection, index: MilvusIndex, write=write_in_turn) -> tuple[int, int]:
        stored = StoredVectors.make(world, model, "f00d") if files else None
        return index_collection(world, model, "f00d", index, stored, shown.append, write)

    def bring_by_pieces(do_pieces: Callable = partial(in_turn, noted, ALL)) -> tuple[int, int]:
        noted.clear()
        shown.clear()
        monkeypatch.setattr(index_pieces, "do_pieces", do_pieces)
        write = partial(write_by_ray, many.folder, random_model, address, "local", 1)
        return bring(many, index, write)

    one, expected = made("one")
    assert bring(one, expected) == (6, 0)
    many, index = made("many")
    with monkeypatch.context() as patch:  # a process of Ray writes to a server through its own
        patch.setattr(MilvusIndex, "open", lambda address, name: index)
        with pytest.raises(KeyboardInterrupt):
            bring_by_pieces(partial(in_turn, noted, 1))
        assert noted == [2] and shown == [0, 2]
        with pytest.raises(KeyboardInterrupt):
            bring_by_pieces(ended_before_done)
        bring_by_pieces()
        assert noted == [0] and sum(shown) == 6
        assert bring_by_pieces() == (0, 0)
        assert not noted and shown == [6]
    assert held(index) == held(expected)
    assert contents(tmp_path / "many" / FOLDER) == contents(tmp_path / "one" / FOLDER)
    assert bool(contents(tmp_path / "one" / FOLDER)) == files
    assert not list((tmp_path / "many" / f"{WORK}.part").glob("*.safetensors"))
