"""Plans over candidates alone are worth in each museum what they are worth over all museums."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hicalm.levels import PLAN
from hicalm.matching.background import background_vectors
from hicalm.retrieval.stored_index import StoredVectors
from hicalm.search import narrow_plans
from hicalm.search.narrow_plans import REMEMBERED, NarrowPlans, open_narrow_plans
from hicalm.search.searcher import Searcher
from tests.hicalm.anchored import anchored_searcher, anchored_world, save_anchored

CLOSE = 5e-4  # what half precision may change
QUERIES = (
    "cubist horses",
    "horses, then birds, and no cubist rooms anywhere",
    "portraits but no cubist ones",
    "A red room. It is of horses. A blue room.",
)


@pytest.fixture(scope="module", params=["world", "none"])
def searcher(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    folder = tmp_path_factory.mktemp(request.param)
    world = anchored_world(museums=4, source=request.param)
    return anchored_searcher(world, save_anchored(folder))


@pytest.fixture
def narrow(searcher: Searcher, tmp_path: Path) -> NarrowPlans:
    background = partial(background_vectors, searcher.model, searcher.encoder)
    collection = replace(searcher.collection, folder=tmp_path)
    stored = StoredVectors.make(collection, searcher.model, "any")
    everyone = np.arange(len(collection.museums))
    stored.write(everyone, searcher._index, np.zeros(len(everyone), np.uint64))
    own = collection, stored.index(searcher.model), searcher.checkpoint
    return open_narrow_plans(*own, background)


@pytest.mark.parametrize("text", QUERIES)
def test_a_museum_is_valued_and_answered_as_among_all(
    searcher: Searcher, narrow: NarrowPlans, text: str
) -> None:
    query, index, close = searcher.read(text), searcher._index, partial(pytest.approx, abs=CLOSE)
    whole = searcher._plans
    assert narrow.reads_attributes == whole.reads_attributes and narrow.hashes == whole.hashes
    rows = np.array([1, 3])
    np.testing.assert_allclose(narrow.values_of(query, rows), whole.values(query)[rows], atol=CLOSE)
    assert narrow.presence(query, rows[::-1]) == close(whole.presence(query, rows))
    for row in (3, 0):  # a candidate, and another museum
        own, asked = index.rooms_of(row), (query, row, index.select(np.array([row])))
        for mine, other in zip(narrow.answers(*asked), whole.answers(*asked), strict=True):
            assert (mine.rooms, mine.views) == (other.rooms, other.views)
            assert mine.probability == close(other.probability)
        assert narrow.room_presence(query, own.stop - 1) == close(
            whole.room_presence(query, own.stop - 1)
        )
    everyone = np.arange(4)
    narrow.values_of(query, everyone)
    assert [narrow.fit(query, row) for row in everyone] == close(
        [whole.fit(query, row) for row in everyone]
    )
    found = narrow.room_values(query)
    if found is not None:
        np.testing.assert_allclose(found, whole.room_values(query), atol=CLOSE)


def test_contributions_are_those_among_all(searcher: Searcher, narrow: NarrowPlans) -> None:
    query = searcher.read("horses, then birds")
    last = searcher.collection.museums[-1].id
    explained = searcher.explain(query, last).levels[PLAN]
    shares = narrow.shares(query, 3, searcher._reader.read_phrases)
    assert shares.baseline + sum(shares.rooms) == pytest.approx(explained, abs=CLOSE)


def test_many_museums_are_valued_in_blocks_and_few_queries_are_kept(
    searcher: Searcher, narrow: NarrowPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrow_plans, "AT_ONCE", 2)
    for _ in range(REMEMBERED + 2):
        query = searcher.read("horses, then birds")
        np.testing.assert_allclose(narrow.values(query), searcher._plans.values(query), atol=CLOSE)
    assert len(narrow._last) == REMEMBERED


def test_all_museums_are_nearly_valued_by_what_is_stored(
    searcher: Searcher, narrow: NarrowPlans
) -> None:
    for text in ("cubist horses", "horses, then birds", "portraits but no cubist ones"):
        query = searcher.read(text)
        rooms = None if searcher.reads_attributes else searcher._index.room
        found, whole = (
            narrow.rough_values(query, np.arange(4), rooms),
            searcher._plans.values(query),
        )
        if searcher.reads_attributes:  # as if kinds of a painting were independent of each other
            assert np.abs(found - whole).max() < 0.35
        else:
            np.testing.assert_allclose(found, whole, atol=CLOSE)
    row = searcher.collection.museums[0].id
    assert not narrow.rough_values(searcher.read_view(row, 0, 0), np.arange(4)).any()


def test_what_is_stored_is_made_once(tmp_path: Path) -> None:
    def make() -> Iterator[np.ndarray]:
        yield np.zeros((3, 2), np.float32)
        yield np.ones((2, 2), np.float32)

    path = tmp_path / "attributes-2.npy"
    old = tmp_path / "attributes-1.npy"
    old.touch()
    assert narrow_plans._stored(path, 5, make)[:, 0].tolist() == [0, 0, 0, 1, 1]
    assert not old.exists()
    mapped = narrow_plans._stored(path, 5, lambda: iter(()))  # is not asked again
    assert isinstance(mapped, np.memmap) and mapped[:, 0].tolist() == [0, 0, 0, 1, 1]
    for damage in (b"damaged", path.read_bytes().replace(b"'<f4'", b"'(f4'"), other(tmp_path)):
        path.write_bytes(damage)
        assert narrow_plans._stored(path, 5, make)[:, 0].tolist() == [0, 0, 0, 1, 1]


def other(folder: Path) -> bytes:
    """Return the file of an array of other rows."""
    np.save(folder / "other.npy", np.zeros((4, 2), np.float32))
    return (folder / "other.npy").read_bytes()
