"""What a shortlist of codes keeps: ``python benchmarks/shortlist.py [HEADS]``.

HEADS is a folder of ``python -m hicalm hash shortlist`` (default: checkpoints/shortlist). For
queries of every length, prints the share of HiCALM's exact ten best museums that is kept when a
given share of the museums goes on, and the milliseconds that shortlisting takes (median).
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hicalm.data.collection import Collection, load_collection
from hicalm.data.dataset import view_rows
from hicalm.encoders.encoder import Encoder
from hicalm.models.checkpoints import content_hash, load_model
from hicalm.models.score_weights import LevelWeights
from hicalm.retrieval.index import build_index
from hicalm.retrieval.query import Query, QueryReader
from hicalm.retrieval.scoring import level_cosines
from hicalm.search.museum_filters import Allowed
from hicalm.search.shortlist import open_shortlist
from hicalm.world.relevance import load_queries

CHECKPOINT = ROOT / "checkpoints" / "hicalm"
SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
BEST = 10


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("heads", type=Path, nargs="?", default=ROOT / "checkpoints" / "shortlist")
    parser.add_argument("--collection", type=Path, default=ROOT / "assets" / "world")
    parser.add_argument("--split", default="test")
    parser.add_argument("--max-queries", type=int, default=200, help="queries of each length")
    options = parser.parse_args()
    collection = load_collection(options.collection).split(options.split)
    model = load_model(CHECKPOINT)
    encoder = Encoder.load(collection.features.fingerprints["view"].name)
    reader = QueryReader(model, encoder, None, LevelWeights.load(CHECKPOINT))
    views = view_rows(collection, model.config.art_dim)
    index = build_index(model, views, collection.view_counts, collection.room_counts)
    shortlist = open_shortlist(options.heads, index, content_hash(CHECKPOINT))
    everyone = np.arange(len(index.museum))
    print("| queries | " + " | ".join(f"{100 * share:g} %" for share in SHARES) + " | ms |")
    print("|---" * (len(SHARES) + 2) + "|")
    for name, texts in _texts(collection, options.split, options.max_queries):
        kept, spent = np.zeros((len(texts), len(SHARES))), []
        for row, text in enumerate(texts):
            query: Query = reader.read(text)
            exact = level_cosines(query.vectors, index)[0] @ query.weights
            best = np.argsort(-exact, kind="stable")[:BEST]
            for column, share in enumerate(SHARES):
                begin = time.perf_counter()
                rows = shortlist.museums(query, Allowed(everyone), round(share * len(everyone)))
                spent.append(1000 * (time.perf_counter() - begin))
                kept[row, column] = np.isin(best, rows).mean()
        shares = " | ".join(f"{value:.3f}" for value in kept.mean(axis=0))
        print(f"| {len(texts)} {name} | {shares} | {np.median(spent):.1f} |", flush=True)


def _texts(collection: Collection, split: str, max_queries: int) -> Iterator[tuple[str, list[str]]]:
    labelled = load_queries(ROOT / "assets" / "queries" / "paraphrased.jsonl", split)
    yield "paraphrased queries", [query.text for query in labelled]
    rng = np.random.default_rng(0)
    rooms = [room.paragraph for museum in collection.museums for room in museum.rooms]
    chosen = [
        rooms[row] for row in rng.choice(len(rooms), min(max_queries, len(rooms)), replace=False)
    ]
    yield "single sentences", [str(rng.choice(paragraph)) for paragraph in chosen]
    yield "room paragraphs", [" ".join(paragraph) for paragraph in chosen]
    museums = collection.museums[:max_queries]
    yield "descriptions", [" ".join(s for room in m.rooms for s in room.paragraph) for m in museums]


if __name__ == "__main__":
    main()
