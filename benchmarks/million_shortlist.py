"""Search 6,000,000 rooms by codes, exactly and by HNSW: ``python benchmarks/million_shortlist.py``.

The rooms are generated from a collection's own (the built-in test split): a real room's vector and
a normal deviation, normalised. Its covariance is half of that of the differences between a room and
its ten nearest neighbours: the difference of two draws varies twice as much as each, so two rooms
made of one real room differ as neighbours do. A museum has six rooms, made of the rooms of one real
museum. Queries are the paraphrased ones of the test split and paragraphs drawn from the
descriptions; a museum's score is the cosine of its best room, the room level alone.

Printed, as Markdown, is the share of the ten best museums of the exact search (rooms in half
precision, in blocks) that each search finds, and the time of one query at a time. By codes, Hamming
distances name four times as many rooms as are let through, the text's activations order these, and
exact cosines the rooms let through; "distances alone" goes without activations, or without cosines
too.
HNSW (M 16, efConstruction 40, 8 bits a number) names as many rooms as efSearch, put in order by
exact cosines. It gets --hnsw-minutes to be built; where they end early, it is compared with the
exact search among the rooms that it holds. Cosines need the rooms' vectors beside every index: in
memory here, 512 bytes a room.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# threads that wait for each other sleep: spinning, they take a busy machine's cores for nothing
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import faiss
import numpy as np
import torch

from hicalm.cli.options import bound_threads
from hicalm.data.collection import Collection, load_collection
from hicalm.data.dataset import view_rows
from hicalm.data.home import QUERIES
from hicalm.encoders.encoder import Encoder
from hicalm.hashing.codes import pack, unpack
from hicalm.hashing.heads import HashHeads, load_heads
from hicalm.models.checkpoints import load_model
from hicalm.retrieval.blocks import BLOCK, best_museums
from hicalm.retrieval.index import MuseumIndex, build_index, check_encoder
from hicalm.retrieval.queries import Queries, description_queries, text_queries
from hicalm.retrieval.scoring import encode_queries
from hicalm.search.shortlist import CANDIDATES
from hicalm.world.relevance import load_queries

ROOMS, BEST, NEIGHBOURS = 6, 10, 10  # rooms a museum; museums searched; a real room's neighbours
SHARES = (0.001, 0.005, 0.01, 0.05)  # of the rooms, let through by the codes
EF_SEARCH = (64, 256, 1024, 4096)
HNSW_STEP = 24_000  # rooms added between two looks at the clock
EXACTLY_TIMED = 50  # queries of the exact search, whose times hardly differ

Search = Callable[[np.ndarray], np.ndarray]  # a text's vector (H,) to museums, the best first


@dataclass(frozen=True)
class Asked:
    """Texts (Q, H); which are paraphrased queries (Q,); the exact search's museums (Q, 10)."""

    texts: np.ndarray
    short: np.ndarray
    best: np.ndarray


