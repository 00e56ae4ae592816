"""A small benchmark in the precomputed layout, with a planted signal to learn."""

from pathlib import Path

import numpy as np

REGIONS, WIDTH = 4, 16
THINGS = ("dog", "cat", "car", "tree", "boat", "ball", "house", "bird", "horse", "bicycle")
FILLERS = ("a", "the", "near", "with", "and")


def images_of(split: str, count: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """Images of four things, each a noisy vector, and captions that name them in any order."""
    looks = np.random.default_rng(0).normal(size=(len(THINGS), WIDTH))
    rng = np.random.default_rng([seed, len(split)])
    seen: set[tuple[int, ...]] = set()
    features, captions = [], []
    while len(features) < count:
        things = np.sort(rng.choice(len(THINGS), REGIONS, replace=False))
        if tuple(things) in seen:
            continue  # no two images show the same things
        seen.add(tuple(things))
        features.append(looks[things] + 0.1 * rng.normal(size=(REGIONS, WIDTH)))
        for _ in range(5):
            named = rng.permutation(things)
            captions.append(" ".join(f"{rng.choice(FILLERS)} {THINGS[k]}" for k in named) + ".")
    return np.asarray(features, np.float32), captions


def write_split(folder: Path, split: str, count: int, seed: int = 0, each: bool = False) -> None:
    """Write a split; ``each``: one file for each image instead of one array."""
    folder.mkdir(parents=True, exist_ok=True)
    features, captions = images_of(split, count, seed)
    (folder / f"{split}_caps.txt").write_text("\n".join(captions) + "\n", encoding="utf-8")
    ids = [f"{split}{number:03d}" for number in range(count)]
    (folder / f"{split}_ids.txt").write_text("\n".join(ids) + "\n", encoding="utf-8")
    if each:
        (folder / f"{split}_ims").mkdir(exist_ok=True)
        for name, rows in zip(ids, features, strict=True):
            np.save(folder / f"{split}_ims" / f"{name}.npy", rows)
    else:
        np.save(folder / f"{split}_ims.npy", features)


def write_benchmark(folder: Path) -> Path:
    """Write the three splits, the last one in single files."""
    write_split(folder, "train", 100)
    write_split(folder, "dev", 20)
    write_split(folder, "test", 20, each=True)
    return folder


CONFIGURATION = """
data: {folder: FOLDER, regions: 4}
model: {region_dim: 16, word_dim: 16, width: 32, tube: 4, gru: false, global_weight: 0.2}
training: {epochs: 3, batch_size: 32, learning_rate: 1e-2, drop_epochs: 4}
"""


def write_configuration(path: Path, folder: Path) -> Path:
    path.write_text(CONFIGURATION.replace("FOLDER", str(folder)), encoding="utf-8")
    return path
