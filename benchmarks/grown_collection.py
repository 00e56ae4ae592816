"""Write a collection of many museums: ``python benchmarks/grown_collection.py OUT --museums 5000``.

The museums are generated from the built-in test split: each has the rooms of a real museum, half of
them replaced by rooms of any other, and every view a normal deviation. Its covariance is half of
that of the differences between a view and its nearest neighbours: the difference of two draws
varies twice as much as each, so two views made of one real view differ as neighbours do. Views
keep the art features and object logits of the view that they were made of, rooms their names and
texts, and museums the introduction of the real one. ``--pictures world`` calls the pictures those
of the world, so that rooms are read by attributes as there, and gives museums the specification of
the real one; otherwise there are none, and rooms are read by cosines as those of any other
collection.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hicalm.data.collection import Collection, Features, Museum, Room, load_collection, save_texts
from hicalm.data.shards import ShardWriter
from hicalm.ragged import ranges, starts

NEIGHBOURS, COMPARED = 10, 4_000  # of a view; views that the covariance is taken from
AT_ONCE = 256  # museums


def main() -> None:
    """Write the collection."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--collection", type=Path, default=ROOT / "assets" / "world")
    parser.add_argument("--museums", type=int, default=5_000)
    parser.add_argument("--pictures", choices=("none", "world"), default="none")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    real, rng = load_collection(options.collection), np.random.default_rng(options.seed)
    arrays = {kind: real.features.get(kind) for kind in ("view", "art", "object")}
    deviate = deviation(arrays["view"], rng)
    (options.out / "features").mkdir(parents=True, exist_ok=True)
    writers = {kind: ShardWriter(options.out / "features", kind) for kind in arrays}
    museums: list[Museum] = []
    bases: list[int] = []
    while len(museums) < options.museums:
        some = rng.integers(len(real.museums), size=min(AT_ONCE, options.museums - len(museums)))
        chosen = [_rooms(real, museum, rng) for museum in some]
        rooms = np.concatenate(chosen)
        views = ranges(starts(real.view_counts)[rooms], real.view_counts[rooms])
        for kind, writer in writers.items():
            made = arrays[kind][views]
            if kind == "view":
                length = np.linalg.norm(made, axis=1, keepdims=True)
                made = made + rng.standard_normal(made.shape, np.float32) @ deviate
                made *= length / np.linalg.norm(made, axis=1, keepdims=True)
            writer.append(made.astype(np.float16))
        pairs = enumerate(zip(some, chosen, strict=True), start=len(museums))
        museums += [_museum(real, base, own, number) for number, (base, own) in pairs]
        bases += some.tolist()
        print(f"\r{len(museums):,} museums", end="", file=sys.stderr, flush=True)
    for writer in writers.values():
        writer.close()
    in_world = options.pictures == "world"
    prints = {kind: real.features.fingerprints[kind] for kind in arrays}
    grown = replace(
        real,
        name=f"Grown world of {options.museums:,}",
        note="Generated from the built-in world, for measurements.",
        museums=(),
        features=Features({}, prints),
        specifications=tuple(real.specifications[base] for base in bases if in_world),
        pictures=real.pictures | {"source": options.pictures},
    )
    save_texts(replace(grown, museums=tuple(museums)), options.out)


def deviation(views: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return what makes a deviation of standard normal numbers, (D, D); see the module."""
    some = views[rng.permutation(len(views))[:COMPARED]]
    unit = some / np.linalg.norm(some, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -1)
    near = np.argpartition(-cosines, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    differences = (some[near] - some[:, None]).reshape(-1, views.shape[1])
    values, axes = np.linalg.eigh(differences.T @ differences / (2 * len(differences)))
    return (np.sqrt(np.maximum(values, 0))[:, None] * axes.T).astype(np.float32)


def _rooms(real: Collection, museum: int, rng: np.random.Generator) -> np.ndarray:
    own = np.arange(real.room_offsets[museum], real.room_offsets[museum + 1])
    others = rng.integers(len(real.view_counts), size=len(own))
    return np.where(rng.random(len(own)) < 0.5, own, others)


def _museum(real: Collection, base: int, rooms: np.ndarray, number: int) -> Museum:
    own = real.museums[base]
    made = tuple(_room(real, room) for room in rooms)
    return Museum(
        f"grown-{number:07d}",
        f"Museum {number + 1:,}",
        "test",
        own.introduction,
        made,
        own.attributes,
    )


def _room(real: Collection, row: int) -> Room:
    museum = int(np.searchsorted(real.room_offsets, row, side="right")) - 1
    return real.museums[museum].rooms[row - int(real.room_offsets[museum])]


if __name__ == "__main__":
    main()
