"""Which pairs are alike, without labels: the matrices that supervise the codes (VTM-UCH).

n pairs; matrices are n x n. In S_I, S_T, S_F and S_re the paper's 1 is True here and its -1 False.
All are computed in blocks of rows, so that beside the results a few hundred megabytes are needed.
"""

import numpy as np

from hicalm.hashing.picture_objects import Objects
from hicalm.ragged import segment_ids

BLOCK = 1 << 25  # numbers at once


def image_similarity(objects: Objects, pooled: bool = False) -> np.ndarray:
    """Return how much alike pictures are, float32 (n, n), symmetric, -1 to 1.

    From i to j it is the mean, over the objects of i, of each one's best cosine among the objects
    of j; the result is the mean of both directions. ``pooled``, as published: the mean over the
    objects of both, so that of unequal numbers the larger counts more. A picture's objects are cut
    to half of the largest count.
    """
    max_objects = max(1, int(objects.counts.max()) // 2)
    rows, there = objects.padded(max_objects)
    # (n, max_objects, D); what is missing repeats the first object, which changes no maximum
    vectors = objects.vectors[rows]
    count, _, width = vectors.shape
    every = vectors.reshape(-1, width).T
    sizes = there.sum(axis=1, keepdims=True).astype(np.float32)
    weights = there / sizes
    one_way = np.empty((count, count), np.float32)
    step = max(1, BLOCK // (max_objects * max_objects * count))
    for start in range(0, count, step):
        block = vectors[start : start + step]
        cosines = (block.reshape(-1, width) @ every).reshape(
            len(block), max_objects, count, max_objects
        )
        best = cosines.max(axis=3)
        one_way[start : start + step] = np.einsum("bm,bmn->bn", weights[start : start + step], best)
    if pooled:
        sums = one_way * sizes
        return (sums + sums.T) / (sizes + sizes.T)
    return (one_way + one_way.T) / 2


def similar_images(similarity: np.ndarray, deviations: float) -> np.ndarray:
    """Return S_I, bool (n, n): where the similarity stands out.

    Rows are brought to length 1; what lies more than ``deviations`` standard deviations above the
    mean (both of the upper triangle) is similar. Not symmetric, since rows differ in length.
    """
    rows = similarity / np.maximum(np.linalg.norm(similarity, axis=1, keepdims=True), 1e-12)
    upper = rows[~np.tri(len(rows), dtype=bool)].astype(np.float64)
    return rows > upper.mean() + deviations * upper.std()


def matched_objects(words: np.ndarray, counts: np.ndarray, objects: Objects) -> np.ndarray:
    """Return the object of its own picture that is nearest to each word, int64 (W,).

    Args:
        words: the vectors (W, D) of all words, text after text.
        counts: words of each text, int64 (n,).
    """
    rows, there = objects.padded(int(objects.counts.max()))
    owner = segment_ids(counts)
    best = np.empty(len(words), np.int64)
    step = max(1, BLOCK // (rows.shape[1] * max(1, objects.vectors.shape[1])))
    for start in range(0, len(words), step):
        own = owner[start : start + step]
        found = objects.vectors[rows[own]]  # (b, max_objects, D)
        cosines = np.einsum("bmd,bd->bm", found, words[start : start + step])
        cosines[~there[own]] = -np.inf
        best[start : start + step] = rows[own, cosines.argmax(axis=1)]
    return best


def similar_texts(matched: np.ndarray, counts: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return S_T, bool (n, n): texts with words whose objects fall into the same cluster.

    Args:
        matched: each word's object (W,); counts: words of each text (n,); clusters: of each
            object (O,), from 0. A text without words is similar to none.
    """
    has = np.zeros((len(counts), int(clusters.max()) + 1), np.float32)
    has[segment_ids(counts), clusters[matched]] = 1
    return has @ has.T > 0


def fused(images: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Return S_F, bool (n, n): alike by picture or by text; every pair is alike to itself."""
    return images | texts | np.eye(len(images), dtype=bool)


def scaled(similarity: np.ndarray) -> np.ndarray:
    """Return a similarity (n, n), each row scaled to -1 to 1 by its smallest and its largest value.

    A row of equal values is 0.
    """
    low = similarity.min(axis=1, keepdims=True)
    spread = similarity.max(axis=1, keepdims=True) - low
    found = np.where(spread > 0, 2 * (similarity - low) / np.where(spread > 0, spread, 1) - 1, 0)
    return found.astype(np.float32)


def refined(alike: np.ndarray, same_centre: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    """Return the target, float32 (n, n): 1 or -1 where S_F and S_re agree.

    Elsewhere it is the similarity of the pictures, scaled.
    """
    sure = np.where(alike, np.float32(1), np.float32(-1))
    return np.where(alike == same_centre, sure, scaled(similarity))
