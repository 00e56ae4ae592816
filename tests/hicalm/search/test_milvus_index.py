"""An index by milvus-lite, as a file and as a server on the loopback: the museums are the same."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import Collection, load_collection, save_collection
from hicalm.errors import HicalmError
from hicalm.models.checkpoints import content_hash, load_model
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.query_plan import Rooms
from hicalm.retrieval.stages import RANK, SHORTLIST
from hicalm.retrieval.stored_index import StoredIndex, StoredVectors
from hicalm.search.indexing import index_collection
from hicalm.search.milvus_candidates import MilvusCandidates, open_candidates
from hicalm.search.milvus_index import MilvusIndex, expression
from hicalm.search.museum_filters import Allowed, allowed_museums
from hicalm.search.searcher import Searcher
from tests.hicalm.collections import FakeEncoder, encoded_world
from tests.hicalm.milvus import lite_server
from tests.hicalm.stages import save_stages

CLOSE = 5e-4  # what half precision may change


@pytest.fixture(scope="module")
def world() -> Collection:
    """Six museums, whose names of attributes and values are hostile to an expression."""
    world = encoded_world()
    museums = [
        replace(
            museum, attributes={'"of": the\\': ['a"', "b\\' or 1 == 1", "b"][row % 3], "n": row}
        )
        for row, museum in enumerate(world.museums)
    ]
    return replace(world, museums=tuple(museums))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_stages(tmp_path_factory.mktemp("checkpoints"), rerank=False)


@pytest.fixture(scope="module", params=["file", "server"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    folder = tmp_path_factory.mktemp("index")
    if request.param == "file":
        yield str(folder / "museums.db")
        return
    with lite_server(folder) as server:
        yield server


@pytest.fixture(scope="module")
def index(address: str, world: Collection, checkpoint: Path) -> MilvusIndex:
    index = MilvusIndex.open(address, world.name)
    assert index.state() is None
    with pytest.raises(HicalmError, match="There is no index of"):
        open_candidates(address, world, content_hash(checkpoint))
    done: list[int] = []
    assert _brought(world, checkpoint, index, None, done.append) == (6, 0)
    assert done == [0, 6]
    return index


def _brought(world: Collection, checkpoint: Path, index: MilvusIndex, *report) -> tuple[int, int]:
    return index_collection(world, load_model(checkpoint), content_hash(checkpoint), index, *report)


def _searcher(world: Collection, checkpoint: Path, address: str = "") -> Searcher:
    own = world, load_model(checkpoint), FakeEncoder(), None, LevelWeights(), checkpoint
    return Searcher(*own, address=address)


def test_museums_found_by_an_index_are_those_of_the_exact_search(
    index: MilvusIndex, world: Collection, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MilvusCandidates, "kept", 2)
    exact, indexed = _searcher(world, checkpoint), _searcher(world, checkpoint, index.address)
    assert indexed.default_stages == (SHORTLIST, RANK)
    for text in ("horses", "horses, then birds", "First a red room. It is of horses. It is dim."):
        whole = {match.museum_id: match for match in exact.search(text).matches}
        result = indexed.search(text, top=2)
        assert [report.kept for report in result.stages] == [2, 2]
        for match in result.matches:
            assert match.score == pytest.approx(whole[match.museum_id].score, abs=1e-6)
            assert match.fit == pytest.approx(whole[match.museum_id].fit, abs=1e-6)
            assert match.answers == whole[match.museum_id].answers
    nothing = indexed.search("a museum without horses", top=2)
    assert nothing.stages[0].kept == len(world.museums)
    monkeypatch.setattr("hicalm.search.milvus_candidates.MAX_UNSEARCHED", 5)
    with pytest.raises(HicalmError, match="Say also what the museum should show"):
        indexed.search("a museum without horses")
    picture = exact.read_view(world.museums[3].id, 1, 2)
    assert indexed.rank(picture, top=1).matches == exact.rank(picture, top=1).matches


def test_filters_narrow_the_search_itself(
    index: MilvusIndex, world: Collection, checkpoint: Path
) -> None:
    texts = _searcher(world, checkpoint).read("horses").vectors.sentence
    sizes = world.room_counts
    for filters, plan in (
        ({'"of": the\\': ["b\\' or 1 == 1", 'a"']}, None),
        ({"n": [1, 4]}, None),
        ({"rooms": (int(sizes.min()), int(sizes.min()))}, None),
        ({"split": "test"}, Rooms(max=int(sizes.max()))),
    ):
        try:
            allowed, _ = allowed_museums(world, filters, plan)
        except HicalmError:
            wanted = set()
            allowed = Allowed(np.arange(6), filters)
        else:
            wanted = {world.museums[row].id for row in allowed.rows}
        (hits,) = index.nearest("view", texts, 6, allowed)
        assert {museum for museum, _ in hits} == wanted


def test_an_expression_leaves_out_what_it_cannot_say() -> None:
    filters = {"list": [["a"]], "none": [], "a": ["x", 2, True], "rooms": (2, 5)}
    said = expression(Allowed(np.arange(3), filters, ((None, 7), (3, None))))
    assert said == (
        "rooms <= 7 and rooms >= 3 and "
        '(attributes["a"] == "x" or attributes["a"] == 2 or attributes["a"] == true) '
        "and rooms >= 2 and rooms <= 5"
    )


def test_a_second_run_writes_what_has_changed_and_removes_what_is_gone(
    index: MilvusIndex, world: Collection, checkpoint: Path
) -> None:
    before = index.hashes()
    assert _brought(world, checkpoint, index) == (0, 0)
    first = world.museums[0]
    fewer = replace(first, rooms=first.rooms[:-1], attributes={"n": 70})
    views = np.asarray(world.features.rows("view"))
    ends = world.view_offsets
    kept = np.r_[0 : ends[1] - first.rooms[-1].views, ends[1] : ends[4], ends[5] : ends[6]]
    features = replace(world.features, arrays={"view": views[kept]})
    museums = (fewer, *world.museums[1:4], world.museums[5])
    changed = replace(world, museums=museums, features=features, specifications=())
    assert _brought(changed, checkpoint, index) == (1, 1)
    after = index.hashes()
    assert after.keys() == {museum.id for museum in museums}
    assert {id for id in after if after[id] != before[id]} == {first.id}
    held = [row["id"] for row in index._rows("room", ["id", "museum"]) if row["museum"] == first.id]
    assert len(held) == len(fewer.rooms)
    with pytest.raises(HicalmError, match="holds other museums than"):
        open_candidates(index.address, world, content_hash(checkpoint))
    assert _brought(world, checkpoint, index) == (2, 0)
    assert index.hashes() == before


def test_a_run_that_was_ended_goes_on(
    index: MilvusIndex, world: Collection, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(world, name="Another name")
    half = MilvusIndex.open(index.address, other.name)
    monkeypatch.setattr("hicalm.search.indexing.AT_ONCE", 2)
    write, written = MilvusIndex.write, []

    def end(self: MilvusIndex, museums: list) -> None:
        if len(written) == 4:
            raise KeyboardInterrupt
        write(self, museums)
        written.extend(one.id for one in museums)

    monkeypatch.setattr(MilvusIndex, "write", end)
    with pytest.raises(KeyboardInterrupt):
        _brought(other, checkpoint, half)
    with pytest.raises(HicalmError, match="is not complete"):
        open_candidates(index.address, other, content_hash(checkpoint))
    monkeypatch.setattr(MilvusIndex, "write", write)
    assert _brought(other, checkpoint, half) == (2, 0)
    half.drop()
    assert half.state() is None and index.state() is not None


def test_an_index_of_another_model_is_refused(
    index: MilvusIndex, world: Collection, checkpoint: Path
) -> None:
    with pytest.raises(HicalmError, match=r"has vectors of the model .*, but beef is in use"):
        open_candidates(index.address, world, "beef")
    with pytest.raises(HicalmError, match="Make it anew with --anew"):
        index_collection(world, load_model(checkpoint), "beef", index)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("museums", "name a file that ends in .db"),
        ("http://me:secret@127.0.0.1:9", "The index at http://127.0.0.1:9 says: "),
    ],
)
def test_an_address_without_an_index_is_said(
    address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hicalm.search.milvus_index.SECONDS", 0.3)
    with pytest.raises(HicalmError, match=said):
        MilvusIndex.open(address, "any")


def test_vectors_beside_the_collection_are_read_and_answer_the_same(
    index: MilvusIndex, world: Collection, checkpoint: Path, tmp_path: Path
) -> None:
    save_collection(world, tmp_path)
    kept = replace(load_collection(tmp_path), pictures={"source": "none"}, specifications=())
    name = content_hash(checkpoint)
    stored = StoredVectors.make(kept, load_model(checkpoint), name)
    assert StoredVectors.open(kept, name) is None  # not written yet
    target = MilvusIndex.open(index.address, kept.name)
    assert _brought(kept, checkpoint, target, stored) == (0, 0)
    assert StoredVectors.open(kept, name) is not None
    whole, narrow = _searcher(kept, checkpoint), _searcher(kept, checkpoint, index.address)
    assert isinstance(narrow._index, StoredIndex)
    for text in ("horses", "horses, then birds, but no boats", "First a red room. It is dim."):
        mine, other = narrow.search(text), whole.search(text)
        for match, same in zip(mine.matches, other.matches, strict=True):
            assert match.museum_id == same.museum_id
            for own, that in zip(match.answers, same.answers, strict=True):
                assert (own.text, own.rooms, own.views) == (that.text, that.rooms, that.views)
                assert own.probability == pytest.approx(that.probability, abs=CLOSE)
            assert match.levels == pytest.approx(same.levels, abs=CLOSE)
            assert match.fit == pytest.approx(same.fit, abs=CLOSE)
        assert mine.presence == pytest.approx(other.presence, abs=CLOSE)
        query, last = narrow.read(text), mine.matches[-1].museum_id
        explained = narrow.explain(query, last)
        assert explained.score == pytest.approx(mine.matches[-1].score, abs=CLOSE)
        shown = whole.presence(query, last, 0)
        assert narrow.presence(query, last, 0) == pytest.approx(shown, abs=CLOSE)
        np.testing.assert_allclose(narrow.room_values(query), whole.room_values(query), atol=CLOSE)
    view = kept.museums[2].id, 0, 1
    mine, other = narrow.rank(narrow.read_view(*view)), whole.rank(whole.read_view(*view))
    assert [m.museum_id for m in mine.matches] == [m.museum_id for m in other.matches]
    pointed = [one.evidence(one.read("horses"), view[0], 0) for one in (narrow, whole)]
    np.testing.assert_allclose(pointed[0].answers, pointed[1].answers, atol=CLOSE)
    (stored.folder / "room.safetensors").write_bytes(b"no rows")
    with pytest.raises(HicalmError, match="damaged"):
        _searcher(kept, checkpoint, index.address)
    (stored.folder / "done.npy").write_bytes(b"no array")
    with pytest.raises(HicalmError, match="cannot be read"):
        StoredVectors.open(kept, name)


def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "museums.db").write_bytes(b"not an index")
    with pytest.raises(HicalmError, match="cannot be opened: another process has it open"):
        MilvusIndex.open(str(tmp_path / "museums.db"), "any")
