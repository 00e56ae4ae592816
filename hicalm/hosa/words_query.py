"""What the part ``words`` of a score is due to in the query: its phrases, or its sentences.

Saying only some parts of a query means, as in ``explain.query_game``: the phrases left of a
sentence, joined, are read anew; a paragraph keeps its sentences that are left; one without any is
not said. A query that says nothing, or nothing that the encoder reads, has no such part: 0. Sizes:
n parts, N subsets of them, S sentences, R rooms, T texts that sentences become with some of their
parts.
"""

import numpy as np
import torch

from hicalm.explain.owen import Shares, owen
from hicalm.explain.query_parts import query_parts
from hicalm.explain.shapley import MAX_PLAYERS, subsets
from hicalm.hosa.model import HosaModel
from hicalm.hosa.nodes import Nodes
from hicalm.hosa.rerank import EncodeWords, read_words, words_part
from hicalm.retrieval.query import Query

BUDGET = 2**13  # subsets that are looked up: the texts were read before
UNSAID = -1  # in place of the number of a text


class WordsQuery:
    """What the words of a query say with only some of its parts; read once for all museums."""

    def __init__(self, model: HosaModel, query: Query, encode_words: EncodeWords) -> None:
        """Read every sentence with all subsets of its phrases, 63 texts at most, in one batch."""
        self._model = model
        parts = query_parts(query.paragraphs)
        self._counts = np.bincount([part.paragraph for part in parts])
        owners = np.array([number for part in parts for number in part.sentences])
        self._members = [np.flatnonzero(owners == number) for number in range(owners.max() + 1)]
        self._paragraphs = np.array([parts[own[0]].paragraph for own in self._members])
        texts = []
        for sentence, own in zip(query.sentences, self._members, strict=True):
            for said in subsets(len(own))[1:-1]:
                texts.append(" ".join(parts[number].text for number in own[said]))
            texts.append(sentence)  # as it was typed
        words, self._nodes = read_words(model, texts, encode_words)
        read = np.array([bool(one) for one in words])
        numbers = np.where(read, np.cumsum(read) - 1, UNSAID)
        sizes = [2 ** len(own) - 1 for own in self._members]
        # for each sentence the number of its text by the subset that is said, in binary
        self._texts = [
            np.concatenate([[UNSAID], own]) for own in np.split(numbers, np.cumsum(sizes)[:-1])
        ]

    def contributions(self, rooms: Nodes, weight: float) -> Shares:
        """Return the Owen values of the query's parts (n, 1) for a museum of these rooms."""
        with torch.inference_mode():
            found = self._model.scores(rooms, self._nodes).numpy().T.astype(np.float64)  # (T, R)
        found = np.vstack([found, np.zeros((1, found.shape[1]))])  # the last: unsaid

        def value(present: np.ndarray) -> np.ndarray:
            return self._values(present, found, weight)[:, None]

        return owen(self._counts, value, BUDGET, MAX_PLAYERS)

    def _values(self, present: np.ndarray, found: np.ndarray, weight: float) -> np.ndarray:
        """Return the part with only some of the query said, bool (N, n) -> (N,)."""
        total, paragraphs = np.zeros(len(present)), np.zeros(len(present))
        for paragraph in range(len(self._counts)):
            scores, said = np.zeros((len(present), found.shape[1])), np.zeros(len(present))
            for number in np.flatnonzero(self._paragraphs == paragraph):
                own = self._members[number]
                text = self._texts[number][present[:, own] @ 2 ** np.arange(len(own))]
                scores += found[text]
                said += text != UNSAID
            best = scores.max(axis=1) / np.maximum(said, 1)
            total += (said > 0) * words_part(weight, best)
            paragraphs += said > 0
        return total / np.maximum(paragraphs, 1)
