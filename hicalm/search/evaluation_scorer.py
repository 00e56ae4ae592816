"""The product as an evaluation sees it: a searcher's default ranking, its fits and what it says."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.evaluation.product import SHOWN, Answer
from hicalm.search.searcher import Searcher


class SearchedProduct:
    """Answers texts by a searcher with all that it does by default."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._rows = {museum.id: row for row, museum in enumerate(searcher.collection.museums)}

    @classmethod
    def open(cls, collection: Collection, checkpoint: Path) -> "SearchedProduct":
        """Load the models (seconds). Raises HicalmError for what is missing or broken."""
        return cls(Searcher.open(collection, checkpoint))

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """Return the answer to each text (a third of a second each)."""
        return [self._answer(text) for text in tqdm(texts, disable=None, leave=False)]

    def _answer(self, text: str) -> Answer:
        try:
            query = self._searcher.read(text)
        except HicalmError:  # a text without words, or one that is too long
            nothing = np.zeros(0)
            return Answer(
                np.zeros(len(self._rows)), nothing.astype(np.int64), nothing, nothing, False, 0.0
            )
        result = self._searcher.rank(query, SHOWN)
        return Answer(
            scores=self._searcher.default_scores(query),
            rows=np.array([self._rows[match.museum_id] for match in result.matches]),
            shown=np.array([match.score for match in result.matches]),
            fits=np.array([match.fit or 0.0 for match in result.matches]),
            found=bool(result.found),
            presence=result.presence or 0.0,
        )
