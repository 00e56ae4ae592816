"""The museums, rooms and views that are nearest to texts, where there are too many to compare.

Each level has an index of faiss beside the reduced vectors. Its items lie in lists, each around a
centre, and of these the ones nearest to a text are looked through, in codes of 16 bytes an item. So
the cosines are near, not exact: whoever takes them scores again. Levels of few items are compared
by their reduced vectors. faiss believes what its files say, and takes all memory for what a damaged
one says: each has a checksum in its name. Sizes: T texts, K items, N items of a level.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from hicalm.data.rows import spread
from hicalm.errors import HicalmError
from hicalm.files import checksum, replacing, scratch
from hicalm.retrieval.reduced_index import ReducedIndex, Report
from hicalm.retrieval.stored_index import LEVEL_FILES

if TYPE_CHECKING:  # only a large collection needs it
    import faiss

EXACT = 40_000  # items up to which all are compared
MOST_LISTS = 1_024
LISTS_READ = {"museum": 256, "room": 256, "view": 32}  # of those; see docs/results.md
LEARNT_FROM = 64  # items for each list
CODE = "IVF{},PQ{}x4fsr"  # of what a list's centre lacks, a number of 4 bits for each two axes
NAME = "nearest-{}-{}.faiss"  # of a level's file, with its checksum
AT_ONCE = 1 << 17  # items that are written together


class NearestItems:
    """Finds the nearest items of each level."""

    def __init__(self, index: ReducedIndex) -> None:
        """Open what ``make`` wrote for an index (two seconds for each gigabyte).

        Raises HicalmError where it is missing or damaged.
        """
        import faiss

        self._index, folder = index, index.layout.derived
        try:
            self._levels = {name: _read(index, name) for name in LEVEL_FILES}
        except RuntimeError as error:
            raise HicalmError(
                f"What finds the nearest items is missing or damaged in '{folder}'. Make it again "
                "with `python -m hicalm index --vectors`."
            ) from error
        for name, found in self._levels.items():
            if (lists := faiss.try_extract_index_ivf(found)) is not None:
                lists.nprobe = min(LISTS_READ[name], lists.nlist)

    @staticmethod
    def make(index: ReducedIndex, report: Report = lambda level, done: None) -> None:
        """Write what is missing or damaged of it.

        ``report`` is told of a level how many items are done more. Raises OSError, and HicalmError
        for damaged vectors.
        """
        import faiss

        for name, count in index.sizes.items():
            with suppress(RuntimeError):
                _read(index, name)
                continue
            made = _empty(index, name)
            for first in range(0, count, AT_ONCE):
                block = index.along_axes(name, np.arange(first, min(first + AT_ONCE, count)))
                made.add(block)
                report(name, len(block))
            with scratch(index.layout.derived) as temporary:
                faiss.write_index(made, str(temporary / name))
                path = index.layout.derived / NAME.format(name, checksum(temporary / name))
                for old in path.parent.glob(NAME.format(name, "*")):
                    old.unlink()
                with replacing(path) as whole:
                    (temporary / name).rename(whole)

    def nearest(
        self, level: str, texts: np.ndarray, most: int, museums: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return for each text (T, H) at most ``most`` items of a level, the nearest first.

        ``museums``, bool (B,), says whose items may be found; None: all. Returns their rows
        (T, K), -1 behind the last, and nearly their cosines, float32 (T, K).
        """
        import faiss

        found, own = self._levels[level], None
        if museums is not None:
            bits = np.packbits(np.repeat(museums, self._index.counts(level)), bitorder="little")
            lists, own = faiss.try_extract_index_ivf(found), faiss.SearchParameters()
            if lists is not None:
                own = faiss.SearchParametersIVF()
                own.nprobe = lists.nprobe
            own.sel = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        texts = np.ascontiguousarray(self._index.texts_along_axes(level, texts), np.float32)
        cosines, rows = found.search(texts, min(most, found.ntotal), params=own)
        return rows, cosines


def _read(index: ReducedIndex, level: str) -> "faiss.Index":
    """Read what was written for a level. Raises RuntimeError, as faiss does for all that goes
    wrong."""
    import faiss

    paths = [*index.layout.derived.glob(NAME.format(level, "*"))]
    if len(paths) != 1 or NAME.format(level, checksum(paths[0])) != paths[0].name:
        raise RuntimeError(f"There is no whole index of {level}s.")
    found = faiss.read_index(str(paths[0]))
    if (found.ntotal, found.d) != (index.sizes[level], index.width):
        raise RuntimeError(f"It holds {found.ntotal} {level}s of {found.d} numbers.")
    return found


def _empty(index: ReducedIndex, level: str) -> "faiss.Index":
    """Return an index that has learnt from items of a level how to hold them, and holds none."""
    import faiss

    count, width = index.sizes[level], index.width
    if count <= EXACT:
        return faiss.IndexFlatIP(width)
    lists = min(MOST_LISTS, 1 << int(np.log2(4 * np.sqrt(count))))
    made = faiss.index_factory(width, CODE.format(lists, width // 2), faiss.METRIC_INNER_PRODUCT)
    made.train(index.along_axes(level, spread(count, LEARNT_FROM * lists)))
    return made
