"""How well rooms are discovered where they are known: ``python benchmarks/discovered_rooms.py``.

The views of each museum of the built-in collection are sorted into rooms by their features alone.
Prints the mean adjusted Rand index (1: the very rooms; 0: no better than chance), and how many
rooms are found for each that is there. ``SHARE`` was looked at on every 15th museum, which is left
out.
"""

import sys
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
from sklearn.metrics import adjusted_rand_score

from hicalm.data.collection import load_collection
from hicalm.data.home import COLLECTION
from hicalm.data.room_discovery import SHARE, group_views
from hicalm.ragged import offsets, segment_ids


def main() -> None:
    """Sort the views of all museums, and print the two numbers."""
    collection = load_collection(COLLECTION)
    views, distance = collection.features.get("view"), SHARE * collection.view_distance
    true_rooms = segment_ids(collection.view_counts)
    bounds = offsets(collection.view_counts)[offsets(collection.room_counts)]
    indices, ratios = [], []
    for museum, (first, last) in enumerate(pairwise(bounds.tolist())):
        if museum % 15 == 0:
            continue
        found = group_views(views[first:last], distance)
        indices.append(adjusted_rand_score(true_rooms[first:last], found))
        ratios.append((found.max() + 1) / collection.room_counts[museum])
    print(
        f"{len(indices)} museums: adjusted Rand index {np.mean(indices):.3f} "
        f"(lowest {min(indices):.3f}), rooms found for each that is there {np.mean(ratios):.2f}"
    )


if __name__ == "__main__":
    main()
