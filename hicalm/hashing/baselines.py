"""Codes without learning pairs, to compare with: random hyperplanes, ITQ and product quantisation.

They treat pictures and texts alike, which share the encoder's space; each kind is centred by its
mean over the training pairs, for the two kinds lie apart there (the modality gap).
"""

from typing import Protocol

import numpy as np

from hicalm.geometry import unit
from hicalm.hashing.codes import pack
from hicalm.hashing.measures import hamming_distances
from hicalm.hashing.pairs import Pairs

ITERATIONS = 50  # of ITQ, as its authors have it


class Coder(Protocol):
    """What makes codes from vectors, and compares vectors by codes alone."""

    def encode(self, vectors: np.ndarray) -> np.ndarray:
        """Return the codes of centred vectors (N, D), uint8 (N, bits / 8)."""

    def distances(self, queries: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Return the distances of codes (Q, bits / 8) and (N, bits / 8), float or int (Q, N)."""


class Centring:
    """The means of the pictures and of the texts that are learnt from."""

    def __init__(self, pairs: Pairs) -> None:
        self._image, self._text = pairs.images.mean(axis=0), pairs.texts.mean(axis=0)

    def images(self, pairs: Pairs) -> np.ndarray:
        """Return the pictures' vectors (N, D) about the mean, of length 1."""
        return unit(pairs.images - self._image)

    def texts(self, pairs: Pairs) -> np.ndarray:
        """Return the texts' vectors (N, D) about the mean, of length 1."""
        return unit(pairs.texts - self._text)


class Projections:
    """The signs of projections: ``matrix`` (D, k)."""

    def __init__(self, matrix: np.ndarray) -> None:
        self._matrix = matrix.astype(np.float32)

    def encode(self, vectors: np.ndarray) -> np.ndarray:
        """Return the codes of vectors (N, D), uint8 (N, k / 8)."""
        return pack(vectors @ self._matrix > 0)

    def distances(self, queries: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Return Hamming distances, int16 (Q, N)."""
        return hamming_distances(queries, codes)


def random_hyperplanes(dim: int, bits: int, seed: int) -> Projections:
    """Return random projections (Charikar 2002)."""
    return Projections(np.random.default_rng(seed).standard_normal((dim, bits)))


def iterative_quantisation(vectors: np.ndarray, bits: int, seed: int) -> Projections:
    """Return ITQ (Gong and Lazebnik 2011): principal components, turned towards their signs.

    ``bits`` may be at most D of the vectors (N, D).
    """
    _, _, components = np.linalg.svd(vectors.T @ vectors)
    matrix = components[:bits].T
    reduced = vectors @ matrix
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.standard_normal((bits, bits)))
    for _ in range(ITERATIONS):
        signs = np.where(reduced @ turn > 0, 1.0, -1.0)
        left, _, right = np.linalg.svd(signs.T @ reduced)
        turn = (left @ right).T
    return Projections(matrix @ turn)


class ProductQuantiser:
    """A byte for each part of a vector (Jégou et al. 2011); both sides compared are codes."""

    def __init__(self, vectors: np.ndarray, bits: int, seed: int) -> None:
        import faiss

        quantiser = faiss.ProductQuantizer(vectors.shape[1], bits // 8, 8)
        quantiser.cp.seed = seed
        quantiser.cp.min_points_per_centroid = 1  # small sets are no reason to print
        quantiser.train(np.ascontiguousarray(vectors, np.float32))
        # of the two, faiss's stubs describe only the base class's `decode` as it is in Python
        self._quantiser: faiss.Quantizer = quantiser

    def encode(self, vectors: np.ndarray) -> np.ndarray:
        """Return the codes of vectors (N, D), uint8 (N, bits / 8)."""
        return self._quantiser.compute_codes(np.ascontiguousarray(vectors, np.float32))

    def distances(self, queries: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Return minus the products of what the codes stand for, float32 (Q, N)."""
        return -self._quantiser.decode(queries) @ self._quantiser.decode(codes).T
