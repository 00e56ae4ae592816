"""Train the built-in image encoder from scratch on rendered paintings and views (train split only).

Supervised by attributes: every picture's embedding is read along the fixed anchors, and each kind
of attribute is a softmax over its values. A view is labelled with the paintings it shows,
weighted by the square of the share of the frame they cover, and with its room's look. A first
phase at low resolution sees most samples cheaply; a second one at the size of use finishes.
"""

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from tqdm import tqdm

from hicalm.encoders.attributes import EMBED_DIM, KINDS, PAINTING_KINDS, anchors, kind_slices
from hicalm.encoders.augment import mirror_and_crop, to_input
from hicalm.encoders.picture_store import NONE, PictureStore
from hicalm.encoders.thin_resnet import ThinResNet
from hicalm.files import replacing, to_json
from hicalm.world.render import VIEWS_PER_ROOM


@dataclass(frozen=True)
class ImageEncoderConfig:
    """How the image encoder is trained."""

    steps: int = 4600
    fine_steps: int = 1000  # of these, the last ones run at full size
    paintings: int = 24  # paintings a batch
    views: int = 40  # views a batch
    coarse_size: tuple[int, int] = (96, 128)  # height, width in pixels
    fine_size: tuple[int, int] = (120, 160)
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.05
    room_weight: float = 0.3  # of the wall, floor, light and object losses
    seed: int = 0


class LabelledPictures:
    """Pictures of some museums with their soft attribute targets, drawn at random.

    ``targets`` of a kind are float (N, values): a distribution over the values, or all zero where
    the kind does not apply (the subject of a non-figurative painting).
    """

    def __init__(self, store: PictureStore, museums: np.ndarray) -> None:
        self.store, self.museums = store, museums
        self.painting_labels = store.index.painting_labels()
        self.room_labels = store.index.room_labels()
        self.refresh_rendered()

    def refresh_rendered(self) -> None:
        """Draw from what is rendered by now, so that training may start before rendering ends."""
        index = self.store.index
        museums = self.museums[self.store.done[self.museums] == 1]
        rooms = np.concatenate([np.arange(*index.room_offsets[m : m + 2]) for m in museums])
        self.painting_rows = np.concatenate(
            [np.arange(*index.painting_offsets[r : r + 2]) for r in rooms]
        )
        self.view_rows = (rooms[:, None] * VIEWS_PER_ROOM + np.arange(VIEWS_PER_ROOM)).ravel()

    def painting_targets(self, rows: np.ndarray) -> dict[str, torch.Tensor]:
        """Return the one-hot targets of paintings (N,) by kind."""
        labels = self.painting_labels[rows][:, None]
        return _painting_targets(labels, np.ones((len(rows), 1), np.float32))

    def view_targets(self, rows: np.ndarray) -> dict[str, torch.Tensor]:
        """Return the targets of views (N,) by kind: what they show and their room's look."""
        room = rows // VIEWS_PER_ROOM
        seen, share = self.store.seen[rows], self.store.shares[rows]
        first = self.store.index.painting_offsets[room][:, None]
        labels = self.painting_labels[first + np.maximum(seen, 0)]
        targets = _painting_targets(labels, np.where(seen == NONE, 0, share**2))
        look = torch.from_numpy(self.room_labels[room])
        for column, kind in enumerate(("wall_color", "floor", "lighting")):
            targets[kind] = F.one_hot(look[:, column], len(KINDS[kind])).float()
        targets["object"] = look[:, 3:].float()
        return targets


def _painting_targets(labels: np.ndarray, weights: np.ndarray) -> dict[str, torch.Tensor]:
    """Turn labels (N, K, 3) with weights (N, K) into a distribution over values by kind."""
    targets = {}
    for column, kind in enumerate(PAINTING_KINDS):
        label = torch.from_numpy(labels[..., column])
        weight = torch.from_numpy(weights.astype(np.float32)) * (label != NONE)
        one_hot = F.one_hot(label.clamp(min=0), len(KINDS[kind])).float()
        mass = (one_hot * weight[..., None]).sum(1)
        targets[kind] = mass / mass.sum(1, keepdim=True).clamp(min=1e-6)
    return targets