def main() -> None:
    """Generate the rooms, build the indices, and print the table."""
    options = _options()
    bound_threads(2)
    faiss.omp_set_num_threads(2)
    collection, model = load_collection(options.collection), load_model(options.checkpoint)
    check_encoder(collection, model)
    views = view_rows(collection, model.config.art_dim)
    real = build_index(model, views, collection.view_counts, collection.room_counts)
    texts, short = ask(model, collection, options.queries)
    rooms, spent = clock(lambda: generate(real, options.museums, options.seed))
    print(f"{len(rooms):,} rooms generated in {spent:.0f} s, {len(texts)} queries\n", flush=True)
    print(
        "| search | of the ten best found, paraphrased queries | paragraphs | p50 ms | p95 ms "
        "| index MB | built in s |\n|---" + "|---" * 6 + "|",
        flush=True,
    )
    asked = Asked(texts, short, exact(texts, rooms))
    timed = Asked(texts[:EXACTLY_TIMED], short[:EXACTLY_TIMED], asked.best[:EXACTLY_TIMED])
    measure("exact", lambda text: exact(text[None], rooms)[0], timed, rooms.nbytes, 0)
    search_codes(load_heads(options.heads), rooms, asked)
    search_hnsw(rooms[: ROOMS * (options.hnsw_rooms // ROOMS)], asked, options.hnsw_minutes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"\npeak memory {peak:,.0f} MB")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--collection", type=Path, default=ROOT / "assets" / "world")
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "checkpoints" / "hicalm")
    parser.add_argument("--heads", type=Path, default=ROOT / "checkpoints" / "shortlist")
    parser.add_argument("--museums", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=300, help="paraphrased ones included")
    parser.add_argument("--hnsw-rooms", type=int, default=6_000_000, help="at most")
    parser.add_argument("--hnsw-minutes", type=float, default=12)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def ask(
    model: torch.nn.Module, collection: Collection, max_texts: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of texts (Q, H), at most ``max_texts`` of a kind, and which are
    paraphrased queries."""

    def read(queries: Queries) -> np.ndarray:
        counts = queries.sentence_counts, queries.paragraph_counts
        return encode_queries(model, queries.sentences, *counts).paragraph

    short = read(text_queries([q.text for q in load_queries(QUERIES, "test")], Encoder.load()))[
        :max_texts
    ]
    long = read(description_queries(collection, ("room",))["room"])
    drawn = np.random.default_rng(0).permutation(len(long))[: max_texts - len(short)]
    texts = np.concatenate([short, long[drawn]])
    is_short = np.arange(len(texts)) < len(short)
    order = np.random.default_rng(1).permutation(len(texts))
    return texts[order], is_short[order]


def generate(real: MuseumIndex, museums: int, seed: int) -> np.ndarray:
    """Return the rooms of museums made of real ones, float16 (6 museums, H), of length 1."""
    rng, width = np.random.default_rng(seed), real.room.shape[1]
    deviate = deviation(real.room)
    rooms = np.empty((ROOMS * museums, width), np.float16)
    for first in range(0, museums, BLOCK // ROOMS):
        size = min(BLOCK // ROOMS, museums - first)
        drawn = rng.integers(len(real.room_counts), size=size)
        counts = real.room_counts[drawn][:, None]
        within = (rng.integers(counts) + np.arange(ROOMS)) % counts
        source = real.room[(real.room_starts[drawn][:, None] + within).ravel()]
        made = source + rng.standard_normal((len(source), width), np.float32) @ deviate
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        rooms[ROOMS * first : ROOMS * (first + size)] = made
    return rooms


def deviation(rooms: np.ndarray) -> np.ndarray:
    """Return what makes a deviation of standard normal numbers, (H, H); see the module."""
    cosines = rooms @ rooms.T
    np.fill_diagonal(cosines, -1)
    near = np.argpartition(-cosines, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    differences = (rooms[near] - rooms[:, None]).reshape(-1, rooms.shape[1])
    values, axes = np.linalg.eigh(differences.T @ differences / (2 * len(differences)))
    return (np.sqrt(np.maximum(values, 0))[:, None] * axes.T).astype(np.float32)


def exact(texts: np.ndarray, rooms: np.ndarray) -> np.ndarray:
    """Return the ten best museums of texts (Q, H), int64 (Q, 10)."""
    # ten museums have at most 60 rooms, so the 60 best rooms are of ten museums or more
    _, found = best_museums(torch.from_numpy(texts), rooms, ROOMS * BEST)
    return np.stack([first_museums(row) for row in found.numpy()])


def first_museums(rooms: np.ndarray) -> np.ndarray:
    """Return the first ten museums of rooms that are in order."""
    museums, first = np.unique(rooms // ROOMS, return_index=True)
    return museums[np.argsort(first)][:BEST]


def by_cosines(text: np.ndarray, rooms: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Return the ten best museums among candidates, which are rows of rooms."""
    vectors = torch.from_numpy(rooms[candidates]).float()
    cosines = vectors @ torch.from_numpy(text)
    best = cosines.topk(min(ROOMS * BEST, len(candidates))).indices.numpy()
    return first_museums(candidates[best])


def code_products(activations: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return activations (k,) times the signs of packed codes (N, k / 8): float32 (N,).

    Each byte of a code looks its part up, instead of 8 signs being multiplied.
    """
    signs = 2 * unpack(np.arange(256, dtype=np.uint8)[:, None]).astype(np.float32) - 1
    parts = activations.reshape(-1, 8) @ signs.T
    return sum(part[byte] for part, byte in zip(parts, codes.T, strict=True))


def search_codes(heads: HashHeads, rooms: np.ndarray, asked: Asked) -> None:
    """Measure the search by codes: in full, without activations, and by distances alone."""
    codes, spent = clock(lambda: _codes(heads, rooms))
    index = faiss.IndexBinaryFlat(8 * codes.shape[1])
    index.use_heap = False  # counting distances is faster where many rooms are asked for
    index.add(codes)

    def nearest(text: np.ndarray, max_rooms: int) -> np.ndarray:
        asked_code = pack(heads.text_activations(text[None]) > 0)
        return index.search(asked_code, min(max_rooms, len(codes)))[1][0]

    def ordered(text: np.ndarray, max_rooms: int) -> np.ndarray:
        near = nearest(text, CANDIDATES * max_rooms)
        products = code_products(heads.text_activations(text[None])[0], codes[near])
        return near[np.argpartition(-products, max_rooms)[:max_rooms]]

    for share in SHARES:
        max_rooms = max(ROOMS * BEST, int(share * len(rooms)))
        for name, candidates in (("", ordered), (", distances and cosines alone", nearest)):

            def search(
                text: np.ndarray, max_rooms: int = max_rooms, own: Search = candidates
            ) -> np.ndarray:
                return by_cosines(text, rooms, own(text, max_rooms))

            measure(f"codes, {100 * share:g} %{name}", search, asked, codes.nbytes, spent)
    codes_only = lambda text: first_museums(nearest(text, ROOMS * BEST))  # noqa: E731
    measure("codes, distances alone", codes_only, asked, codes.nbytes, spent)


def _codes(heads: HashHeads, rooms: np.ndarray) -> np.ndarray:
    blocks = range(0, len(rooms), BLOCK)
    return np.concatenate([heads.image_codes(rooms[first : first + BLOCK]) for first in blocks])


def search_hnsw(rooms: np.ndarray, asked: Asked, minutes: float) -> None:
    """Measure HNSW over as many rooms as can be added within the minutes."""
    index = faiss.IndexHNSWSQ(rooms.shape[1], faiss.ScalarQuantizer.QT_8bit, 16)
    index.hnsw.efConstruction = 40
    start = time.perf_counter()
    index.train(rooms[:100_000].astype(np.float32))
    while index.ntotal < len(rooms) and time.perf_counter() - start < 60 * minutes:
        index.add(rooms[index.ntotal : index.ntotal + HNSW_STEP].astype(np.float32))
    spent, held = time.perf_counter() - start, rooms[: index.ntotal]
    links = faiss.vector_to_array(index.hnsw.neighbors).nbytes + 8 * index.hnsw.offsets.size()
    size = index.ntotal * index.storage.sa_code_size() + links
    own = Asked(asked.texts, asked.short, exact(asked.texts, held))
    for ef in EF_SEARCH:
        index.hnsw.efSearch = ef

        def search(text: np.ndarray, ef: int = ef) -> np.ndarray:
            found = index.search(text[None], ef)[1][0]
            return by_cosines(text, held, found[found >= 0])

        measure(f"HNSW, efSearch {ef}, {index.ntotal:,} rooms", search, own, size, spent)


def measure(name: str, search: Search, asked: Asked, size: int, built: float) -> None:
    """Print a line of the table: size in bytes, built in seconds."""
    search(asked.texts[0])  # so that the first query measured finds memory as the others do
    results = [clock(lambda text=text: search(text)) for text in asked.texts]
    found, times = zip(*results, strict=True)
    shares = np.array(
        [len(np.intersect1d(own, best)) / BEST for own, best in zip(found, asked.best, strict=True)]
    )
    p50, p95 = np.quantile(times, (0.5, 0.95)) * 1e3
    print(
        f"| {name} | {shares[asked.short].mean():.3f} | {shares[~asked.short].mean():.3f} | "
        f"{p50:,.1f} | {p95:,.1f} | {size / 1e6:,.0f} | {built:,.0f} |",
        flush=True,
    )


def clock(work: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """Return what work returns, and its seconds."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


if __name__ == "__main__":
    main()
