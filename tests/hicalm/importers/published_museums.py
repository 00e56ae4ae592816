"""A small collection of published features without their encoder, and a run of several seeds."""

import json
from pathlib import Path

import torch

from hicalm.importers.features import import_published
from hicalm.importers.published_layouts import find_layout
from tests.hicalm.evaluation.published import WIDTH, save_random
from tests.hicalm.importers.layouts import ART_WIDTH, make_museums3k

VALIDATED = (0.5, 0.9, 0.7)  # R@10 of the runs with the seeds 0, 1 and 2


def published_museums(folder: Path, museums: int) -> Path:
    """Return the folder of an imported collection of museums with 1, 2, 3, 1, ... rooms."""
    torch.manual_seed(0)
    make_museums3k(folder / "files", museums)
    for path in sorted((folder / "files").rglob("*.pt")):  # features that tell the museums apart
        width = ART_WIDTH if "wikiart" in str(path) else WIDTH
        torch.save(torch.randn(len(torch.load(path)), width).half(), path)
    import_published(find_layout("museums3k", folder / "files"), folder / "museums", progress=False)
    return folder / "museums"


def published_run(museums: Path) -> Path:
    """Return the folder of a run beside a collection: three seeds with random weights."""
    out = museums.parent / "run"
    for seed, recall in enumerate(VALIDATED):
        own = out / f"seed-{seed}"
        save_random(own, "mobile_clip published", seed, art_dim=ART_WIDTH)
        full = {"R@10": recall, "R@1": 0.1, "MRR": 0.1}
        (own / "metrics.json").write_text(json.dumps({"best": {"full": full}}))
    return out
