"""One training loop for all models: seeded, resumable, the best epoch kept with its metrics.

The folder of a run holds the best model, ``metrics.json`` and ``last.pt``, the state after the last
epoch, from which an interrupted run goes on to the very same result.

Several processes (``launch``) go through the same steps in time; the first one alone validates,
writes and shows its progress. A run may go on with another number of processes.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from hicalm.errors import HicalmError
from hicalm.files import finite, to_json, write_text
from hicalm.models.processes import process_count, process_number
from hicalm.training.launch import by_first, own_device
from hicalm.training.state import START_OVER, STATE_FILE, load_state, save_state

METRICS_FILE = "metrics.json"
FORMAT = 2  # of last.pt and its history; an older run starts over


class LoopSettings(Protocol):
    """The settings that the loop itself reads; those of every model have them."""

    @property
    def seed(self) -> int:
        """Of the weights, the order of items and every random choice."""

    @property
    def epochs(self) -> int:
        """Passes over the items."""

    @property
    def batch_size(self) -> int:
        """Most items a step."""

    @property
    def gradient_norm(self) -> float:
        """Longest gradient; 0: not clipped."""


class TrainingRun(ABC):
    """The moving parts of one run; a model adds what its steps and its validation are.

    Subclasses set ``model``, ``optimiser`` and ``scheduler`` after ``__init__``, which seeds torch.
    """

    model: nn.Module
    optimiser: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler
    steps_schedule = True  # the schedule advances after every step; otherwise after every epoch

    def __init__(
        self, items: int, config: LoopSettings, out: Path, device: torch.device | str | None
    ) -> None:
        """``items`` are drawn once an epoch; ``device`` None takes CUDA where it is available.

        Raises HicalmError where a step would have fewer items than there are processes.
        """
        self.items, self.config, self.out = items, config, Path(out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.device = torch.device(device or own_device())
        self.history: list[dict[str, Any]] = []
        if items // self.steps < process_count():
            raise HicalmError(
                f"A step of {items // self.steps} items cannot be shared by {process_count()} "
                "processes: raise --batch-size, or start fewer of them."
            )
        torch.manual_seed(config.seed)

    @abstractmethod
    def losses(self, items: np.ndarray, rng: np.random.Generator) -> Mapping[str, Tensor]:
        """Return the losses of a step on items (n,) by name; ``total`` is the one to descend."""

    @abstractmethod
    def validate(self) -> dict[str, Any]:
        """Return the validation metrics of the model as it is."""

    @abstractmethod
    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        """Return what orders epochs by their validation metrics; the largest is the best."""

    @abstractmethod
    def save_model(self) -> None:
        """Write the model to ``out``."""

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """Return the settings that ``metrics.json`` begins with, as JSON has them."""

    @abstractmethod
    def sizes(self) -> list[list[int]]:
        """Return the sizes of the data: a run goes on with the same settings and sizes only."""

    def parts(self) -> dict[str, Any]:
        """Return what has a state to keep, by name."""
        return {"model": self.model, "optimiser": self.optimiser, "scheduler": self.scheduler}

    def make_room(self) -> None:  # noqa: B027 (optional)
        """Let go of memory of what lies in files."""

    def log_step(self, losses: Mapping[str, float], step: int) -> None:  # noqa: B027 (optional)
        """Take note of the losses of a step, counted over all epochs."""

    def log_epoch(self, metrics: Mapping[str, Any]) -> None:  # noqa: B027 (optional)
        """Take note of the metrics of an epoch."""

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-self.items // self.config.batch_size)

    @property
    def best(self) -> dict[str, Any] | None:
        """The metrics of the best epoch; of equal ones the earliest."""
        return max(self.history, key=self.selection_key, default=None)

    def train(self, resume: bool = True, progress: bool = True) -> dict[str, Any]:
        """Train all epochs and return the content of metrics.json.

        ``resume`` goes on from ``out``/last.pt where it is. Raises HicalmError for a state of
        another run, and when the loss is no longer finite.
        """
        first = process_number() == 0
        if by_first(lambda: resume and (self.out / STATE_FILE).is_file()):
            self._restore()
        epochs = self.config.epochs
        bar = tqdm(total=epochs, initial=self.epoch, unit="epoch", disable=not (progress and first))
        with bar:
            while self.epoch < epochs:
                metrics = self._run_epoch()
                if first:
                    if metrics is self.best:
                        self.save_model()
                    self._save()
                bar.update()
                found = self.selection_key(metrics)[0]
                bar.set_postfix(loss=metrics["loss"]["total"], validation=found)
        return self.metrics()

    def metrics(self) -> dict[str, Any]:
        """Return the content of metrics.json: the settings, the best epoch, all epochs, and where
        and how long they ran."""
        return self.description() | {
            "best": self.best,
            "history": self.history,
            "seconds": sum(metrics["seconds"] for metrics in self.history),
            "torch": torch.__version__,
            "device": str(self.device),
        }

    def _run_epoch(self) -> dict[str, Any]:
        """Do one pass over the items and validate; returns the epoch's metrics."""
        begin = time.perf_counter()
        # every epoch seeds itself, so that a resumed run needs no random state
        torch.manual_seed(self.config.seed * 100_003 + self.epoch)
        rng = np.random.default_rng([self.config.seed, self.epoch])
        order = rng.permutation(self.items)
        self.model.train()
        taken = [
            self._step(items, rng, self.epoch * self.steps + number)
            for number, items in enumerate(np.array_split(order, self.steps))
        ]
        rate = self.scheduler.get_last_lr()[0]
        if not self.steps_schedule:
            self.scheduler.step()
        trained = time.perf_counter()
        loss = {name: float(np.mean([losses[name] for losses in taken])) for name in taken[0]}
        metrics = by_first(
            lambda: {
                "epoch": self.epoch + 1,
                "loss": loss,
                **self.validate(),
                "learning_rate": rate,
                "training_seconds": trained - begin,
                "seconds": time.perf_counter() - begin,
            }
        )
        self.log_epoch(metrics)
        self.history.append(metrics)
        return metrics

    def _step(self, items: np.ndarray, rng: np.random.Generator, step: int) -> dict[str, float]:
        losses = self.losses(items, rng)
        losses["total"].backward()
        if self.config.gradient_norm:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.gradient_norm)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)  # their memory is free for what comes between
        if self.steps_schedule:
            self.scheduler.step()
        values = {name: float(loss.detach()) for name, loss in losses.items()}
        if not np.isfinite(values["total"]):
            raise HicalmError("The loss is no longer finite: lower the learning rate.")
        self.log_step(values, step)
        return values

    def _identity(self) -> dict[str, Any]:
        """Everything that must be equal for a run to go on."""
        return self.description() | {"sizes": self.sizes(), "format": FORMAT}

    def _save(self) -> None:
        """Write last.pt and metrics.json, each under another name first."""
        state = {name: part.state_dict() for name, part in self.parts().items()}
        whole = {"identity": self._identity(), "history": self.history, **state}
        save_state(self.out, whole, self.make_room)
        write_text(self.out / METRICS_FILE, to_json(finite(self.metrics()), indent=2) + "\n")

    def _restore(self) -> None:
        """Go on from last.pt. Raises HicalmError if it is unreadable or of another run."""
        identity = self._identity()
        state = by_first(lambda: load_state(self.out, identity))
        try:
            for name, part in self.parts().items():
                part.load_state_dict(state[name])
            self.history = list(state["history"])
        except Exception as error:  # what a damaged file holds may be anything
            raise HicalmError(f"{self.out / STATE_FILE} is damaged: {START_OVER}") from error
