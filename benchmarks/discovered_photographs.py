"""How rooms are discovered among assorted photographs: ``discovered_photographs.py PATH``.

PATH has a folder for each kind of thing, however deep, with PNG pictures that have a text of the
same name beside them, whose first line says what they show: those of Debian's package
``tuxpaint-stamps-default``, below ``usr/share/tuxpaint/stamps``, which are not part of this
repository. Drawings and signs in it are left out, and kinds of fewer than ``LEAST`` photographs.

``conse`` reads them. Museums are drawn, each of some photographs of some kinds, which are its true
rooms. Prints how far the rooms found are those (the adjusted Rand index: 1: the very rooms; 0: no
better than chance), and how well a photograph's museum is found by its text (``--queries`` of
them), where museums have one room, discovered rooms or the true ones.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import torch
from sklearn.metrics import adjusted_rand_score

from hicalm.data.collection import Collection, Features, Fingerprint, Museum, Room
from hicalm.data.discovered_collection import in_rooms
from hicalm.data.picture_files import fit, read_picture
from hicalm.data.pictures import ENCODED_WIDTH
from hicalm.data.room_discovery import SHARE, discovered_rooms, group_views, sort_views
from hicalm.data.rows import mean_distance
from hicalm.data.sentences import only_named
from hicalm.encoders.encoder import CONSE, Encoder
from hicalm.metrics import ranks_of_targets
from hicalm.search.zero_shot_searcher import zero_shot_searcher

NO_PHOTOGRAPHS = {"cartoon", "symbols", "roadsigns", "flags", "toys", "plastic", "people"}
NO_PHOTOGRAPHS |= {"military", "medical", "seasonal", "naturalforces", "town"}  # or not all
LEAST = 6  # photographs of a kind
BATCH = 32
SIZES = ((2, 2), (2, 3), (3, 2), (2, 4), (4, 2), (3, 3), (3, 4), (4, 4), (4, 6), (6, 4))
SEARCHED = (4, 6)  # kinds of a museum that is searched, and photographs of each
DRAWN = 100  # museums of a size, each a collection
SEEDS = 6  # of the collections that are searched


class Photographs:
    """Photographs with their kinds (N,), what each shows, and their features (N, D)."""

    def __init__(self, path: Path, encoder: Encoder) -> None:
        by_kind: dict[tuple[str, ...], list[Path]] = defaultdict(list)
        for picture in sorted(path.rglob("*.png")):
            kind = picture.relative_to(path).parts[:-1]
            if not NO_PHOTOGRAPHS.intersection(kind) and picture.with_suffix(".txt").is_file():
                by_kind[kind[:2]].append(picture)
        kinds = [own for own in by_kind.values() if len(own) >= LEAST]
        paths = [one for own in kinds for one in own]
        self.kinds = np.repeat(np.arange(len(kinds)), [len(own) for own in kinds])
        texts = [one.with_suffix(".txt").read_text("utf-8", "replace") for one in paths]
        self.texts = [text.splitlines()[0].strip() for text in texts]
        small = [fit(read_picture(one, ENCODED_WIDTH), ENCODED_WIDTH) for one in paths]
        batches = (small[first : first + BATCH] for first in range(0, len(small), BATCH))
        self.views = np.concatenate([encoder.encode_images(batch) for batch in batches])

    def draw(self, kinds: int, each: int, random: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield the photographs of museums, rows (kinds, each), while there are enough left."""
        left = [random.permutation(np.flatnonzero(self.kinds == k)) for k in np.unique(self.kinds)]
        while True:
            rich = [kind for kind, rows in enumerate(left) if len(rows) >= each]
            if len(rich) < kinds:
                return
            weights = np.array([len(left[kind]) for kind in rich], float)
            chosen = random.choice(rich, kinds, replace=False, p=weights / weights.sum())
            yield np.stack([left[kind][:each] for kind in chosen])
            for kind in chosen:
                left[kind] = left[kind][each:]