def _losses(
    logits: torch.Tensor, targets: dict[str, torch.Tensor], smoothing: float
) -> dict[str, torch.Tensor]:
    losses = {}
    for kind, columns in kind_slices().items():
        if kind not in targets:
            continue
        target, part = targets[kind], logits[:, columns]
        if kind == "object":
            losses[kind] = F.binary_cross_entropy_with_logits(part, target)
            continue
        present = target.sum(1) > 0.5
        if present.any():
            losses[kind] = F.cross_entropy(
                part[present], target[present], label_smoothing=smoothing
            )
    return losses


def train_image_encoder(
    store: PictureStore, museums: np.ndarray, config: ImageEncoderConfig, out: Path
) -> torch.nn.Module:
    """Train on museums (indices); write the weights and the history; return the encoder."""
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    data = LabelledPictures(store, museums)
    image_encoder = ThinResNet(EMBED_DIM)
    image_encoder.to(memory_format=torch.channels_last).train()
    directions = anchors()
    optimiser = torch.optim.AdamW(
        image_encoder.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    history: list[dict[str, float]] = []
    mean: dict[str, float] = {}
    started = time.perf_counter()
    for step in tqdm(range(config.steps), desc="image encoder", mininterval=20):
        _set_rate(optimiser, config.learning_rate, step / config.steps)
        fine = step >= config.steps - config.fine_steps
        size = config.fine_size if fine else config.coarse_size
        losses = _batch_losses(image_encoder, data, directions, size, rng, config)
        weighted = (
            loss * (1.0 if name in PAINTING_KINDS_OF_LOSS else config.room_weight)
            for name, loss in losses.items()
        )
        total = sum(weighted, start=torch.zeros(()))
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        for name, loss in losses.items():
            mean[name] = 0.98 * mean.get(name, loss.item()) + 0.02 * loss.item()
        if step % 250 == 249:
            data.refresh_rendered()
            history.append(
                {"step": step + 1, "seconds": round(time.perf_counter() - started), **mean}
            )
            print(to_json(history[-1]), flush=True)
            _save(image_encoder, out, config, history)
    _save(image_encoder, out, config, history)
    return image_encoder.eval()


PAINTING_KINDS_OF_LOSS = {
    f"{source} {kind}" for source in ("painting", "view") for kind in PAINTING_KINDS
}


def _batch_losses(
    image_encoder: torch.nn.Module,
    data: LabelledPictures,
    directions: torch.Tensor,
    size: tuple[int, int],
    rng: np.random.Generator,
    config: ImageEncoderConfig,
) -> dict[str, torch.Tensor]:
    paintings = np.sort(rng.choice(data.painting_rows, config.paintings))
    views = np.sort(rng.choice(data.view_rows, config.views))
    batch = torch.cat(
        [
            to_input(mirror_and_crop(data.store.paintings[paintings], rng, 0.7), size),
            to_input(mirror_and_crop(data.store.views[views], rng, 0.8), size),
        ]
    )
    logits = image_encoder(batch.contiguous(memory_format=torch.channels_last)) @ directions.T
    cut = config.paintings
    parts = (
        (
            "painting",
            _losses(logits[:cut], data.painting_targets(paintings), config.label_smoothing),
        ),
        ("view", _losses(logits[cut:], data.view_targets(views), config.label_smoothing)),
    )
    return {f"{source} {kind}": loss for source, losses in parts for kind, loss in losses.items()}


def _set_rate(optimiser: torch.optim.Optimizer, peak: float, progress: float) -> None:
    """Warm up over the first 4 %, then follow a cosine to zero."""
    rate = peak * min(1.0, progress / 0.04 + 0.01) * 0.5 * (1 + math.cos(math.pi * progress))
    for group in optimiser.param_groups:
        group["lr"] = rate


def _save(
    image_encoder: torch.nn.Module, out: Path, config: ImageEncoderConfig, history: list[dict]
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    state = {name: value.contiguous() for name, value in image_encoder.state_dict().items()}
    with replacing(out / "image_encoder.safetensors") as temporary:
        save_file(state, temporary)
    (out / "image_encoder.json").write_text(
        to_json({"config": asdict(config), "history": history}, indent=1)
    )
