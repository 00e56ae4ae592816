"""Make a collection as large as Museums3k: ``python benchmarks/full_size.py FOLDER``.

3,000 museums (2,100 for training, 450 for validation, 450 for the test) of 5 to 8 rooms, 12 views a
room, 170 sentences a museum on average; features of 512 numbers for a view or a sentence and 2,048
for the art expert, in half precision (1.7 GB). They are random but not without structure: the views
and the sentences of a room share a hidden signal, so that training has something to learn. Words
follow Zipf's law, as words do.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
from tqdm import tqdm

from hicalm.data.collection import Collection, Features, Fingerprint, Museum, Room, save_texts
from hicalm.data.shards import ShardWriter

SPLITS = {"train": 2100, "validation": 450, "test": 450}
WIDTHS = {"view": 512, "art": 2048, "sentence": 512}
VIEWS, SENTENCES, INTRODUCTION, WORDS = 12, 25, 8, 14  # views and sentences a room
SIGNAL, VOCABULARY = 24, 8000


def main() -> None:
    """Write the collection."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="the new collection's folder")
    parser.add_argument("--shrink", type=int, default=1, help="make so many times fewer museums")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    (options.folder / "features").mkdir(parents=True, exist_ok=True)
    writers = {kind: ShardWriter(options.folder / "features", kind) for kind in WIDTHS}
    maps = {kind: rng.standard_normal((SIGNAL, width)) for kind, width in WIDTHS.items()}
    splits = [name for name, size in SPLITS.items() for _ in range(size // options.shrink)]
    museums = []
    for number, split in enumerate(tqdm(splits, desc="museums")):
        museum = _museum(f"Museum{number:04d}", split, rng)
        signal = rng.standard_normal((len(museum.rooms), SIGNAL))
        counts = [len(paragraph) for paragraph in museum.paragraphs]
        rows = {
            "view": np.repeat(signal, VIEWS, axis=0),
            "sentence": np.repeat([signal.mean(axis=0), *signal], counts, axis=0),
        }
        rows["art"] = rows["view"]
        for kind, writer in writers.items():
            hidden = rows[kind] + rng.standard_normal(rows[kind].shape)
            noise = rng.standard_normal((len(hidden), WIDTHS[kind]), np.float32)
            writer.append((hidden @ maps[kind] / SIGNAL**0.5 + noise).astype(np.float16))
        museums.append(museum)
    for writer in writers.values():
        writer.close()
    fingerprints = {
        kind: Fingerprint("generated", "generated", width) for kind, width in WIDTHS.items()
    }
    collection = Collection(
        "Full size",
        "Generated for measurements.",
        tuple(museums),
        {"source": "none"},
        Features({}, fingerprints),
    )
    save_texts(collection, options.folder)


def _museum(name: str, split: str, rng: np.random.Generator) -> Museum:
    """Return a museum whose texts are words of a vocabulary that the museum prefers some of."""
    favourites = rng.integers(VOCABULARY, size=40)
    rooms = int(rng.choice([5, 6, 7, 8], p=(0.2, 0.36, 0.24, 0.2)))
    introduction = _sentences(INTRODUCTION, favourites, rng)
    return Museum(
        name,
        name,
        split,
        introduction,
        tuple(
            Room(f"Room {number + 1}", _sentences(SENTENCES, favourites, rng), VIEWS)
            for number in range(rooms)
        ),
    )


def _sentences(
    mean_count: int, favourites: np.ndarray, rng: np.random.Generator
) -> tuple[str, ...]:
    count = max(1, int(rng.poisson(mean_count)))
    words = rng.zipf(1.3, size=(count, WORDS)) % VOCABULARY
    special = rng.random((count, WORDS)) < 0.2
    words[special] = rng.choice(favourites, size=int(special.sum()))
    return tuple(" ".join(f"w{word}" for word in line) + "." for line in words)


if __name__ == "__main__":
    main()
