"""Codes on the built-in world: ``python benchmarks/hash_world.py COLLECTION``.

The collection holds the splits "train" and "test" (the shipped one is the test split alone). Codes
of VTM-UCH, learnt from at most 5,000 views that face a painting and their sentences, stand beside
random hyperplanes, ITQ and product quantisation of as many bits, fitted to the same pairs; VTM-UCH
as the paper matches words to clusters of objects, and by words that are seen (grounded). Of the
test split's views 2,000 are queries, and the rest is searched; relevant is what shares the subject,
the style or the palette of the painting. Printed is mAP, as Markdown. ``--similarities`` learns
nothing: it ranks the other training pairs by what is alike to the first 400.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np

from hicalm.cli.options import bound_threads
from hicalm.data.collection import Fingerprint, load_collection
from hicalm.encoders.encoder import Encoder
from hicalm.geometry import unit
from hicalm.hashing.baselines import (
    Centring,
    Coder,
    ProductQuantiser,
    iterative_quantisation,
    random_hyperplanes,
)
from hicalm.hashing.grounding import ground
from hicalm.hashing.hash_runs import code_set
from hicalm.hashing.hash_settings import BITS, HashSettings
from hicalm.hashing.head_training import EncodeTexts, supervision, train_heads
from hicalm.hashing.measures import rank, rank_codes
from hicalm.hashing.pairs import Pairs
from hicalm.hashing.picture_objects import Objects
from hicalm.hashing.sources import OBJECTS, CollectionSource

SETTINGS: dict[str, dict] = {  # chosen without the test split
    "VTM-UCH": {"clusters": 256, "resolution": 3.0},
    "VTM-UCH, grounded": {"matching": "grounded"},
}
SIMILAR_TO = 400
HEAD = "| bits | codes | {} |"


def main() -> None:
    """Print the table and the times."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("collection", type=Path, help="with the splits train and test")
    parser.add_argument("--split", default="test", help="searched; settings: validation")
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--objects", default="paintings", choices=OBJECTS)
    parser.add_argument("--pairs", type=int, default=5000, help="most pairs to learn from")
    parser.add_argument("--similarities", action="store_true", help="of the training pairs")
    parser.add_argument("--bits", type=int, nargs="+", default=BITS, choices=BITS)
    options = parser.parse_args()
    bound_threads(1)
    encoder = Encoder.load()
    collection = load_collection(options.collection)
    source = CollectionSource(collection, encoder, options.queries, options.split)
    pairs, (queries, rest) = source.training(options.pairs), source.search()
    start = time.perf_counter()
    objects = source.objects(pairs, options.objects)
    found = time.perf_counter()
    if options.similarities:
        print_similarities(pairs, objects, source.encode_words)
        return
    targets = {
        name: supervision(pairs, objects, encoder.encode_texts, HashSettings(**own))
        for name, own in SETTINGS.items()
    }
    supervised = time.perf_counter()
    kinds = [f"{kind}: image to text / text to image" for kind in queries.labels]
    print(HEAD.format(" | ".join(kinds)) + "\n" + "|---" * (2 + len(kinds)) + "|")
    centring = Centring(pairs)
    both = np.concatenate([centring.images(pairs), centring.texts(pairs)])
    trained = []
    for bits in options.bits:
        for name, own in SETTINGS.items():
            before = time.perf_counter()
            settings = HashSettings(bits=bits, **own)
            heads = train_heads(pairs, targets[name], Fingerprint.of(encoder), settings)
            trained.append(time.perf_counter() - before)
            print_line(bits, name, rank_codes(code_set(heads, queries, rest)))
        width = both.shape[1]
        for name, coder in (
            ("random hyperplanes", random_hyperplanes(width, bits, settings.seed)),
            ("ITQ", iterative_quantisation(both, bits, settings.seed)),
            ("product quantisation", ProductQuantiser(both, bits, settings.seed)),
        ):
            print_line(bits, name, coded(coder, centring, queries, rest))
    print(
        f"\n{len(pairs):,} pairs: objects {found - start:.0f} s, supervision "
        f"{supervised - found:.0f} s, training {', '.join(f'{t:.0f}' for t in trained)} s; "
        f"{len(queries):,} queries, {len(rest):,} items."
    )


def print_similarities(pairs: Pairs, objects: Objects, encode_words: EncodeTexts) -> None:
    """Print mAP, by kind, of training pairs ranked by similarities to the first of them."""
    seen = ground(pairs.words, encode_words, objects)
    firsts, centring = objects.vectors[objects.first], Centring(pairs)
    vectors = {
        "texts by the encoder": centring.texts(pairs),
        "first objects by the encoder": unit(firsts - firsts.mean(axis=0)),
        "texts by seen words": seen.texts,
        "pictures by seen words": seen.pictures,
        "both by seen words: the target": np.concatenate([seen.texts, seen.pictures], axis=1),
    }
    print(f"| similarity of pairs | {' | '.join(pairs.labels)} |" + "\n|---|---|---|---|")
    for name, rows in vectors.items():
        cells = []
        for labels in pairs.labels.values():
            asked, others = rows[:SIMILAR_TO], rows[SIMILAR_TO:]
            found = rank(
                lambda part, asked=asked, others=others: -asked[part] @ others.T,
                labels[:SIMILAR_TO],
                labels[SIMILAR_TO:],
            )
            cells.append(f"{100 * found['mAP']:.1f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def coded(coder: Coder, centring: Centring, queries: Pairs, rest: Pairs) -> dict[str, dict]:
    """Return the metrics of a baseline by kind and direction, as ``rank_codes`` does."""
    images, texts = coder.encode(centring.images(rest)), coder.encode(centring.texts(rest))
    asked = {
        "image_to_text": (coder.encode(centring.images(queries)), texts),
        "text_to_image": (coder.encode(centring.texts(queries)), images),
    }
    return {
        kind: {
            direction: rank(
                lambda rows, q=q, items=items: coder.distances(q[rows], items),
                queries.labels[kind],
                rest.labels[kind],
            )
            for direction, (q, items) in asked.items()
        }
        for kind in queries.labels
    }


def print_line(bits: int, name: str, metrics: dict[str, dict]) -> None:
    """Print a line of the table: mAP in percent, both ways, by kind."""
    cells = [
        " / ".join(f"{100 * found['mAP']:.1f}" for found in directions.values())
        for directions in metrics.values()
    ]
    print(f"| {bits} | {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
