"""Train the art expert on rendered paintings and on the centres of views that show one large.

Half of a batch are whole paintings, half are centres of views whose largest painting is near the
axis; either is labelled with that painting's subject, style and palette.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

from hicalm.encoders.art_expert import INPUT_SIZE, ArtExpert, ArtExpertNetwork, centre
from hicalm.encoders.attributes import PAINTING_KINDS
from hicalm.encoders.augment import mirror_and_crop, to_input
from hicalm.encoders.picture_store import NONE, PictureStore
from hicalm.encoders.recipe.schedule import one_cycle
from hicalm.errors import HicalmError
from hicalm.files import to_json
from hicalm.world.render import VIEWS_PER_ROOM

REPORT_EVERY = 250  # steps between two entries of the history
MEMORY = 0.98  # share of the old value in the running means of the losses


@dataclass(frozen=True)
class ArtExpertConfig:
    """How the art expert is trained: about 6 minutes on one core with these defaults."""

    steps: int = 800
    batch: int = 64  # pictures a step, half paintings, half centres of views
    learning_rate: float = 3e-3  # peak of the one-cycle cosine
    warm_up: float = 0.04  # share of the steps until the peak
    weight_decay: float = 0.05
    label_smoothing: float = 0.05
    smallest_crop: float = 0.75  # least share of a side that a random crop keeps
    smallest_share: float = 0.12  # least share of the frame that a view's painting covers
    widest_angle: float = 15.0  # degrees from the view's axis to the painting's centre
    seed: int = 0


class ArtPictures:
    """The rendered paintings and the views with a large central painting of some museums."""

    def __init__(self, store: PictureStore, museums: np.ndarray, config: ArtExpertConfig) -> None:
        self.store = store
        self.labels = store.index.painting_labels()
        self._museums, self._config = np.asarray(museums), config
        self.refresh_rendered()

    def refresh_rendered(self) -> None:
        """Draw from what is rendered by now; raises HicalmError where that is not enough."""
        index = self.store.index
        ready = self._museums[self.store.done[self._museums] == 1]
        own_rooms = [np.arange(*index.room_offsets[museum : museum + 2]) for museum in ready]
        rooms = np.concatenate([np.empty(0, np.int64), *own_rooms])
        views = (rooms[:, None] * VIEWS_PER_ROOM + np.arange(VIEWS_PER_ROOM)).ravel()
        large = self.store.shares[views, 0] >= self._config.smallest_share
        central = self.store.angles[views, 0] <= self._config.widest_angle
        self.views = views[large & central & (self.store.seen[views, 0] != NONE)]
        if not len(self.views):
            raise HicalmError(
                f"No view of the {len(ready)} rendered museums (of {len(self._museums)}) shows a "
                "painting large enough: render pictures first."
            )
        self.paintings = np.concatenate(
            [np.arange(*index.painting_offsets[room : room + 2]) for room in rooms]
        )

    def view_labels(self, rows: np.ndarray) -> np.ndarray:
        """Return the labels of the largest painting of each view (N,), int64 (N, 3)."""
        first = self.store.index.painting_offsets[rows // VIEWS_PER_ROOM]
        return self.labels[first + self.store.seen[rows, 0]]

    def draw(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Return network input (batch, 3, 96, 96) and their labels, int64 (batch, 3)."""
        half, crop = self._config.batch // 2, self._config.smallest_crop
        paintings = np.sort(rng.choice(self.paintings, self._config.batch - half))
        views = np.sort(rng.choice(self.views, half))
        parts = (self.store.paintings[paintings], centre(self.store.views[views]))
        inputs = [to_input(mirror_and_crop(part, rng, crop), INPUT_SIZE) for part in parts]
        labels = np.concatenate([self.labels[paintings], self.view_labels(views)])
        batch = torch.cat(inputs).contiguous(memory_format=torch.channels_last)
        return batch, torch.from_numpy(labels)


def train_art_expert(
    store: PictureStore, museums: np.ndarray, config: ArtExpertConfig, out: Path
) -> ArtExpert:
    """Train on the given museums (indices, B), write the folder ``out`` and return its expert.

    What is returned is read back from the folder, so its metrics are those of the float16 weights.
    """
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    pictures = ArtPictures(store, museums, config)
    network = ArtExpertNetwork().to(memory_format=torch.channels_last).train()
    optimiser, schedule = one_cycle(network, config)
    history: list[dict[str, float]] = []
    means: dict[str, float] = {}
    started = time.perf_counter()
    for step in tqdm(range(1, config.steps + 1), desc="art expert", mininterval=20):
        batch, labels = pictures.draw(rng)
        losses = _losses(network(batch), labels, config.label_smoothing)
        optimiser.zero_grad()
        sum(losses.values(), start=torch.zeros(())).backward()
        optimiser.step()
        schedule.step()
        for kind, loss in losses.items():
            means[kind] = MEMORY * means.get(kind, loss.item()) + (1 - MEMORY) * loss.item()
        if step % REPORT_EVERY == 0 or step == config.steps:
            pictures.refresh_rendered()
            history.append({"step": step, "seconds": round(time.perf_counter() - started), **means})
            print(to_json(history[-1]), flush=True)
            ArtExpert.save(network, out, asdict(config), history)
    return ArtExpert.load(out)


def _losses(
    logits: dict[str, torch.Tensor], labels: torch.Tensor, smoothing: float
) -> dict[str, torch.Tensor]:
    """Return the cross-entropy by kind; a batch may lack subjects altogether, which costs 0."""
    losses = {}
    for column, kind in enumerate(PAINTING_KINDS):
        known = labels[:, column] != NONE
        total = F.cross_entropy(
            logits[kind][known], labels[known, column], label_smoothing=smoothing, reduction="sum"
        )
        losses[kind] = total / known.sum().clamp(min=1)
    return losses


__all__ = ["ArtExpertConfig", "ArtPictures", "train_art_expert"]
