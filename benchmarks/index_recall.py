"""What an index keeps of the exact ten best: ``python benchmarks/index_recall.py ADDRESS``.

ADDRESS is that of an index, made before by ``python -m hicalm index COLLECTION --to ADDRESS``: a
file (``museums.db``), or a server, such as milvus-lite's own on the loopback, at
``http://127.0.0.1:19530`` after
``milvus-lite server --data-dir FOLDER --host 127.0.0.1 --port 19530``.

``vectors`` are those of ``python -m hicalm index COLLECTION --vectors``.

``exact`` as ADDRESS needs no index: each level's list is made by NumPy, as an index without any
loss would, so that what is lost is lost by the rule that chooses candidates.

Printed, as Markdown, is by kind of query the share of the ten best museums of the exact search that
are among the candidates, how far the fits of the museums shown differ from those of the exact
search, and the CPU time of this process that a search takes with and without the index, reading the
query left out. A server's own time is not in it, nor is that of waiting for a disk.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hicalm.cli.options import bound_threads
from hicalm.data.collection import Collection, load_collection
from hicalm.levels import LEVELS
from hicalm.retrieval.stages import RANK
from hicalm.search.milvus_candidates import MilvusCandidates
from hicalm.search.museum_filters import Allowed
from hicalm.search.pipeline import Pipeline
from hicalm.search.searcher import Searcher
from hicalm.world.relevance import load_queries

BEST, EXACT = 10, "exact"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("address")
    parser.add_argument("--collection", type=Path, default=ROOT / "assets" / "world")
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "checkpoints" / "hicalm")
    parser.add_argument("--split", default="test", help="of the queries")
    parser.add_argument("--max-queries", type=int, default=100, help="of each kind")
    parser.add_argument("--kept", type=int, help="candidates that go on (default: the engine's)")
    options = parser.parse_args()
    bound_threads(1)
    started, spent = time.perf_counter(), time.process_time()
    address = "" if options.address == EXACT else options.address
    searcher = Searcher.open(options.collection, options.checkpoint, address=address)
    if options.address == EXACT:
        own = MilvusCandidates(ExactLists(searcher), searcher.collection)
        ids = [museum.id for museum in searcher.collection.museums]
        searcher._pipeline = Pipeline(searcher._index, ids, searcher._plans, own)
    engine = searcher._pipeline._candidates
    engine.kept = options.kept or engine.kept
    searcher.search("horses")
    wall, cpu = time.perf_counter() - started, time.process_time() - spent
    print(f"first search answered after {wall:.1f} s, {cpu:.1f} s of CPU, {_memory()}\n")
    print(
        "| queries | of the ten best kept | all ten kept | fits differ by | p50 CPU ms "
        "| exact p50 CPU ms |"
    )
    print("|---" * 6 + "|", flush=True)
    for name, texts in _texts(searcher.collection, options.split, options.max_queries):
        print(f"| {len(texts)} {name} | {_row(searcher, texts)} |", flush=True)
    museums = len(searcher.collection.museums)
    print(f"\n{museums:,} museums, {engine.kept:,} go on, {_memory()}")


def _memory() -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    held = [
        line for line in Path("/proc/self/status").read_text().splitlines() if "RssAnon" in line
    ]
    return (
        f"peak memory {peak:,.0f} MB with mapped files, {int(held[0].split()[1]) / 1e3:,.0f} MB own"
    )


class ExactLists:
    """The nearest museums of each level by comparing all items, in place of an index."""

    def __init__(self, searcher: Searcher) -> None:
        index = searcher._index
        self._ids = np.array([museum.id for museum in searcher.collection.museums])
        firsts = np.arange(len(index.museum)), index.room_starts, index.view_starts
        items = index.museum, index.room, index.view
        self._levels = dict(zip(LEVELS, zip(items, firsts, strict=True), strict=True))

    def nearest(
        self, level: str, texts: np.ndarray, kept: int, allowed: Allowed
    ) -> list[list[tuple[str, float]]]:
        """Return what ``MilvusIndex.nearest`` does, without filters."""
        items, firsts = self._levels[level]
        best = np.maximum.reduceat(texts @ items.T, firsts, axis=1)
        first = [np.argsort(-row, kind="stable")[:kept] for row in best]
        return [
            list(zip(self._ids[rows], row[rows], strict=True))
            for rows, row in zip(first, best, strict=True)
        ]


def _row(searcher: Searcher, texts: list[str]) -> str:
    kept, fits, spent = [], [], ([], [])
    for text in texts:
        results = []
        for stages, times in zip((None, (RANK,)), spent, strict=True):
            query = searcher.read(text)  # anew: what is worked out for a query is kept with it
            begin = time.process_time()
            results.append(searcher.rank(query, BEST, stages=stages))
            times.append(1000 * (time.process_time() - begin))
        found, exact = ({match.museum_id: match for match in one.matches} for one in results)
        both = found.keys() & exact.keys()
        kept.append(len(both) / len(exact))
        fits += [abs((found[id].fit or 0) - (exact[id].fit or 0)) for id in both]
    p50 = [np.median(times) for times in spent]
    return (
        f"{np.mean(kept):.3f} | {np.mean(np.array(kept) == 1):.2f} | {max(fits, default=0):.1e} | "
        f"{p50[0]:,.0f} | {p50[1]:,.0f}"
    )


def _texts(collection: Collection, split: str, max_queries: int) -> Iterator[tuple[str, list[str]]]:
    rng = np.random.default_rng(0)
    for name, file in (("short", "paraphrased"), ("structured", "structured")):
        texts = [q.text for q in load_queries(ROOT / "assets" / "queries" / f"{file}.jsonl", split)]
        chosen = rng.permutation(len(texts))[:max_queries]
        yield f"{name} queries", [texts[row] for row in chosen]
    described = load_collection(ROOT / "assets" / "world").museums
    museums = [described[row] for row in rng.permutation(len(described))[:max_queries]]
    yield "room paragraphs", [" ".join(museum.rooms[0].paragraph) for museum in museums]
    yield "descriptions", [" ".join(s for r in one.rooms for s in r.paragraph) for one in museums]


if __name__ == "__main__":
    main()
