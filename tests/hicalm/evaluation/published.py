"""The published models, with random weights and features of a small width."""

from pathlib import Path

import torch

from hicalm.models.checkpoints import save_model
from tests.hicalm.collections import random_model
from tests.hicalm.importers.layouts import ART_WIDTH

MODELS = {
    "hicalm": {"art_dim": ART_WIDTH},
    "hierartex": {"text": "avg", "vision": "avg"},
    "flat": {"kind": "flat"},
    "merge-max": {"merge": "max"},
    "merge-mean-sum": {"merge": "mean-sum"},
    **{name: {"vision": name} for name in ("dan", "vsformer", "mvcnn", "mvcnn-sa")},
}
TESTS = 5  # museums of the test split
WIDTH = 8  # of the features, which VSFormer's heads must divide


def save_random(folder: Path, encoder: str, seed: int = 0, **changes: object) -> None:
    model = random_model(encoder=encoder, **{"view_dim": WIDTH, "text_dim": WIDTH} | changes)
    torch.manual_seed(seed)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    save_model(model, folder)
