"""The museums, rooms and views that are nearest to texts, where there are too many to compare.

Each level has an index of faiss beside the stored vectors. Its items lie in lists, each around a
centre, and of these the ones nearest to a text are looked through, in codes of 16 bytes an item. So
the cosines are near, not exact: whoever takes them scores again. Levels of few items are compared
exactly. faiss believes what its files say: they are those that ``index --vectors`` wrote.
Sizes: T texts, K items, N items of a level.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hicalm.data.rows import StoredRows
from hicalm.errors import HicalmError
from hicalm.files import replacing
from hicalm.retrieval.stored_index import LEVEL_FILES, StoredIndex, full_precision

if TYPE_CHECKING:  # only a large collection needs it
    import faiss

EXACT = 40_000  # items up to which all are compared
MOST_LISTS, LISTS_READ = 1_024, 64
LEARNT_FROM = 64  # items for each list
CODE = "PCA64,IVF{},PQ32x4fs"  # 64 axes, then 32 numbers of 4 bits
AT_ONCE = 1 << 17  # items that are written together
Report = Callable[[str, int], None]  # is told of a level how many items are done more


class NearestItems:
    """Finds the nearest items of each level."""

    def __init__(self, folder: Path, index: StoredIndex) -> None:
        """Open what ``make`` wrote for an index (a second for each gigabyte).

        Raises HicalmError where it is missing or damaged.
        """
        import faiss

        self._index = index
        try:
            paths = {name: str(_path(folder, name)) for name in LEVEL_FILES}
            self._levels = {name: faiss.read_index(path) for name, path in paths.items()}
        except RuntimeError as error:  # which faiss raises for all that goes wrong
            raise HicalmError(
                f"What finds the nearest items is missing or damaged in '{folder}'. Make it again "
                "with `python -m hicalm index --vectors`."
            ) from error
        for found in self._levels.values():
            if (lists := faiss.try_extract_index_ivf(found)) is not None:
                lists.nprobe = min(LISTS_READ, lists.nlist)

    @staticmethod
    def make(folder: Path, index: StoredIndex, report: Report = lambda level, done: None) -> None:
        """Write what is missing of it into a folder, which is that of what is made of all vectors.

        ``report`` is told of a level how many items are done more. Raises OSError, and HicalmError
        for damaged vectors.
        """
        import faiss

        levels = index.museum, index.room, index.view
        for name, items in zip(LEVEL_FILES, levels, strict=True):
            if _path(folder, name).is_file():
                continue
            made = _empty(items)
            for first in range(0, len(items), AT_ONCE):
                block = full_precision(items[first : first + AT_ONCE])
                made.add(block)
                report(name, len(block))
            with replacing(_path(folder, name)) as temporary:
                faiss.write_index(made, str(temporary))

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
            bits = np.packbits(np.repeat(museums, self._counts(level)), bitorder="little")
            lists, own = faiss.try_extract_index_ivf(found), faiss.SearchParameters()
            if lists is not None:
                own = faiss.SearchParametersIVF()
                own.nprobe = lists.nprobe
            own.sel = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        texts = np.ascontiguousarray(texts, np.float32)
        cosines, rows = found.search(texts, min(most, found.ntotal), params=own)
        return rows, cosines

    def owners(self, level: str, rows: np.ndarray) -> np.ndarray:
        """Return the museums, their rows, of items of a level (any shape)."""
        firsts = {"room": self._index.room_starts, "view": self._index.view_starts}
        if level not in firsts:
            return rows
        return np.searchsorted(firsts[level], rows, side="right") - 1

    def _counts(self, level: str) -> np.ndarray:
        """Return how many items of a level each museum has, (B,)."""
        rooms, views = self._index.room_counts, self._index.view_starts
        counts = {
            "museum": np.ones(len(rooms), np.int64),
            "room": rooms,
            "view": np.diff(views, append=len(self._index.view)),
        }
        return counts[level]


def _empty(items: StoredRows) -> "faiss.Index":
    """Return an index that has learnt from items (N, H) how to hold them, and holds none."""
    import faiss

    width = items.shape[1]
    if len(items) <= EXACT:
        return faiss.IndexFlatIP(width)
    lists = min(MOST_LISTS, 1 << int(np.log2(4 * np.sqrt(len(items)))))
    made = faiss.index_factory(width, CODE.format(lists), faiss.METRIC_INNER_PRODUCT)
    some = np.linspace(0, len(items) - 1, min(LEARNT_FROM * lists, len(items))).astype(np.int64)
    made.train(full_precision(items[some]))
    return made


def _path(folder: Path, level: str) -> Path:
    return folder / f"nearest-{level}.faiss"
