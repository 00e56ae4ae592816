"""The first stage of a search: binary codes let the likely museums through.

Museums, rooms and views have a code of few bits each, those of all items of a level in a binary
index of faiss. A query's texts have codes too: the items that are nearest by Hamming distance name
the candidates. These are put in order by HiCALM's own rule, the weighted sum of three levels, with
the product of the text's activations (before they become bits) and the item's code in place of a
cosine. The codes of the first of these are read back to vectors, whose cosines put them in order
again (``hashing.decoder``), and the first then go on. The heads that make the codes learn to keep
HiCALM's order, see ``hashing.order``.
"""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hicalm.errors import HicalmError
from hicalm.hashing.codes import pack
from hicalm.hashing.decoder import DECODER_FILE, Decoder, load_decoder, signs
from hicalm.hashing.heads import HashHeads, load_heads
from hicalm.ragged import segment_ids
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import QueryVectors, level_cosines
from hicalm.search.candidates import likeness
from hicalm.search.museum_filters import Allowed

if TYPE_CHECKING:  # only a shortlist needs it
    import faiss

CANDIDATES = 4  # times as many museums as go on are candidates, and
MIN_CANDIDATES = 300  # at least so many
MAX_DECODED_VIEWS = 16_000  # views of a query's candidates that are read back: bounds the time
FIRST_ASKED = 4  # times as many items as candidates are asked of a level's index


class Shortlist:
    """The codes of a collection's museums, rooms and views, made of HiCALM's vectors."""

    by_default = False
    kept: int | None = None

    def __init__(
        self, heads: HashHeads, index: MuseumIndex, decoder: Decoder | None = None
    ) -> None:
        """Without a ``decoder`` the products of activations and codes decide."""
        self._heads, self._index, self._decoder = heads, index, decoder

    @cached_property
    def _codes(self) -> MuseumIndex:
        """The codes of all items, packed: uint8 (N, bits / 8) at each level."""
        return self._index.mapped(self._heads.image_codes)

    @cached_property
    def _levels(self) -> "list[tuple[faiss.IndexBinary, np.ndarray]]":
        """A binary index of each level's codes, and the museum of each item."""
        counts, codes = self._codes, (self._codes.museum, self._codes.room, self._codes.view)
        rooms = segment_ids(counts.room_counts)
        owners = (np.arange(len(counts.museum)), rooms, rooms[segment_ids(counts.view_counts)])
        return [(_binary(own), owner) for own, owner in zip(codes, owners, strict=True)]

    def prepare(self) -> None:
        """Make the codes (half a second for 35,000 views), which the first use would wait for."""
        _ = self._levels

    def museums(self, query: Query, allowed: Allowed, kept: int) -> np.ndarray:
        """Return the rows of at most ``kept`` museums among ``allowed``, the likeliest first."""
        texts = self._activations(query.vectors)
        wanted = max(CANDIDATES * kept, MIN_CANDIDATES)
        candidates = self._candidates(texts, query.weights, allowed.rows, wanted)
        codes = self._codes.select(candidates)
        order = _order(texts, codes.mapped(_unit_signs), query.weights)
        if self._decoder is not None:
            ends = np.cumsum(np.add.reduceat(codes.view_counts, codes.room_starts)[order])
            first = order[: np.searchsorted(ends, MAX_DECODED_VIEWS, side="right")]
            if len(first) > kept:  # of fewer all go on, in whatever order
                vectors = self._decoder.vectors(codes.select(first))
                order = first[_order(query.vectors, vectors, query.weights)]
        return candidates[order[:kept]]

    def _activations(self, vectors: QueryVectors) -> QueryVectors:
        read = self._heads.text_activations
        return replace(
            vectors,
            museum=read(vectors.museum),
            paragraph=read(vectors.paragraph),
            sentence=read(vectors.sentence),
        )

    def _candidates(
        self, texts: QueryVectors, weights: np.ndarray, allowed: np.ndarray, wanted: int
    ) -> np.ndarray:
        """Return ``wanted`` allowed museums by the Hamming distances of their nearest items."""
        total = np.zeros(len(self._codes.museum), np.float32)
        activations = (texts.museum, texts.paragraph, texts.sentence)
        for (index, owner), own, weight in zip(self._levels, activations, weights, strict=True):
            if weight:
                total += weight * self._likeness(index, owner, own, wanted)
        order = allowed[np.argsort(-total[allowed], kind="stable")]
        return order[:wanted]

    def _likeness(
        self, index: "faiss.IndexBinary", owner: np.ndarray, texts: np.ndarray, wanted: int
    ) -> np.ndarray:
        """Return the mean over texts of how near each museum's nearest item is: (B,) in -1..1."""
        asked = min(FIRST_ASKED * wanted, index.ntotal)
        distances, items = index.search(pack(texts > 0), asked)
        near = 1 - 2 * distances.astype(np.float32) / index.d
        return likeness(list(owner[items]), list(near), len(self._codes.museum))


def open_shortlist(folder: Path, index: MuseumIndex, source: str) -> Shortlist:
    """Return the shortlist of an index by the heads, and the decoder if any, of a folder.

    Args:
        source: the hash of the checkpoint whose vectors the index holds.

    Raises HicalmError for damaged files and those made for another checkpoint or other heads.
    """
    heads = load_heads(folder)
    if heads.fingerprint.hash != source:
        raise HicalmError(f"The codes of '{folder}' were made for another HiCALM checkpoint.")
    if not (Path(folder) / DECODER_FILE).is_file():
        return Shortlist(heads, index)
    decoder = load_decoder(folder)
    reads = (decoder.fingerprint, decoder.bits, decoder.heads)
    if reads != (heads.fingerprint, heads.settings.bits, heads.hash):
        raise HicalmError(
            f"'{Path(folder) / DECODER_FILE}' does not read the codes of the heads beside it. "
            "Train both again with `python -m hicalm hash shortlist`."
        )
    return Shortlist(heads, index, decoder)


def _order(texts: QueryVectors, items: MuseumIndex, weights: np.ndarray) -> np.ndarray:
    return np.argsort(-(level_cosines(texts, items)[0] @ weights), kind="stable")


def _binary(codes: np.ndarray) -> "faiss.IndexBinaryFlat":
    import faiss

    index = faiss.IndexBinaryFlat(8 * codes.shape[1])
    index.add(codes)
    return index


def _unit_signs(codes: np.ndarray) -> np.ndarray:
    """Return packed codes (N, k / 8) as signs, float32 (N, k) of unit length."""
    return signs(codes).numpy() / np.float32(np.sqrt(8 * codes.shape[1]))
