"""Train the object expert on rendered rooms, told by the world's geometry where objects stand.

Half of a batch are views that show the middle of some object, half are any views. With the labels
of whole rooms alone the loss was still that of guessing after 200 steps of 96 views.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

from hicalm.encoders.augment import to_input
from hicalm.encoders.object_expert import (
    COLUMNS,
    INPUT_SIZE,
    ObjectExpert,
    ObjectExpertNetwork,
    lower_part,
)
from hicalm.encoders.picture_store import PictureStore
from hicalm.encoders.recipe.object_places import PRESENT, object_columns
from hicalm.encoders.recipe.schedule import one_cycle
from hicalm.errors import HicalmError
from hicalm.files import to_json
from hicalm.world.render import VIEWS_PER_ROOM

REPORT_EVERY = 50  # steps between two entries of the history
MEMORY = 0.95  # share of the old value in the running mean of the loss


@dataclass(frozen=True)
class ObjectExpertConfig:
    """How the object expert is trained: about four minutes on one core with these defaults."""

    museums: int = 324  # of the training split, the first ones: more are not needed
    steps: int = 600
    batch: int = 64  # views a step, half of them with an object
    learning_rate: float = 3e-3  # peak of the one-cycle cosine
    warm_up: float = 0.1  # share of the steps until the peak
    weight_decay: float = 0.02
    brightness: float = 0.15  # most that a step's pixels are scaled up or down by
    seed: int = 0


class ObjectViews:
    """The rendered views of some museums, and where each shows an object."""

    def __init__(
        self, store: PictureStore, museums: np.ndarray, seed: int, config: ObjectExpertConfig
    ) -> None:
        ready = museums[store.done[museums] == 1]
        if not len(ready):
            raise HicalmError(f"None of {len(museums)} museums is rendered: render pictures first.")
        self.store, self._config = store, config
        rooms, columns = [], []
        for museum in tqdm(ready, desc="places of objects", mininterval=20):
            specification = store.index.specifications[museum]
            for number in range(len(specification["rooms"])):
                rooms.append(store.index.room_offsets[museum] + number)
                columns.append(object_columns(seed, specification, number, COLUMNS))
        views = np.array(rooms)[:, None] * VIEWS_PER_ROOM + np.arange(VIEWS_PER_ROOM)
        self.rows, self.columns = views.ravel(), np.concatenate(columns)
        self.with_object = np.flatnonzero((self.columns == PRESENT).any((1, 2)))
        if not len(self.with_object):
            raise HicalmError(f"No room of the {len(ready)} rendered museums has an object.")

    def draw(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Return network input (batch, 3, 72, 160) and columns, float32 (batch, 5, 10)."""
        half = self._config.batch // 2
        chosen = [rng.choice(self.with_object, half)]
        chosen += [rng.choice(len(self.rows), self._config.batch - half)]
        own = np.sort(np.concatenate(chosen))
        pictures, columns = lower_part(self.store.views[self.rows[own]]), self.columns[own]
        if rng.random() < 0.5:
            pictures, columns = np.ascontiguousarray(pictures[:, :, ::-1]), columns[:, :, ::-1]
        batch = to_input(pictures, INPUT_SIZE)
        batch *= 1 + self._config.brightness * rng.uniform(-1, 1)
        return batch, torch.from_numpy(columns.copy())


def column_loss(logits: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """Return the binary cross-entropy a view, a scalar of at least 0.

    Args:
        logits, columns: float32 (N, 5, 10); a column that is NaN does not count.
    """
    known = ~columns.isnan()
    total = F.binary_cross_entropy_with_logits(logits[known], columns[known], reduction="sum")
    return total / len(logits)


def train_object_expert(
    store: PictureStore, museums: np.ndarray, seed: int, config: ObjectExpertConfig, out: Path
) -> ObjectExpert:
    """Train on the first of the given museums (indices, B) of a world, write the folder ``out``.

    What is returned is read back from the folder, so its metrics are those of the float16 weights.
    Raises HicalmError where no picture of an object is rendered.

    Args:
        seed: the world's.
    """
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    views = ObjectViews(store, museums[: config.museums], seed, config)
    network = ObjectExpertNetwork().to(memory_format=torch.channels_last).train()
    optimiser, schedule = one_cycle(network, config)
    history: list[dict[str, float]] = []
    mean, started = 0.0, time.perf_counter()
    for step in tqdm(range(1, config.steps + 1), desc="object expert", mininterval=20):
        batch, columns = views.draw(rng)
        loss = column_loss(network.columns(batch), columns)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        mean = MEMORY * mean + (1 - MEMORY) * loss.item()
        if step % REPORT_EVERY == 0 or step == config.steps:
            unbiased = mean / (1 - MEMORY**step)
            seconds = round(time.perf_counter() - started)
            history.append({"step": step, "seconds": seconds, "loss": unbiased})
            print(to_json(history[-1]), flush=True)
            ObjectExpert.save(network, out, asdict(config), history)
    return ObjectExpert.load(out)


__all__ = ["ObjectExpertConfig", "ObjectViews", "column_loss", "train_object_expert"]
