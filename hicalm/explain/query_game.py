"""The score as a function of which parts of the query are said.

A part is a phrase, a sentence or a passage. Saying only some of them means: the phrases left of a
sentence, joined, are encoded anew; a paragraph keeps its sentences that are left; a paragraph
without any is not said. The weights of the levels stay those of the whole query. A query that says
nothing scores 0, as a museum without rooms does. Sizes: n parts, N subsets of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from hicalm.data.batches import TextBatch
from hicalm.explain.owen import Shares, owen
from hicalm.explain.query_parts import Part, query_parts
from hicalm.geometry import normalise
from hicalm.models import DualEncoder
from hicalm.retrieval.query import Query

BUDGET = 512  # subsets of parts that are valued beyond those of whole paragraphs
MAX_PARAGRAPHS = 8  # enumerated
Encode = Callable[[list[str]], np.ndarray]
Sentence = tuple[int, tuple[int, ...]]  # its number, and those of the parts that are said of it
Paragraph = tuple[Sentence, ...]


class EncodedSubsets(NamedTuple):
    """N subsets in the model's space, normalised, with every different text encoded once.

    museum (N, H); paragraph (U, H) and sentence (T, H), and what each subset holds of them: rows of
    paragraph_share (N, U) and sentence_share (N, T) add up to 1.
    """

    museum: np.ndarray
    paragraph: np.ndarray
    paragraph_share: np.ndarray
    sentence: np.ndarray
    sentence_share: np.ndarray


class QueryGame:
    """What a query scores with only some of its parts; encoded once for all museums."""

    def __init__(self, model: DualEncoder, query: Query, encode: Encode | None) -> None:
        """Split the query into parts; ``encode`` gives texts (N) their features (N, D).

        None where it cannot be done: then no part is shorter than a sentence, whose features are
        there.
        """
        self._model, self._encode = model, encode
        # Not the query itself: games are forgotten with their queries.
        self._weights, self._whole = query.weights, query.features
        self.parts: list[Part] = query_parts(query.paragraphs, whole=encode is None)
        self._encoded: dict[bytes, EncodedSubsets] = {}

    def contributions(
        self,
        museum: np.ndarray,
        rooms: np.ndarray,
        views: np.ndarray,
        weights: np.ndarray | None = None,
    ) -> Shares:
        """Return the Owen values of the parts (n, 1) for a museum.

        Its normalised vectors: museum (H,), rooms (R, H), views (V, H); ``weights`` (3,) are those
        of its levels' cosines; None: the query's.
        """
        counts = np.bincount([part.paragraph for part in self.parts])
        weights = self._weights if weights is None else weights

        def value(present: np.ndarray) -> np.ndarray:
            result = np.zeros((len(present), 1))
            some = present.any(axis=1)
            subsets = self._encode_once(present[some])
            levels = [
                subsets.museum @ museum,
                subsets.paragraph_share @ (subsets.paragraph @ rooms.T).max(axis=1),
                subsets.sentence_share @ (subsets.sentence @ views.T).max(axis=1),
            ]
            result[some, 0] = weights @ np.array(levels)
            return result

        return owen(counts, value, BUDGET, MAX_PARAGRAPHS)

    def _encode_once(self, present: np.ndarray) -> EncodedSubsets:
        """Encode subsets (N, n), none empty; the same ones are asked for by every museum."""
        key = np.packbits(present).tobytes()
        if key not in self._encoded:
            self._encoded[key] = self._encode_subsets([self._said(row) for row in present])
        return self._encoded[key]

    def _said(self, row: np.ndarray) -> tuple[Paragraph, ...]:
        """Return what is said with these parts (n,), as numbers of parts."""
        numbers = np.flatnonzero(row).tolist()
        return tuple(
            self._sentences(said) for _, said in groupby(numbers, lambda n: self.parts[n].paragraph)
        )

    def _sentences(self, numbers: Iterable[int]) -> Paragraph:
        """Return what is said of a paragraph's sentences with these parts."""
        said = ((sentence, n) for n in numbers for sentence in self.parts[n].sentences)
        return tuple(
            (sentence, tuple(n for _, n in own)) for sentence, own in groupby(said, lambda s: s[0])
        )

    @torch.inference_mode()
    def _encode_subsets(self, said: list[tuple[Paragraph, ...]]) -> EncodedSubsets:
        paragraphs = list(dict.fromkeys(p for paragraphs in said for p in paragraphs))
        sentences = list(dict.fromkeys(s for paragraph in paragraphs for s in paragraph))
        features = torch.as_tensor(self._features(sentences))
        rows = {sentence: row for row, sentence in enumerate(sentences)}
        paragraph_rows = {paragraph: row for row, paragraph in enumerate(paragraphs)}
        order = torch.tensor([rows[s] for paragraph in paragraphs for s in paragraph])
        lengths = torch.tensor([len(paragraph) for paragraph in paragraphs])
        vectors = self._model.encode_paragraphs(features[order], lengths)
        single_sentences = self._model.encode_sentences(features)
        museum = self._museums(
            said, features, rows, vectors[[paragraph_rows[p] for ps in said for p in ps]]
        )
        return EncodedSubsets(
            normalise(museum).numpy(),
            normalise(vectors).numpy(),
            _shares([[paragraph_rows[p] for p in ps] for ps in said], len(paragraphs)),
            normalise(single_sentences).numpy(),
            _shares([[rows[s] for p in ps for s in p] for ps in said], len(sentences)),
        )

    def _museums(
        self,
        said: list[tuple[Paragraph, ...]],
        features: Tensor,
        rows: dict[Sentence, int],
        paragraphs: Tensor,
    ) -> Tensor:
        flat = [paragraph for paragraphs in said for paragraph in paragraphs]
        batch = TextBatch(
            sentences=features[[rows[sentence] for paragraph in flat for sentence in paragraph]],
            sentence_counts=torch.tensor([len(paragraph) for paragraph in flat]),
            paragraph_counts=torch.tensor([len(paragraphs) for paragraphs in said]),
            is_introduction=torch.zeros(len(flat), dtype=torch.bool),
        )
        return self._model.encode_descriptions(batch, paragraphs)

    def _features(self, sentences: list[Sentence]) -> np.ndarray:
        """Return the features (T, D) of sentences, of which some parts may be left out."""
        sizes = Counter(sentence for part in self.parts for sentence in part.sentences)
        features = np.empty((len(sentences), self._whole.shape[1]), np.float32)
        shortened = []
        for row, (sentence, numbers) in enumerate(sentences):
            if len(numbers) == sizes[sentence]:
                features[row] = self._whole[sentence]
            else:
                shortened.append(row)
        if shortened:
            assert self._encode is not None  # else all parts are whole sentences
            texts = [" ".join(self.parts[n].text for n in sentences[row][1]) for row in shortened]
            features[shortened] = self._encode(texts)
        return features


def _shares(held: list[list[int]], size: int) -> np.ndarray:
    """Return rows that average what each subset holds: numbers below ``size`` -> (N, size)."""
    table = np.zeros((len(held), size))
    for row, numbers in zip(table, held, strict=True):
        np.add.at(row, numbers, 1 / len(numbers))
    return table