def agreement(photographs: Photographs) -> str:
    """Return how far the rooms found in museums of all ``SIZES`` are the kinds, as Markdown."""
    lines = [
        "| photographs | kinds | alike | sorted | better than chance | rooms | of one view |",
        "|---|---|---|---|---|---|---|",
    ]
    for kinds, each in SIZES:
        random, alike, found, rooms, single = np.random.default_rng(0), [], [], [], []
        for _ in range(DRAWN):
            rows = next(photographs.draw(kinds, each, random)).ravel()
            views, true = photographs.views[rows], photographs.kinds[rows]
            distance = SHARE * mean_distance(views)
            room = sort_views(views, distance)
            alike.append(adjusted_rand_score(true, group_views(views, distance)))
            found.append(adjusted_rand_score(true, room))
            rooms.append(room.max() + 1)
            single.append((np.bincount(room) == 1).sum())
        lines.append(
            f"| {kinds * each} | {kinds} | {np.mean(alike):.2f} | {np.mean(found):.2f} "
            f"| {np.mean(np.array(found) > 0.01):.0%} | {np.mean(rooms):.1f} "
            f"| {np.mean(single):.1f} |"
        )
    return "\n".join(lines)


def of_museums(photographs: Photographs, museums: list[np.ndarray], encoder: Encoder) -> Collection:
    """Return a collection of museums (rows of photographs, (kinds, each)) of one room each."""
    made = tuple(
        Museum(f"m{n}", f"Museum {n}", "test", (), (Room("All", only_named("All"), rows.size),))
        for n, rows in enumerate(museums)
    )
    views = photographs.views[np.concatenate([rows.ravel() for rows in museums])]
    names = encoder.encode_texts(list(only_named("All")) * len(museums))
    prints = dict.fromkeys(("view", "sentence"), Fingerprint.of(encoder))
    features = Features({"view": views, "sentence": names}, prints)
    return Collection("Photographs", "", made, {"source": "none"}, features)


def retrieval(photographs: Photographs, encoder: Encoder, queries: int) -> str:
    """Return how well museums are found in every arrangement of rooms, as a Markdown table."""
    ranks: dict[str, list[int]] = defaultdict(list)
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        museums = list(photographs.draw(*SEARCHED, random))
        asked = random.permutation(np.concatenate([rows.ravel() for rows in museums]))
        home = {row: n for n, rows in enumerate(museums) for row in rows.ravel().tolist()}
        whole = of_museums(photographs, museums, encoder)
        found = [discovered_rooms(whole, one.id, sort_views) for one in whole.museums]
        bounds = np.arange(0, museums[0].size + 1, SEARCHED[1]).tolist()
        true = tuple(tuple(range(first, last)) for first, last in pairwise(bounds))
        for name, collection in (
            ("one room", whole),
            ("discovered", in_rooms(whole, found)),
            ("true", in_rooms(whole, [true] * len(museums))),
        ):
            searcher = zero_shot_searcher(collection, encoder)
            for row in asked[: queries // SEEDS].tolist():
                scores = searcher.default_scores(searcher.read(photographs.texts[row]))
                ranks[name] += ranks_of_targets(scores[None], np.array([home[row]])).tolist()
    lines = ["| rooms | queries | R@1 | R@3 | mean reciprocal rank |", "|---|---|---|---|---|"]
    for name, own in ranks.items():
        rank = np.array(own)
        cells = f"{100 * np.mean(rank == 1):.1f} | {100 * np.mean(rank <= 3):.1f}"
        lines.append(f"| {name} | {len(rank)} | {cells} | {np.mean(1 / rank):.3f} |")
    return "\n".join(lines)


def main() -> None:
    """Read the photographs, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", type=Path, help="folder of the photographs")
    parser.add_argument("--queries", type=int, default=600, help="of each arrangement of rooms")
    options = parser.parse_args()
    torch.set_num_threads(1)
    encoder = Encoder.load(CONSE, device="cpu")
    photographs = Photographs(options.path, encoder)
    print(f"{len(photographs.texts)} photographs of {photographs.kinds.max() + 1} kinds")
    print(agreement(photographs), retrieval(photographs, encoder, options.queries), sep="\n\n")


if __name__ == "__main__":
    main()
