"""Small data sets in TERAN's layout, with the planted signal of ``benchmark``."""

import json
import pickle
from pathlib import Path

import numpy as np

from tests.hicalm.hosa.benchmark import REGIONS, images_of

COUNTS = {"train": 100, "val": 20, "test": 20}
SIZE = (40, 20)  # width and height of all pictures


def write_regions(root: Path, name: object, features: np.ndarray) -> None:
    for folder in ("bu_att", "bu_box"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    np.savez(root / "bu_att" / f"{name}.npz", feat=features)
    boxes = np.tile(np.float32([10, 5, 20, 20]), (REGIONS, 1))
    np.save(root / "bu_box" / f"{name}.npy", boxes)


def write_f30k(folder: Path) -> Path:
    """Write Karpathy's JSON, the splits' images mixed, and a file an image by its place there."""
    images = []
    for split, count in COUNTS.items():
        features, captions = images_of(split, count, 0)
        for number in range(count):
            own = [{"raw": text} for text in captions[5 * number : 5 * number + 5]]
            entry = {"split": split, "filename": f"{split}{number}.jpg", "sentences": own}
            images.append((entry, features[number]))
    order = np.random.default_rng(1).permutation(len(images))
    for place, number in enumerate(order):
        write_regions(folder / "f30k" / "features_36", place, images[number][1])
    annotations = folder / "f30k" / "annotations"
    annotations.mkdir()
    content = {"images": [images[number][0] for number in order], "dataset": "flickr30k"}
    (annotations / "dataset_flickr30k.json").write_text(json.dumps(content))
    (folder / "f30k" / "images").mkdir()
    with (folder / "f30k" / "images" / "sizes.pkl").open("wb") as file:
        pickle.dump([SIZE] * len(images), file)
    return folder


def write_coco(folder: Path, per_split: int = 2) -> Path:
    """Write MS-COCO's captions and numbers: train from one file, the other splits from val."""
    annotations = folder / "coco" / "annotations"
    annotations.mkdir(parents=True)
    content: dict[str, dict[str, list]] = {
        year: {"images": [], "annotations": []} for year in ("train", "val")
    }
    image = 100
    for part, year in (("train", "train"), ("restval", "val"), ("dev", "val"), ("test", "val")):
        features, captions = images_of(part, per_split, 0)
        numbers = []
        for number in range(per_split):
            image += 1
            size = {"width": SIZE[0], "height": SIZE[1]}
            content[year]["images"].append({"id": image, **size})
            for place, text in enumerate(captions[5 * number : 5 * number + 5]):
                numbers.append(10 * image + place)
                caption = {"id": numbers[-1], "image_id": image, "caption": text}
                content[year]["annotations"].append(caption)
            write_regions(folder / "coco" / "features_36", image, features[number])
        np.save(annotations / f"coco_{part}_ids.npy", np.array(numbers))
    for year, found in content.items():
        (annotations / f"captions_{year}2014.json").write_text(json.dumps(found))
    return folder


CONFIGURATION = """
dataset: {name: f30k, data: 'FOLDER', restval: True, images-path: elsewhere}
text-model: {name: bert, word-dim: 16}
image-model: {pre-extracted-features-root: 'FOLDER/f30k/features_36', feat-dim: 16}
model: {name: teran, embed-size: 32, dropout: 0.0}
training: {lr: 1e-2, bs: 32, margin: 0.2, max-violation: True, scheduler: steplr, gamma: 0.1,
           step-size: 4, grad-clip: 2.0}
"""
