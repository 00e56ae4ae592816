"""A collection in discovered rooms in the app: a search names them wherever rooms are named."""

import pytest

from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.models.score_weights import LevelWeights
from hicalm.search.searcher import Searcher
from tests.demo.fake_maps import fake_maps
from tests.demo.fake_page import explained, open_page
from tests.hicalm.collections import FakeEncoder, encoded_world, in_discovered_rooms, levels_model


@pytest.fixture(scope="module")
def discovered() -> ServedWorkspace:
    museums = in_discovered_rooms(encoded_world())
    searcher = Searcher(museums, levels_model(), FakeEncoder(), None, LevelWeights())
    warmup = Warmup(lambda: searcher, None, fake_maps).start()
    warmup.wait(10)
    return ServedWorkspace(warmup)


def test_pages_name_discovered_rooms(discovered: ServedWorkspace) -> None:
    museum = discovered.collection.museums[0].id
    page = open_page(discovered, f"?q=horses&museum={museum}&room=2")
    assert page["page"] == "museum" and "Discovered room 2" in page["html"]
    assert "nobody said that they are a room" in page["html"]
    assert "Discovered room" in explained(discovered, f"?q=horses&museum={museum}")["html"]
