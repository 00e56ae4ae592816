"""ROUGE-L against the package rouge-score, relevances as given, and nDCG by hand."""

from pathlib import Path

import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import Tokenizer

from hicalm.errors import HicalmError
from hicalm.hosa.hosa_config import DataConfig
from hicalm.hosa.relevances import BETA, given_relevances, ndcg, rouge_relevances
from tests.hicalm.hosa.benchmark import images_of


class Blanks(Tokenizer):
    def tokenize(self, text: str) -> list[str]:
        return text.lower().split(" ")


def test_rouge_is_that_of_another_implementation() -> None:
    captions = images_of("test", 6, 0)[1]
    found = rouge_relevances(captions, workers=2)
    scorer = RougeScorer(["rougeL"], tokenizer=Blanks())
    for row, caption in enumerate(captions[:7]):
        for image in range(6):
            own = captions[5 * image : 5 * image + 5]
            scores = [scorer.score(reference, caption)["rougeL"] for reference in own]
            precision, recall = (max(s[i] for s in scores) for i in (0, 1))
            wanted = (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)
            assert found[row, image] == pytest.approx(wanted)
    assert found[0, 0] == 1  # a caption is among its image's own


def test_ndcg_by_hand() -> None:
    relevances = np.array([[1.0, 0.0], [0.0, 0.0]])  # two texts, two images
    scores = np.array([[0.1, 0.0], [0.2, 0.0]])  # the image of text 0 is found second
    found = ndcg(scores, relevances)
    assert found["t2i"] == pytest.approx(1 / np.log2(3) / 2)  # text 1 has nothing relevant: 0
    assert found["i2t"] == pytest.approx(0.5)
    assert ndcg(np.zeros((2, 2)), relevances)["t2i"] == pytest.approx(1 / np.log2(3) / 2)  # a tie


def test_given_relevances_have_no_header(tmp_path: Path) -> None:
    data = DataConfig(layout="teran", folder=str(tmp_path))
    assert given_relevances(data, "test", "rougeL", 2) is None
    path = tmp_path / "f30k" / "relevances" / "f30k-test-spice.npy"
    path.parent.mkdir(parents=True)
    written = np.random.default_rng(0).random((10, 2)).astype(np.float32)
    path.write_bytes(written.tobytes())
    found = given_relevances(data, "test", "spice", 2)
    assert found is not None and (found == written).all()
    with pytest.raises(HicalmError, match="must have 180 bytes, float32 of 15 captions by 3"):
        given_relevances(data, "test", "spice", 3)
    written[3, 1] = -1
    path.write_bytes(written.tobytes())
    with pytest.raises(HicalmError, match="was not computed to its end"):
        given_relevances(data, "test", "spice", 2)
    with pytest.raises(HicalmError, match="rougeL or spice, not 'bleu'"):
        given_relevances(data, "test", "bleu", 2)
