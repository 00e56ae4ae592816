"""What an index keeps of the exact ten best: ``python benchmarks/index_recall.py ADDRESS``.

ADDRESS is that of an index, made before by ``python -m hicalm index COLLECTION --to ADDRESS``: a
file (``museums.db``), or a server, such as milvus-lite's own on the loopback, at
``http://127.0.0.1:19530`` after
``milvus-lite server --data-dir FOLDER --host 127.0.0.1 --port 19530``.

``vectors`` are those of ``python -m hicalm index COLLECTION --vectors``.

``exact`` as ADDRESS needs no index: each level's list is made by NumPy, as an index without any
loss would, so that what is lost is lost by the rule that chooses candidates.

Printed, as Markdown, is by kind of query the share of the ten best museums of the exact search that
are shown, how far their scores differ from the exact ones, and what a search
takes, reading the query included: the median of the wall clock and of the CPU time of this process.
The exact search scores all museums for all queries in one pass. A server's own time is not in it.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hicalm.cli.options import bound_threads
from hicalm.data.collection import Collection, load_collection
from hicalm.levels import LEVELS
from hicalm.retrieval.query import Query
from hicalm.retrieval.scoring import QueryVectors, cosines_of, score
from hicalm.search.milvus_candidates import MilvusCandidates
from hicalm.search.museum_filters import Allowed, allowed_museums
from hicalm.search.narrow_plans import NarrowPlans
from hicalm.search.pipeline import Pipeline
from hicalm.search.searcher import Searcher
from hicalm.world.relevance import load_queries

BEST, EXACT = 10, "exact"
AT_ONCE = 1_000  # museums
KINDS = {
    "short": "short queries",
    "structured": "structured queries",
    "paragraph": "room paragraphs",
    "description": "descriptions",
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("address")
    parser.add_argument("--collection", type=Path, default=ROOT / "assets" / "world")
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "checkpoints" / "hicalm")
    parser.add_argument("--split", default="test", help="of the queries")
    parser.add_argument("--max-queries", type=int, default=100, help="of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=[*KINDS])
    parser.add_argument("--kept", type=int, nargs="+", help="candidates (default: the engine's)")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    bound_threads(options.threads)
    started, spent = time.perf_counter(), time.process_time()
    address = "" if options.address == EXACT else options.address
    searcher = Searcher.open(options.collection, options.checkpoint, address=address)
    if options.address == EXACT:
        own = MilvusCandidates(ExactLists(searcher), searcher.collection)
        ids = [museum.id for museum in searcher.collection.museums]
        searcher._pipeline = Pipeline(searcher._index, ids, searcher._plans, own)
    searcher.search("horses")
    wall, cpu = time.perf_counter() - started, time.process_time() - spent
    print(f"first search answered after {wall:.1f} s, {cpu:.1f} s of CPU, {_memory()}\n")
    texts = dict(_texts(searcher.collection, options.split, options.max_queries))
    asked = [(kind, searcher.read(text)) for kind in options.kinds for text in texts[kind]]
    started, spent = time.perf_counter(), time.process_time()
    exact = exact_best(searcher, [query for _, query in asked])
    wall, cpu = time.perf_counter() - started, time.process_time() - spent
    print(f"exact search of {len(asked)} queries: {wall:,.0f} s, {cpu:,.0f} s of CPU\n")
    engine = searcher._pipeline._candidates
    for kept in options.kept or [engine.kept]:
        engine.kept = kept
        print(f"{len(searcher.collection.museums):,} museums, at most {kept:,} go on\n")
        print(
            "| queries | of the ten best kept | all ten kept | scores differ by | p50 ms "
            "| p95 ms | p50 CPU ms |"
        )
        print("|---" * 7 + "|", flush=True)
        for kind in options.kinds:
            own = [best for (name, _), best in zip(asked, exact, strict=True) if name == kind]
            print(f"| {len(own)} {KINDS[kind]} | {_row(searcher, texts[kind], own)} |", flush=True)
        print(f"\n{_memory()}\n")


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


Best = tuple[np.ndarray, np.ndarray]  # rows and scores of museums, the best first


def exact_best(searcher: Searcher, queries: list[Query]) -> list[Best]:
    """Return the best museums of each query, all of which are scored, in one pass over them."""
    index, plans = searcher._index, searcher._plans
    found: list[Best] = [(np.zeros(0, np.int64), np.zeros(0)) for _ in queries]
    museums = len(searcher.collection.museums)
    allowed = np.zeros((len(queries), museums), bool)
    for number, query in enumerate(queries):
        allowed[number, allowed_museums(searcher.collection, {}, query.plan)[0].rows] = True
    for first in range(0, museums, AT_ONCE):
        block = np.arange(first, min(first + AT_ONCE, museums))
        cosines = cosines_of(_together(queries), index, block)
        valued = plans.over(block) if isinstance(plans, NarrowPlans) else None
        for number, query in enumerate(queries):
            scores = score(cosines[number].astype(np.float64), query.weights)
            if query.plan_weight:
                values = plans.values(query)[block] if valued is None else valued.values(query)
                scores = scores + query.plan_weight * values
            inside = allowed[number, block]
            rows = np.concatenate([found[number][0], block[inside]])
            scores = np.concatenate([found[number][1], scores[inside]])
            best = np.argsort(-scores, kind="stable")[:BEST]
            found[number] = rows[best], scores[best]
        print(f"\r{block[-1] + 1:,} museums", end="", file=sys.stderr, flush=True)
    return found


def _together(queries: list[Query]) -> QueryVectors:
    own = [query.vectors for query in queries]
    names = [field.name for field in fields(QueryVectors) if field.name != "are_texts"]
    return QueryVectors(*(np.concatenate([getattr(one, name) for one in own]) for name in names))


def _row(searcher: Searcher, texts: list[str], exact: list[Best]) -> str:
    kept, scores, walls, cpus = [], [], [], []
    for text, (rows, values) in zip(texts, exact, strict=True):
        wall, cpu = time.perf_counter(), time.process_time()
        result = searcher.search(text, BEST)
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
        found = {searcher.collection.row(match.museum_id): match for match in result.matches}
        both = [place for place, row in enumerate(rows) if row in found]
        kept.append(len(both) / max(len(rows), 1))
        scores += [abs(found[rows[place]].score - values[place]) for place in both]
    whole = np.mean(np.array(kept) == 1)
    return (
        f"{np.mean(kept):.3f} | {whole:.2f} | {max(scores, default=0):.1e} | "
        f"{np.median(walls):,.0f} | {np.percentile(walls, 95):,.0f} | {np.median(cpus):,.0f}"
    )


def _texts(collection: Collection, split: str, max_queries: int) -> Iterator[tuple[str, list[str]]]:
    rng = np.random.default_rng(0)
    for name, file in (("short", "paraphrased"), ("structured", "structured")):
        texts = [q.text for q in load_queries(ROOT / "assets" / "queries" / f"{file}.jsonl", split)]
        chosen = rng.permutation(len(texts))[:max_queries]
        yield name, [texts[row] for row in chosen]
    described = load_collection(ROOT / "assets" / "world").museums
    museums = [described[row] for row in rng.permutation(len(described))[:max_queries]]
    yield "paragraph", [" ".join(museum.rooms[0].paragraph) for museum in museums]
    yield "description", [" ".join(s for r in one.rooms for s in r.paragraph) for one in museums]


if __name__ == "__main__":
    main()
