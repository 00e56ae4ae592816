"""Time a search on the built-in collection: ``python benchmarks/query_speed.py``.

Prints the median and the 95th percentile of the milliseconds from the typed query to the ranked
museums by the three levels, and with the default stages, over the paraphrased test queries (each
asked once, after three others to warm up).
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import torch

from hicalm.retrieval.stages import RANK
from hicalm.search.searcher import Searcher
from hicalm.world.relevance import load_queries


def main() -> None:
    """Search with every test query and print the times."""
    torch.set_num_threads(1)
    searcher = Searcher.open(ROOT / "assets" / "world", ROOT / "checkpoints" / "hicalm")
    texts = [
        query.text for query in load_queries(ROOT / "assets/queries/paraphrased.jsonl", "test")
    ]
    for text in texts[:3]:
        searcher.search(text)
    seconds = np.array([searcher.search(text, top=10, stages=(RANK,)).seconds for text in texts])
    default = np.array([searcher.search(text, top=10).seconds for text in texts])
    page = " ".join(searcher.collection.museums[0].rooms[0].paragraph)
    long = np.array([searcher.search(page, top=10, stages=(RANK,)).seconds for _ in range(5)])
    museums = len(searcher.collection.museums)
    print(f"{len(texts)} short queries, {museums} museums, 1 thread")
    print(
        f"median {np.median(seconds) * 1e3:.0f} ms, 95 % {np.quantile(seconds, 0.95) * 1e3:.0f} ms"
    )
    print(f"median {np.median(default) * 1e3:.0f} ms with {', '.join(searcher.default_stages)}")
    print(f"a paragraph of {len(page)} characters: median {np.median(long) * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
