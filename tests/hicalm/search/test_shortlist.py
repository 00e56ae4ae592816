"""Codes that let the likely museums through, and the heads that learn them."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from hicalm.data.collection import Fingerprint
from hicalm.errors import HicalmError
from hicalm.hashing.decoder import Decoder, save_decoder
from hicalm.hashing.decoder_training import DecoderSettings, train_decoder
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.heads import HashHeads, save_heads
from hicalm.hashing.order import OrderSettings, train_order
from hicalm.retrieval.scoring import QueryVectors, level_cosines
from hicalm.search.museum_filters import Allowed
from hicalm.search.shortlist import Shortlist, open_shortlist
from tests.hicalm.hashing.clustered import DIM, clustered_index, unit_rows

WEIGHTS = np.array([0.2, 0.3, 0.5], np.float32)


def _query(seed: int) -> SimpleNamespace:
    rng = np.random.default_rng(seed)
    vectors = QueryVectors(
        unit_rows(rng.standard_normal((1, DIM))), unit_rows(rng.standard_normal((2, DIM))),
        unit_rows(rng.standard_normal((3, DIM))), np.array([2]), np.array([3]),
    )  # fmt: skip
    return SimpleNamespace(vectors=vectors, weights=WEIGHTS)


@pytest.fixture(scope="module")
def heads() -> HashHeads:
    index = clustered_index(300, 1)
    texts = unit_rows(np.random.default_rng(2).standard_normal((400, DIM)))
    return train_order(
        index, texts, Fingerprint("tiny", "f00d", DIM), bits=64,
        settings=OrderSettings(steps=120, hidden=64), progress=False,
    )  # fmt: skip


def _kept(heads: HashHeads, share: float, decoder: Decoder | None = None) -> float:
    """Return the share of the exact ten best of 400 other museums that a shortlist keeps."""
    index = clustered_index(400, 5)
    shortlist, found = Shortlist(heads, index, decoder), []
    for seed in range(20):
        query = _query(100 + seed)
        exact = np.argsort(-(level_cosines(query.vectors, index)[0] @ WEIGHTS))[:10]
        rows = shortlist.museums(query, Allowed(np.arange(400)), round(400 * share))
        found.append(np.isin(exact, rows).mean())
    return float(np.mean(found))


def test_learnt_codes_keep_the_order_and_untrained_ones_do_not(heads: HashHeads) -> None:
    torch.manual_seed(0)
    untrained = HashHeads(Fingerprint("tiny", "f00d", DIM), HashSettings(bits=64, hidden=64))
    assert _kept(heads, 0.1) > 0.8
    assert _kept(untrained.eval(), 0.1) < 0.6


@pytest.fixture(scope="module")
def decoder(heads: HashHeads) -> Decoder:
    texts = unit_rows(np.random.default_rng(2).standard_normal((400, DIM)))
    settings = DecoderSettings(steps=150, hidden=64)
    return train_decoder(clustered_index(300, 1), texts, heads, settings, progress=False)


def test_a_trained_decoder_keeps_the_order_and_an_untrained_one_does_not(
    heads: HashHeads, decoder: Decoder
) -> None:
    torch.manual_seed(0)
    untrained = Decoder(heads.fingerprint, heads.settings.bits, 64, heads.hash).eval()
    assert _kept(heads, 0.05, decoder) >= _kept(heads, 0.05) > _kept(heads, 0.05, untrained) + 0.3


def test_only_so_many_views_are_read_back(
    heads: HashHeads, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, query, everyone = clustered_index(50, 3), _query(0), np.arange(50)
    without = Shortlist(heads, index).museums(query, Allowed(everyone), 10)
    read = Shortlist(heads, index, decoder)
    assert not np.array_equal(read.museums(query, Allowed(everyone), 10), without)
    monkeypatch.setattr(
        "hicalm.search.shortlist.MAX_DECODED_VIEWS", 20
    )  # fewer than ten museums have
    np.testing.assert_array_equal(read.museums(query, Allowed(everyone), 10), without)
    assert len(read.museums(query, Allowed(everyone[:0]), 10)) == 0


def test_a_decoder_of_other_heads_is_refused(
    heads: HashHeads, decoder: Decoder, tmp_path: Path
) -> None:
    index = clustered_index(5, 3)
    save_heads(heads, tmp_path)
    save_decoder(decoder, tmp_path)
    assert (
        len(open_shortlist(tmp_path, index, "f00d").museums(_query(0), Allowed(np.arange(5)), 2))
        == 2
    )
    with pytest.raises(HicalmError, match="another HiCALM checkpoint"):
        open_shortlist(tmp_path, index, "beef")
    torch.manual_seed(5)
    save_heads(HashHeads(heads.fingerprint, heads.settings), tmp_path)
    with pytest.raises(HicalmError, match="does not read the codes of the heads beside it"):
        open_shortlist(tmp_path, index, "f00d")


def test_only_allowed_museums_go_on(heads: HashHeads) -> None:
    shortlist, allowed = Shortlist(heads, clustered_index(50, 3)), np.array([4, 9, 17, 33])
    for kept in (1, 3, 4, 40):
        rows = shortlist.museums(_query(0), Allowed(allowed), kept)
        assert len(rows) == min(kept, 4) and set(rows) <= set(allowed)
    first = shortlist.museums(_query(0), Allowed(allowed), 4)[:2]
    np.testing.assert_array_equal(shortlist.museums(_query(0), Allowed(allowed), 2), first)


def test_a_part_of_an_index_scores_as_the_whole() -> None:
    index, query, rows = clustered_index(30, 4), _query(1), np.array([21, 3, 8])
    whole = level_cosines(query.vectors, index)[:, rows]
    np.testing.assert_allclose(level_cosines(query.vectors, index.select(rows)), whole, atol=1e-6)
