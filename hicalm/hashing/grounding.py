"""What a text says that its own picture shows: words matched to objects, for S_T and S_I.

The paper takes texts to be alike where words are matched to objects of one cluster. Where most
pictures have one or two objects every word is matched to the same one, and clusters of whole
objects follow how they look more than what they show. Here it counts how well a word and an object
of its picture match:

- z of a word in a picture: its best cosine among the picture's objects, standardised over pictures;
- a word is *grounded* by its mean z over the pictures whose texts say it (0 if that is negative, or
  if few texts say it): what is not seen, as "room" or "painting", is not;
- a text is its words, each weighted by its z in the text's own picture and by its groundedness
  squared;
- a picture is its z of all words, weighted alike;
- pairs are as alike as the mean of the cosines of their texts (S_T) and of their pictures (S_I).

This differs from the paper, and needs no labels either.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hicalm.geometry import unit
from hicalm.hashing.picture_objects import Objects

LEAST_TEXTS = 15  # that say a word: a mean of fewer says little
BLOCK = 1 << 25  # numbers at once


@dataclass(frozen=True)
class Grounding:
    """n texts (n, D) and pictures (n, W) by the W words that are seen, rows of length 1."""

    texts: np.ndarray
    pictures: np.ndarray

    @property
    def similarity(self) -> np.ndarray:
        """Return how alike the pairs are, float32 (n, n), -1 to 1."""
        return (self.texts @ self.texts.T + self.pictures @ self.pictures.T) / 2


def ground(
    words: tuple[tuple[str, ...], ...],
    encode_words: Callable[[list[str]], np.ndarray],
    objects: Objects,
) -> Grounding:
    """Return what n texts and their pictures have of words that are seen.

    A text or picture without such words is a row of zeros, alike to none.

    Args:
        words: those of each text.
        encode_words: words -> features (N, D), each alone.
        objects: those of each text's picture.
    """
    distinct = sorted({word for own in words for word in own})
    column = {word: number for number, word in enumerate(distinct)}
    says = np.zeros((len(words), len(distinct)), bool)
    for row, own in enumerate(words):
        says[row, [column[word] for word in own]] = True
    kept = says.sum(axis=0) >= LEAST_TEXTS
    says = says[:, kept]
    vectors = encode_words([word for word, keep in zip(distinct, kept, strict=True) if keep])
    shown = _standardised(best_cosines(unit(vectors), objects))
    grounded = np.maximum((shown * says).sum(axis=0) / np.maximum(says.sum(axis=0), 1), 0) ** 2
    directions = unit(vectors - vectors.mean(axis=0)) if len(vectors) else vectors
    texts = unit((np.maximum(shown, 0) * says * grounded) @ directions)
    return Grounding(texts, unit(shown * grounded))


def best_cosines(words: np.ndarray, objects: Objects) -> np.ndarray:
    """Return the best cosine of words (W, D) among the objects of each picture, (n, W)."""
    best = np.empty((len(objects.counts), len(words)), np.float32)
    ends = objects.first + objects.counts
    step = max(1, BLOCK // max(1, len(words) * int(objects.counts.max())))
    for start in range(0, len(best), step):
        rows = slice(start, start + step)
        begin, end = objects.first[rows][0], ends[rows][-1]
        cosines = objects.vectors[begin:end] @ words.T
        best[rows] = np.maximum.reduceat(cosines, objects.first[rows] - begin, axis=0)
    return best


def _standardised(best: np.ndarray) -> np.ndarray:
    return (best - best.mean(axis=0)) / np.maximum(best.std(axis=0), 1e-12)
