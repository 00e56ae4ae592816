"""Small folders in the layout of MIRFlickr-25k's and NUS-WIDE's published files."""

from pathlib import Path

import numpy as np
from scipy.io import savemat

from hicalm.files import encode_jpeg

COLOURS = ((250, 0, 0), (0, 250, 0), (0, 0, 250))
TAGS = ("red,warm", "green,grass", "blue,sky,sea")


def write_matfiles(folder: Path, count: int = 12, cells: bool = True) -> None:
    """Write pictures of one of three colours, tags that name it, and labels that count it.

    ``cells``: strings in cell arrays, else as arrays of characters.
    """
    (folder / "images").mkdir(parents=True)
    paths = []
    for number in range(count):
        name = f"im{number + 1}.jpg"
        picture = np.full((24, 32, 3), COLOURS[number % 3], np.uint8)
        (folder / "images" / name).write_bytes(encode_jpeg(picture))
        paths.append(f"/data/mirflickr/{name}")
    tags = [TAGS[number % 3] for number in range(count)]
    kind = object if cells else str
    savemat(folder / "index.mat", {"index": np.array(paths, kind)})
    savemat(folder / "caption.mat", {"caption": np.array(tags, kind)})
    labels = np.eye(3, dtype=np.uint8)[np.arange(count) % 3]
    savemat(folder / "label.mat", {"label": labels})
