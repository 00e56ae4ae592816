"""What in a room answers the words of a query: its views, and the cells of one view.

Apart from the computation, so that these types can be used without loading torch.
Sizes: W words of the query, V views of the room, h x w cells of a view.
"""

from dataclasses import dataclass

import numpy as np


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


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where in one view each word is answered: ``heat`` float32 (W, h, w), 0..1.

    The cells of a word add up to 1; the first row of cells is the top of the picture.
    """

    words: tuple[str, ...]
    heat: np.ndarray
