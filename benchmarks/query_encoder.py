"""What the query encoder brings: ``python benchmarks/query_encoder.py [--encoder FOLDER]``.

Ranks the built-in museums with HiCALM for the paraphrased queries of one split, whose texts are
read by the text encoder, by the query encoder, or replaced by the sum of the right anchors. Prints
nDCG@5 of the whole score and of each level, how many attributes are read rightly, and the
milliseconds that one query takes.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hicalm.encoders.attributes import anchors, attribute_columns
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.recipe.query_metrics import f1_by_kind
from hicalm.levels import LEVELS
from hicalm.metrics import ndcg_at
from hicalm.retrieval.scoring import encode_queries, level_cosines
from hicalm.search.searcher import Searcher
from hicalm.world.relevance import Predicate, expression_gains, load_queries

K = 5  # nDCG of the first K museums


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--encoder", default="builtin", help="a folder with a query encoder")
    parser.add_argument("--split", default="validation", choices=("validation", "test"))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    searcher = Searcher.open(ROOT / "assets" / "world", ROOT / "checkpoints" / "hicalm")
    begin = time.perf_counter()
    encoder = Encoder.load(options.encoder, device="cpu")
    print(f"encoder loaded in {time.perf_counter() - begin:.2f} s")
    queries = load_queries(ROOT / "assets" / "queries" / "paraphrased.jsonl", options.split)
    specifications = list(searcher.collection.specifications)
    gains = np.stack([expression_gains(query.expression, specifications) for query in queries])
    texts = [query.text for query in queries]
    labels = np.stack([_mentioned(query.predicate) for query in queries])
    read = encoder.encode_queries(texts)
    if read.probabilities is None:
        raise SystemExit(f"{options.encoder} has no query encoder.")
    oracle = labels @ anchors().numpy()
    oracle *= (np.linalg.norm(read.features, axis=1) / np.linalg.norm(oracle, axis=1))[:, None]
    print(f"| {len(texts)} {options.split} queries | score | " + " | ".join(LEVELS) + " |")
    print("|---" * (len(LEVELS) + 2) + "|")
    named = {"text encoder": encoder.encode_texts(texts), "query encoder": read.features}
    for name, features in (named | {"the right anchors": oracle}).items():
        cosines = _cosines(searcher, features)
        scores = [cosines @ searcher.weights.of(1, 1), *np.moveaxis(cosines, -1, 0)]
        values = " | ".join(f"{ndcg_at(score, gains, K).mean:.3f}" for score in scores)
        print(f"| {name} | {values} |")
    f1 = f1_by_kind(read.probabilities, labels > 0)
    print("F1 of the attributes: " + ", ".join(f"{kind} {f1[kind]:.2f}" for kind in f1))
    for name, encode in (("text", encoder.encode_texts), ("query", encoder.encode_queries)):
        print(f"{name} encoder: {_milliseconds(encode, texts):.1f} ms a query (median)")


def _mentioned(predicate: Predicate) -> np.ndarray:
    columns = attribute_columns()
    pairs = [*predicate.painting.items(), *predicate.room.items()]
    pairs += [("object", value) for value in predicate.objects]
    row = np.zeros(len(columns), np.float32)
    row[[columns[pair] for pair in pairs]] = 1
    return row


def _cosines(searcher: Searcher, features: np.ndarray) -> np.ndarray:
    """Return the levels' cosines (Q, B, 3) of queries of one sentence, features (Q, D)."""
    ones = np.ones(len(features), np.int64)
    return level_cosines(encode_queries(searcher.model, features, ones, ones), searcher._index)


def _milliseconds(encode: Callable[[list[str]], object], texts: list[str]) -> float:
    spent = []
    for text in texts:
        begin = time.perf_counter()
        encode([text])
        spent.append(1000 * (time.perf_counter() - begin))
    return float(np.median(spent))


if __name__ == "__main__":
    main()
