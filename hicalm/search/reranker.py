"""HOSA as a stage of a search: the part ``words`` of a score, and what it is due to."""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np

from hicalm.errors import HicalmError
from hicalm.explain.explanation import PartShares
from hicalm.hosa.rerank import EncodeWords, RoomScorer, Sentences, read_sentences, words_part
from hicalm.hosa.words_game import WordsGame
from hicalm.hosa.words_query import WordsQuery
from hicalm.retrieval.query import Query


@dataclass(frozen=True, eq=False)
class Reranker:
    """HOSA over the rooms, the weight of its score, and whether it re-ranks by default.

    Queries are read once, and forgotten with their ``Query``.
    """

    rooms: RoomScorer
    weight: float
    by_default: bool
    _sentences: WeakKeyDictionary[Query, Sentences] = field(default_factory=WeakKeyDictionary)
    _queries: WeakKeyDictionary[Query, WordsQuery] = field(default_factory=WeakKeyDictionary)

    def words(self, query: Query, encode_words: EncodeWords, rows: np.ndarray) -> np.ndarray | None:
        """Return the part ``words`` of some museums' scores, rows (M,) -> float64 (M,), 0 or more.

        None for a query that HOSA does not read.
        """
        try:
            sentences = self._read(query, encode_words)
        except HicalmError:
            return None
        return words_part(self.weight, self.rooms.scores(rows, sentences))

    def game(self, query: Query, encode_words: EncodeWords, row: int) -> WordsGame:
        """Return the part of a museum's score as a function of which of its views are there.

        Raises HicalmError for a query that HOSA does not read.
        """
        return WordsGame(self.rooms, self.weight, row, self._read(query, encode_words))

    def shares(self, query: Query, encode_words: EncodeWords, row: int) -> PartShares:
        """Return what everything contributed to the part. Raises HicalmError as ``game``."""
        rooms, views, errors = self.game(query, encode_words, row).contributions()
        if query not in self._queries:
            self._queries[query] = WordsQuery(self.rooms.model, query, encode_words)
        found = self._queries[query].contributions(self.rooms.museum_nodes(row), self.weight)
        error = float(max(errors.max(), found.error.max()))
        return PartShares(rooms.tolist(), views.tolist(), found.member[:, 0].tolist(), error)

    def _read(self, query: Query, encode_words: EncodeWords) -> Sentences:
        if query not in self._sentences:
            self._sentences[query] = read_sentences(
                self.rooms.model, query.paragraphs, encode_words
            )
        return self._sentences[query]
