"""Image encoders of HiCALM's competitors."""

import pytest
import torch

from hicalm.errors import HicalmError
from hicalm.models import competitors, make_model
from hicalm.models.competitors import COMPETITORS
from tests.hicalm.museums import tiny_config


def test_vsformer_says_which_widths_it_reads() -> None:
    with pytest.raises(HicalmError, match="8 heads, which do not divide features of width 7"):
        make_model(tiny_config(vision="vsformer"))


@pytest.mark.parametrize("kind", ["dan", "vsformer"])
def test_chunks_change_neither_vectors_nor_gradients(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    encoder = COMPETITORS[kind](16, 8).eval()  # evaluation: chunks draw other dropout
    counts = torch.tensor([3, 9, 1, 2, 2, 4, 1])  # the second is a chunk of its own
    views = torch.randn(int(counts.sum()), 16, requires_grad=True)
    found = []
    for rows in (competitors.ROWS, 6):
        monkeypatch.setattr(competitors, "ROWS", rows)
        vectors = encoder(views, counts)
        gradients = torch.autograd.grad(vectors.square().sum(), [views, *encoder.parameters()])
        found.append([vectors, *gradients])
        with torch.no_grad():
            torch.testing.assert_close(encoder(views, counts), vectors)
    for whole, chunked in zip(*found, strict=True):
        torch.testing.assert_close(whole, chunked, atol=1e-5, rtol=1e-4)


def test_chunks_have_all_museums_and_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(competitors, "ROWS", 6)
    counts = [3, 9, 1, 2, 2, 4, 1]
    chunks = [counts[chunk] for chunk in competitors._chunks(counts)]
    assert chunks == [[3], [9], [1, 2, 2], [4], [1]]
