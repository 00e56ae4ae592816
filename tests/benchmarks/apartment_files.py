"""Small files of apartments, as the benchmarks on 3D-FRONT read them."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

COUNTS = {"sentence": [4, 2, 3, 2], "view": [2, 5, 1, 3]}
SPLITS = ["train", "train", "val", "test"]


def write_apartments(folder: Path, texts: Sequence[str]) -> Path:
    """Write four apartments with these texts, of COUNTS sentences and views; return the folder."""
    records = [
        {"name": f"a{number}", "split": split, "description": text}
        for number, (split, text) in enumerate(zip(SPLITS, texts, strict=True))
    ]
    (folder / "apartments.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n")
    random, arrays = np.random.default_rng(0), {}
    for kind, counts in COUNTS.items():
        arrays[f"{kind}_features"] = random.standard_normal((sum(counts), 8)).astype(np.float16)
        arrays[f"{kind}_offsets"] = np.cumsum([0, *counts])
    np.savez(folder / "features.npz", **arrays)
    return folder
