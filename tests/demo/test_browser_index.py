"""The app over a collection whose museums and vectors stay in files, in a real Chromium."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from demo.warmup import Warmup
from hicalm.data.collection import load_collection, save_collection
from hicalm.models.checkpoints import load_model
from hicalm.retrieval.stored_index import StoredVectors
from hicalm.search import stored_candidates
from hicalm.search.candidates import VECTORS
from hicalm.search.indexing import model_name, store_vectors
from hicalm.search.searcher import Searcher
from hicalm.search.stored_candidates import StoredCandidates
from tests.demo.browser import Browser, serving, watched
from tests.demo.conftest import CHECKPOINT, WORLD
from tests.demo.test_browser_explain import explain, value_of

QUERY = "horses, then portraits"
MUSEUMS, POOL, KEPT = 60, 40, 20  # museums, those that are nearly scored, those that are exactly

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app whose searches begin with the nearest items of each level."""
    folder = tmp_path_factory.mktemp("indexed")
    some = load_collection(WORLD).select(range(MUSEUMS))
    save_collection(replace(some, pictures=some.pictures | {"source": "none"}), folder)
    collection, model = load_collection(folder, store=True), load_model(CHECKPOINT)
    stored = StoredVectors.make(collection, model, model_name(CHECKPOINT, collection))
    store_vectors(collection, model, stored)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored_candidates, "POOL", POOL)
        patch.setattr(StoredCandidates, "kept", KEPT)
        StoredCandidates.store(stored.index(model))
        with serving(Warmup(lambda: Searcher.open(folder, CHECKPOINT, address=VECTORS))) as url:
            yield url


@pytest.fixture
def browser(chromium: Browser, indexed: str) -> Iterator[Browser]:
    yield from watched(chromium, indexed, (1280, 1000))


def test_results_say_how_they_were_found_and_lead_to_their_rooms(sized: Browser) -> None:
    sized.open(f"?{urlencode({'q': QUERY})}", "results")
    sized.open_fold("How this was ranked")
    sized.wait(
        f"document.querySelector('.pipeline').textContent.includes('{KEPT} of {MUSEUMS} museums')"
    )
    sized.click(".card a")
    sized.wait_page("museum")
    assert sized.find(".sentence").text.endswith(".")


def test_the_bars_add_up_to_the_score_on_screen(browser: Browser) -> None:
    explain(browser, 2, QUERY)
    (score,) = value_of(browser, 3)
    for group in (1, 2):
        values = value_of(browser, group)
        assert sum(values) == pytest.approx(score, abs=0.0006 * len(values))
