"""How far the built-in encoder knows a picture: ``python benchmarks/known_pictures.py``.

A picture is as near to a collection as its nearest view there, see ``retrieval.known_pictures``.
Prints this nearness for 1,000 views of the built-in collection, each among the views of all other
museums, and for photographs of installed packages (scikit-learn and Gradio), whole and cut into
quarters; and how many of each lie below a threshold. The threshold is chosen by the views alone, so
the photographs judge it; for the views it is also chosen without each tenth of their museums, and
judged on that tenth.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from hicalm.data.collection import load_collection
from hicalm.data.home import COLLECTION
from hicalm.data.picture_files import fit, read_picture
from hicalm.data.pictures import ENCODED_WIDTH
from hicalm.encoders.encoder import Encoder
from hicalm.geometry import unit
from hicalm.ragged import segment_ids
from hicalm.retrieval.known_pictures import KNOWN_FROM, KnownPictures

PHOTOGRAPHS = (("sklearn", "datasets/images/*.jpg"), ("gradio", "media_assets/images/*.jp*g"))
VIEWS = 1000
THRESHOLDS = (0.6, 0.65, KNOWN_FROM, 0.72, 0.75)
TRIED = np.arange(50, 90) / 100
REFUSED = 0.02  # most of the collection's own views that may be taken for unknown
FOLDS = 10  # of the museums


def photographs() -> list[np.ndarray]:
    """Return photographs of installed packages, each whole and its quarters: uint8 (h, w, 3)."""
    found = []
    for package, pattern in PHOTOGRAPHS:
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None, f"{package} is not installed"
        for path in sorted(Path(spec.origin).parent.glob(pattern)):
            with path.open("rb") as file:
                whole = read_picture(file, 2 * ENCODED_WIDTH)
            height, width = (side // 2 for side in whole.shape[:2])
            quarters = [whole[y:, x:][:height, :width] for y in (0, height) for x in (0, width)]
            found += [fit(np.ascontiguousarray(one), ENCODED_WIDTH) for one in (whole, *quarters)]
    return found


def choose_threshold(views: np.ndarray) -> float:
    """Return the highest threshold that few of the views, by their nearness (V,), lie below."""
    return float(max(mark for mark in TRIED if (views < mark).mean() <= REFUSED))


def left_out(views: np.ndarray, fold: np.ndarray) -> tuple[list[float], float]:
    """Choose the threshold without each fold (V,) of the views, by their nearness (V,), in turn.

    Returns the thresholds, and the share of the views that are refused by those chosen without
    them.
    """
    chosen = [choose_threshold(views[fold != one]) for one in range(FOLDS)]
    return chosen, float((views < np.array(chosen)[fold]).mean())


def main() -> None:
    """Print what is known of views and of photographs."""
    collection = load_collection(COLLECTION)
    views = collection.features.get("view")
    museum = segment_ids(collection.room_counts)[segment_ids(collection.view_counts)]
    rows = np.random.default_rng(0).choice(len(views), VIEWS, replace=False)
    centred = unit(views - views.mean(axis=0))
    cosines = centred[rows] @ centred.T
    cosines[museum[rows][:, None] == museum[None, :]] = -1
    encoded = Encoder.load(device="cpu").encode_images(photographs())
    near = {"views": cosines.max(axis=1), "photographs": KnownPictures(views).nearness(encoded)}
    print("| pictures | number | least | 1st percentile | median | 99th percentile | highest |")
    print("|---|---|---|---|---|---|---|")
    for name, own in near.items():
        marks = np.percentile(own, (0, 1, 50, 99, 100))
        print(f"| {name} | {len(own)} | {' | '.join(f'{mark:.3f}' for mark in marks)} |")
    for threshold in THRESHOLDS:
        below = {name: f"{100 * (own < threshold).mean():.1f} %" for name, own in near.items()}
        print(f"below {threshold}: {below}")
    fold = np.random.default_rng(1).integers(FOLDS, size=len(collection.museums))[museum[rows]]
    chosen, refused = left_out(near["views"], fold)
    print(
        f"at most {REFUSED:.0%} of the views refused: {choose_threshold(near['views']):.2f}; "
        f"without a tenth of the museums {min(chosen):.2f} to {max(chosen):.2f}, refusing "
        f"{100 * refused:.1f} % of the views that were left out"
    )


if __name__ == "__main__":
    main()
