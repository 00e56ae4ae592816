"""What in a room answers the words of a query: its views, and the cells of one view.

Apart from the computation, so that these types can be used without loading torch.
Sizes: W words of the query, V views of the room, h x w cells of a view.
"""

from dataclasses import dataclass

import numpy as np

from hicalm.errors import HicalmError


@dataclass(frozen=True, eq=False)
class Evidence:
    """Words of a query and the views of a room that answer them.

    ``words`` (W) in the order of the text; ``is_content_word`` bool (W,): others are stop words.
    ``views`` float32 (W, V): each row adds up to 1. ``answers`` float32 (W,): the cosine, -1..1, of
    a word with what the views make of it.
    """

    words: tuple[str, ...]
    is_content_word: np.ndarray
    views: np.ndarray
    answers: np.ndarray

    def whole(self, counted: np.ndarray) -> np.ndarray:
        """Return how much each view answers the whole query, float32 (V,), 0..1: the most that it
        answers any of the words that are ``counted``, bool (W,); of all where none is."""
        return _over_words(self.views, counted)


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where in one view each word is answered: ``heat`` float32 (W, h, w), 0..1.

    The cells of a word add up to 1; the first row of cells is the top of the picture.
    """

    words: tuple[str, ...]
    heat: np.ndarray

    def whole(self, counted: np.ndarray) -> np.ndarray:
        """Return where the whole query is answered, float32 (h, w), 0..1: of each cell the highest
        heat of any of the words that are ``counted``, bool (W,); of all where none is. It does not
        add up to 1, but an even share is that of a word."""
        return _over_words(self.heat, counted)


def _over_words(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return the maximum (...) of values (W, ...) over the words that are counted, bool (W,)."""
    if len(values) == 0:
        raise HicalmError("The query has no words. Evidence needs at least one.")
    counted = np.asarray(counted, bool)
    return np.asarray((values[counted] if counted.any() else values).max(axis=0))
