"""Rank 450 queries against 1,000,000 museums: ``python benchmarks/million_museums.py``.

Vectors of 256 numbers, random, in half precision on disk (512 MB in a temporary folder). Prints
seconds, CPU seconds and the peak memory of the process, one thread.
"""

import os
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import torch

from hicalm.data.shards import ShardWriter, load_shards
from hicalm.geometry import normalise
from hicalm.retrieval.blocks import BLOCK, best_museums, target_ranks

QUERIES, MUSEUMS, WIDTH, NOISE = 450, 1_000_000, 256, 0.25


def main() -> None:
    """Write the museums, then rank them."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    with TemporaryDirectory() as folder:
        writer = ShardWriter(Path(folder), "museum")
        for first in range(0, MUSEUMS, BLOCK):
            rows = rng.standard_normal((min(BLOCK, MUSEUMS - first), WIDTH), np.float32)
            writer.append((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16))
        writer.close()
        museums = load_shards(Path(folder), "museum")
        target = rng.choice(MUSEUMS, QUERIES, replace=False)
        noise = NOISE * rng.standard_normal((QUERIES, WIDTH))
        queries = normalise(torch.from_numpy((museums[target] + noise).astype(np.float32)))
        for name, rank in (
            ("the 10 best of each", lambda: best_museums(queries, museums, 10)),
            ("the rank of the right one", lambda: target_ranks(queries, museums, target)),
        ):
            begin, cpu = time.perf_counter(), time.process_time()
            rank()
            print(
                f"{name}: {time.perf_counter() - begin:.1f} s, "
                f"{time.process_time() - cpu:.1f} CPU s"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"peak memory {peak:.0f} MB (the whole matrix alone: {QUERIES * MUSEUMS * 4 / 1e6:.0f})")


if __name__ == "__main__":
    main()
