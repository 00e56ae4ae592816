"""Time explanations on the built-in collection: ``python benchmarks/explain_speed.py [threads]``.

Prints the median, the 95th percentile and the largest of the milliseconds that one museum takes,
for short queries, queries of two rooms, and whole descriptions, and what is spent once for a query.
"""

import os
import sys
import time
from pathlib import Path

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))
os.environ.setdefault("HF_HUB_OFFLINE", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import torch

from hicalm.search.searcher import Searcher

MUSEUMS = 60


def main() -> None:
    """Explain the best museums of a few queries and print the times."""
    torch.set_num_threads(THREADS)
    searcher = Searcher.open(ROOT / "assets" / "world", ROOT / "checkpoints" / "hicalm")
    museum = searcher.collection.museums[0]
    queries = {
        "phrase": "cubist paintings in warm sunset colours",
        "two rooms": "a first room with portraits, then a room of abstract paintings in blue",
        "description": "\n".join(" ".join(room.paragraph) for room in museum.rooms),
    }
    searcher.explain(searcher.read("ships"), museum.id)  # so that nothing is loaded meanwhile
    print(f"{THREADS} threads, {MUSEUMS} museums a query")
    for name, text in queries.items():
        query = searcher.read(text)
        times = []
        for match in searcher.rank(query, MUSEUMS).matches:
            started = time.perf_counter()
            searcher.explain(query, match.museum_id)
            times.append((time.perf_counter() - started) * 1e3)
        first, others = times[0], np.array(times[1:])
        print(
            f"{name}: median {np.median(others):.0f} ms, 95 % {np.quantile(others, 0.95):.0f} ms, "
            f"largest {others.max():.0f} ms; the first, with what is done once a query, {first:.0f}"
        )


if __name__ == "__main__":
    main()
