"""Candidates of stored vectors: the exact best are among them, and scores are the exact ones."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import Collection, load_collection, save_collection
from hicalm.data.home import ZERO_SHOT
from hicalm.data.rows import StoredRows
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS
from hicalm.matching.background import background_vectors
from hicalm.models.checkpoints import open_model
from hicalm.models.score_weights import LevelWeights
from hicalm.retrieval.scoring import level_cosines
from hicalm.retrieval.stages import RANK, SHORTLIST
from hicalm.retrieval.stored_index import StoredIndex, StoredVectors
from hicalm.search import stored_candidates
from hicalm.search.candidates import VECTORS
from hicalm.search.indexing import model_name, store_vectors
from hicalm.search.museum_filters import Allowed
from hicalm.search.narrow_plans import open_narrow_plans
from hicalm.search.searcher import Searcher
from hicalm.search.stored_candidates import StoredCandidates
from tests.hicalm.anchored import anchored_searcher, anchored_world, save_anchored
from tests.hicalm.collections import FakeEncoder, encoded_world
from tests.hicalm.stages import save_stages


@pytest.fixture(scope="module", params=["trained", ZERO_SHOT])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == ZERO_SHOT:
        return Path(ZERO_SHOT)
    return save_stages(tmp_path_factory.mktemp("checkpoints"), rerank=False)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = tmp_path_factory.mktemp("world")
    save_collection(replace(encoded_world(), pictures={"source": "none"}), folder)
    return load_collection(folder, store=True)


def opened(world: Collection, checkpoint: Path, address: str = "") -> Searcher:
    model = open_model(checkpoint, world, FakeEncoder())
    own = world, model, FakeEncoder(), None, LevelWeights.load(checkpoint), checkpoint
    return Searcher(*own, address=address)


@pytest.fixture(scope="module")
def stored(world: Collection, checkpoint: Path) -> Searcher:
    with pytest.raises(HicalmError, match=r"There are no vectors of .* index .* --vectors`"):
        opened(world, checkpoint, VECTORS)
    model, name = open_model(checkpoint, world, FakeEncoder()), model_name(checkpoint, world)
    done: list[int] = []
    files = StoredVectors.make(world, model, name)
    assert store_vectors(world, model, files, done.append) == 6
    assert store_vectors(world, model, files) == 0 and sum(done) == 6
    with pytest.raises(HicalmError, match=r"reduced vectors .* are missing"):
        opened(world, checkpoint, VECTORS)
    StoredCandidates.store(files.index(model))
    return opened(world, checkpoint, VECTORS)


@pytest.mark.parametrize("text", ["horses", "horses, then birds", "A red room. It is of horses."])
def test_museums_shown_are_scored_as_by_the_exact_search(
    stored: Searcher, world: Collection, checkpoint: Path, text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(StoredCandidates, "kept", 4)
    assert stored.default_stages == (SHORTLIST, RANK)
    exact = {match.museum_id: match for match in opened(world, checkpoint).search(text).matches}
    result = stored.search(text, top=3)
    assert [report.kept for report in result.stages] == [4, 4]
    for match in result.matches:
        same = exact[match.museum_id]
        assert match.score == pytest.approx(same.score, abs=5e-4)
        assert match.fit == pytest.approx(same.fit, abs=5e-4)
        assert match.levels == pytest.approx(same.levels, abs=5e-4)
    if checkpoint.name != ZERO_SHOT:  # whose views, which rooms stand for, have most of the score
        assert result.matches[0].museum_id == next(iter(exact))


@pytest.fixture
def pooled(
    stored: Searcher, world: Collection, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> Searcher:
    """Return a searcher for which the world has too many museums to score all, even nearly."""
    monkeypatch.setattr(stored_candidates, "POOL", 4)
    monkeypatch.setattr(StoredCandidates, "kept", 3)
    assert isinstance(stored._index, StoredIndex)
    for made in stored._index.derived.glob("*.faiss"):
        made.unlink()
    with pytest.raises(HicalmError, match="nearest items is missing"):
        opened(world, checkpoint, VECTORS)
    StoredCandidates.store(stored._index)
    return opened(world, checkpoint, VECTORS)


TEXTS = ("horses", "horses, then birds", "no horses anywhere", "A red room. It is of horses.")


@pytest.mark.parametrize("text", TEXTS)
def test_of_many_museums_those_with_the_nearest_items_go_on(
    pooled: Searcher, world: Collection, checkpoint: Path, text: str
) -> None:
    exact = {match.museum_id: match for match in opened(world, checkpoint).search(text).matches}
    result = pooled.search(text)
    assert [report.kept for report in result.stages] == [3, 3] and len(result.matches) == 3
    if checkpoint.name != ZERO_SHOT or text == "horses":  # no views are looked for of a long text
        assert result.matches[0].museum_id == next(iter(exact))
    for match in result.matches:
        assert match.score == pytest.approx(exact[match.museum_id].score, abs=5e-4)


def test_of_many_museums_only_those_that_pass_the_filters_go_on(
    pooled: Searcher, world: Collection
) -> None:
    counts = world.room_counts
    least = int(np.sort(counts)[1])  # five of the six pass
    result = pooled.search("horses", filters={"rooms": (least, 99)})
    rows = [world.row(match.museum_id) for match in result.matches]
    assert len(rows) == 3 and (counts[rows] >= least).all()


def test_candidates_are_the_museums_that_are_scored(pooled: Searcher, stored: Searcher) -> None:
    query = pooled.read("horses")
    found = pooled.candidates(query)
    assert found is not None and (np.diff(found) > 0).all()
    scored = {pooled.collection.row(match.museum_id) for match in pooled.rank(query).matches}
    assert set(found.tolist()) == scored and len(found) == 3
    np.testing.assert_allclose(
        pooled.room_values(pooled.read("horses, then birds"), found),
        np.concatenate([own_rooms(stored, row) for row in found]),
        atol=1e-6,
    )


def test_candidates_of_a_query_are_found_once_for_what_is_asked(
    stored: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    query, calls, plain = stored.read("horses"), [], StoredCandidates.museums

    def museums(own: StoredCandidates, *asked: object) -> np.ndarray:
        calls.append(asked)
        return plain(own, *asked)

    monkeypatch.setattr(StoredCandidates, "museums", museums)
    few = {"rooms": (int(stored.collection.room_counts.max()), 99)}
    for filters, found in (({}, 1), ({}, 1), (few, 2), ({}, 3)):
        rows = stored.candidates(query, filters)
        matches = stored.rank(query, filters=filters).matches
        assert {stored.collection.row(one.museum_id) for one in matches} <= set(rows)
        assert len(calls) == found


def own_rooms(searcher: Searcher, row: int) -> np.ndarray:
    values = searcher.room_values(searcher.read("horses, then birds"))
    assert values is not None
    return values[searcher._index.rooms_of(row)]


def test_what_was_made_of_all_vectors_goes_when_one_changes(
    pooled: Searcher, world: Collection, checkpoint: Path
) -> None:
    vectors = StoredVectors.make(
        world, open_model(checkpoint, world, FakeEncoder()), model_name(checkpoint, world)
    )
    assert any(vectors.derived.glob("*.faiss"))
    vectors.write(np.array([2]), pooled._index.select(np.array([2])), vectors.hashes[[2]])
    assert not vectors.derived.exists()
    StoredCandidates.store(pooled._index)  # for the other tests


def test_similarities_of_some_museums_are_read_from_their_vectors_alone(
    stored: Searcher, world: Collection, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query, museums = stored.read("horses"), np.array([5, 2])
    read: list[int] = []
    plain = StoredRows._read
    monkeypatch.setattr(
        StoredRows, "_read", lambda own, rows: read.append(len(rows)) or plain(own, rows)
    )
    for level in LEVELS:
        found = stored.similarities(query, level, museums)
        exact = opened(world, checkpoint).similarities(query, level, museums)
        assert found == pytest.approx(exact, abs=1e-3)
        read.clear()
        stored.similarities(query, level, museums)
        assert read == [len(found)]


def test_candidates_pass_the_filters(stored: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StoredCandidates, "kept", 1)
    allowed = stored.collection.columns.ids[2]
    counts = stored.collection.room_counts
    size = int(counts[2])
    result = stored.search("horses", filters={"rooms": (size, size)})
    assert len(result.matches) == 1
    assert counts[stored.collection.row(result.matches[0].museum_id)] == size
    assert stored.explain(stored.read("horses"), allowed).museum_id == allowed


def test_vectors_of_other_features_are_refused(
    stored: Searcher, world: Collection, checkpoint: Path
) -> None:
    views = np.asarray(world.features.rows("view"))[::-1]
    arrays = dict(world.features.arrays) | {"view": views}
    other = replace(world, features=replace(world.features, arrays=arrays))
    with pytest.raises(HicalmError, match="There are no vectors of"):
        opened(other, checkpoint, VECTORS)


def test_what_attributes_do_not_name_is_left_to_the_levels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher = anchored_searcher(anchored_world(museums=8), save_anchored(tmp_path / "models"))
    collection, everyone = replace(searcher.collection, folder=tmp_path), np.arange(8)
    files = StoredVectors.make(collection, searcher.model, "any")
    files.write(everyone, searcher._index, np.zeros(8, np.uint64))
    index = files.index(searcher.model)
    monkeypatch.setattr(stored_candidates, "POOL", 2)
    StoredCandidates.store(index)
    background = partial(background_vectors, searcher.model, searcher.encoder)
    plans = open_narrow_plans(collection, index, searcher.checkpoint, background)
    candidates = StoredCandidates.open(index, plans)
    for text in ("quilts of felt", "lamps with tassels", "cubist horses"):
        query = searcher.read(text)
        values = plans.rough_values(query, everyone)
        assert plans.reads_attributes and (np.ptp(values) > 0) == (text == "cubist horses")
        (best,) = candidates.museums(query, Allowed(everyone), 1)
        total = level_cosines(query.vectors, searcher._index)[0] @ query.weights
        assert best == (total + query.plan_weight * values).argmax()
