"""How far the built-in encoder knows a picture: ``python benchmarks/known_pictures.py``.

The built-in encoder learned towards fixed directions, one for each attribute; what it was taught
lies along them almost wholly. Prints how much does: of the views of the built-in collection (test
museums, which the encoder was not trained on) and of photographs of installed packages
(scikit-learn and Gradio), whole and cut into quarters; and how many of each lie below a threshold.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from hicalm.data.collection import load_collection
from hicalm.data.home import COLLECTION
from hicalm.data.pictures import ENCODED_WIDTH, fit, read_picture
from hicalm.encoders.attributes import KNOWN_FROM, attribute_share
from hicalm.encoders.encoder import Encoder

PHOTOGRAPHS = (("sklearn", "datasets/images/*.jpg"), ("gradio", "media_assets/images/*.jp*g"))
THRESHOLDS = (0.93, 0.94, 0.95, KNOWN_FROM, 0.97)


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


def main() -> None:
    """Print what is known of views and of photographs."""
    views = load_collection(COLLECTION).features.get("view")
    encoded = Encoder.load(device="cpu").encode_images(photographs())
    near = {"views": attribute_share(views), "photographs": attribute_share(encoded)}
    print("| pictures | number | least | 1st percentile | median | 99th percentile | highest |")
    print("|---|---|---|---|---|---|---|")
    for name, own in near.items():
        marks = np.percentile(own, (0, 1, 50, 99, 100))
        print(f"| {name} | {len(own)} | {' | '.join(f'{mark:.3f}' for mark in marks)} |")
    for threshold in THRESHOLDS:
        below = {name: f"{100 * (own < threshold).mean():.1f} %" for name, own in near.items()}
        print(f"below {threshold}: {below}")


if __name__ == "__main__":
    main()
