"""Train a model: seeded, resumable, the best epoch kept with its metrics.

The folder of a run holds the best model (``checkpoints``), ``metrics.json`` and ``last.pt``, the
state after the last epoch, from which an interrupted run goes on to the very same result.
"""

import json
import math
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from hicalm.data.dataset import TrainingData
from hicalm.errors import HicalmError
from hicalm.files import write_text
from hicalm.geometry import cosine
from hicalm.levels import LEVELS
from hicalm.models import DualEncoder, ModelConfig, make_model
from hicalm.models.checkpoints import save_model
from hicalm.models.losses import HingeLoss, InfoNCE
from hicalm.ragged import segment_max
from hicalm.training.sampling import Sampler, TrainingBatch
from hicalm.training.state import STATE_FILE, load_state, save_state
from hicalm.training.train_config import TrainConfig
from hicalm.training.validation import validate

METRICS_FILE = "metrics.json"


class Objective(nn.Module):
    """The weighted sum of the museum-level, room-level and best-single-view losses."""

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.weights = dict(zip(LEVELS, (1.0, config.room_weight, config.view_weight), strict=True))
        hinge = config.loss == "hinge"
        self.losses = nn.ModuleDict(
            {
                level: HingeLoss(config.margin) if hinge else InfoNCE(config.temperature)
                for level in LEVELS
            }
        )

    def forward(self, model: DualEncoder, batch: TrainingBatch) -> dict[str, Tensor]:
        """Return the loss of each level with a weight, and their weighted sum as `total`."""
        below = (self.weights["room"] or self.weights["view"]) and len(batch.described_room)
        with _autocast(batch.views.device):
            if below:
                vision = model.encode_vision(batch.vision)
                museum = vision.museum
            else:
                museum = model.encode_museums(batch.vision)
            if below and not len(batch.room_sentence_counts):  # the same paragraphs at both levels
                museum_text, text = model.encode_text(batch.text)
            else:
                museum_text = model.encode_descriptions(batch.text)
                if below:
                    text = model.encode_paragraphs(batch.room_sentences, batch.room_sentence_counts)
        similarity = {"museum": cosine(museum_text.float(), museum.float())}
        if below:
            text = text.float()
            if self.weights["room"]:
                similarity["room"] = cosine(text, vision.room[batch.described_room].float())
            if self.weights["view"]:
                by_view = cosine(vision.view_room.float(), text)  # (ΣV, T)
                best_view = segment_max(by_view, batch.view_counts)  # (ΣR, T)
                similarity["view"] = best_view[batch.described_room].T
        also_true = {"museum": batch.same_museum}
        losses = {
            level: self.losses[level](matrix, also_true.get(level, batch.same_room))
            for level, matrix in similarity.items()
        }
        losses["total"] = sum(self.weights[level] * loss for level, loss in losses.items())
        return losses


def train(
    training: TrainingData,
    validation: TrainingData,
    model_config: ModelConfig,
    config: TrainConfig,
    out: Path,
    *,
    resume: bool = True,
    device: torch.device | str | None = None,
    stop_after: int | None = None,
    card: str | None = None,
    progress: bool = True,
) -> dict:
    """Train a model and keep its best epoch in ``out``.

    The best epoch has the highest validation text-to-museum R@10 on full descriptions; ties go to
    R@1, then to the mean reciprocal rank, then to that of single sentences, then to the earlier.

    Args:
        resume: go on from ``out``/last.pt where it is; False starts over.
        device: where to train; None takes CUDA where it is available.
        stop_after: stop after this many epochs in this call, to go on another time.
        card: README.md of the checkpoint.
        progress: show a progress bar.

    Returns:
        The content of metrics.json: `config`, `model`, `history` (a dict an epoch), `best` (the
        best epoch's dict), `seconds`, `torch`, `device`.

    Raises:
        HicalmError: the run in ``out`` was made with other options or other data.
    """
    run = _Run(training, validation, model_config, config, Path(out), device)
    if resume and (run.out / STATE_FILE).is_file():
        run.restore()
    last = config.epochs if stop_after is None else min(config.epochs, run.epoch + stop_after)
    bar = tqdm(total=config.epochs, initial=run.epoch, unit="epoch", disable=not progress)
    with bar:
        while run.epoch < last:
            metrics = run.run_epoch()
            if run.is_best():
                save_model(run.model, run.out, card)
            run.save()
            bar.update()
            bar.set_postfix(loss=metrics["loss"]["total"], R10=metrics["full"]["R@10"])
    return run.metrics()


class _Run:
    """The moving parts of one training run."""

    def __init__(
        self,
        training: TrainingData,
        validation: TrainingData,
        model_config: ModelConfig,
        config: TrainConfig,
        out: Path,
        device: torch.device | str | None,
    ) -> None:
        if len(training) < 2 or not len(validation):
            raise HicalmError(
                f"Training needs at least 2 museums and validation 1, not {len(training)} and "
                f"{len(validation)}."
            )
        out.mkdir(parents=True, exist_ok=True)
        self.training, self.validation = training, validation
        self.model_config, self.config, self.out = model_config, config, out
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        torch.manual_seed(config.seed)
        self.model = make_model(model_config)
        if config.standardise:
            self.model.fit_standardisation(training.views, training.sentences)
        self.model.to(self.device)
        self.objective = Objective(config).to(self.device)
        self.sampler = Sampler(training, config)
        self.optimiser = _make_optimiser(self.model, self.objective, config)
        self.scheduler = _make_scheduler(self.optimiser, config, self._steps_per_epoch())
        self.history: list[dict] = []

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)

    def _steps_per_epoch(self) -> int:
        return -(-len(self.training) // self.config.batch_size)

    def run_epoch(self) -> dict:
        """Do one pass over the training museums and validate; returns the epoch's metrics."""
        begin = time.perf_counter()
        # every epoch seeds itself, so that a resumed run needs no random state
        torch.manual_seed(self.config.seed * 100_003 + self.epoch)
        rng = np.random.default_rng([self.config.seed, self.epoch])
        order = rng.permutation(len(self.training))
        self.model.train()
        totals: dict[str, float] = {}
        for museums in np.array_split(order, self._steps_per_epoch()):
            losses = self._step(self.sampler.draw(museums, rng))
            for name, loss in losses.items():
                totals[name] = totals.get(name, 0.0) + float(loss.detach())
        trained = time.perf_counter()
        queries, seed = self.config.validation_queries, self.config.seed
        metrics = validate(self.model, self.validation, queries, seed, self.device)
        if self.config.training_metrics:
            training = validate(self.model, self.training, 0, seed, self.device)
            metrics["training"] = training["full"]
        loss = {name: total / self._steps_per_epoch() for name, total in totals.items()}
        self.history.append(
            {
                "epoch": self.epoch + 1,
                "loss": loss,
                **metrics,
                "learning_rate": self.scheduler.get_last_lr()[0],
                "training_seconds": trained - begin,
                "seconds": time.perf_counter() - begin,
            }
        )
        return self.history[-1]

    def _step(self, batch: TrainingBatch) -> dict[str, Tensor]:
        if self.device.type == "cuda":
            batch = batch.pin_memory().to(self.device, non_blocking=True)
        losses = self.objective(self.model, batch)
        self.optimiser.zero_grad(set_to_none=True)
        losses["total"].backward()
        if self.config.gradient_norm:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.gradient_norm)
        self.optimiser.step()
        self.scheduler.step()
        return losses

    def is_best(self) -> bool:
        """Whether the last epoch is better than all before it."""
        keys = [_selection_key(metrics) for metrics in self.history]
        return all(keys[-1] > key for key in keys[:-1])

    def metrics(self) -> dict:
        """Return what metrics.json holds."""
        return {
            "config": asdict(self.config),
            "model": self.model_config.to_json(),
            "best": max(self.history, key=_selection_key) if self.history else None,
            "history": self.history,
            "seconds": sum(metrics["seconds"] for metrics in self.history),
            "torch": torch.__version__,
            "device": str(self.device),
        }

    def _identity(self) -> dict:
        """Everything that must be equal for a run to go on."""
        sizes = [
            [len(data), *data.views.shape, *data.sentences.shape, len(data.phrases)]
            for data in (self.training, self.validation)
        ]
        return {"config": asdict(self.config), "model": self.model_config.to_json(), "sizes": sizes}

    def save(self) -> None:
        """Write last.pt and metrics.json, each under another name first."""
        state = {
            "identity": self._identity(),
            "history": self.history,
            "model": self.model.state_dict(),
            "objective": self.objective.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scheduler": self.scheduler.state_dict(),
        }
        save_state(self.out, state)
        write_text(self.out / METRICS_FILE, json.dumps(self.metrics(), indent=2) + "\n")

    def restore(self) -> None:
        """Go on from last.pt; HicalmError if it is unreadable or of another run."""
        state = load_state(self.out, self._identity(), self.device)
        for name in ("model", "objective", "optimiser", "scheduler"):
            getattr(self, name).load_state_dict(state[name])
        self.history = state["history"]


def _selection_key(metrics: dict) -> tuple[float, ...]:
    full, sentence = metrics["full"], metrics.get("sentence", {"MRR": 0.0})
    return full["R@10"], full["R@1"], full["MRR"], sentence["MRR"]


def _make_optimiser(
    model: nn.Module, objective: nn.Module, config: TrainConfig
) -> torch.optim.Optimizer:
    """Return the optimiser; biases and the temperature are never decayed."""
    if config.optimiser == "adam":
        parameters = [*model.parameters(), *objective.parameters()]
        return torch.optim.Adam(parameters, config.learning_rate)
    decayed = [weight for weight in model.parameters() if weight.ndim > 1]
    others = [weight for weight in model.parameters() if weight.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": config.weight_decay},
        {"params": [*others, *objective.parameters()], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, config.learning_rate)


def _make_scheduler(
    optimiser: torch.optim.Optimizer, config: TrainConfig, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    """Return the schedule, which steps after every batch (``steps`` an epoch)."""
    if config.schedule == "step":
        return torch.optim.lr_scheduler.StepLR(
            optimiser, config.step_epochs * steps, config.step_factor
        )
    total = config.epochs * steps
    rising = max(1, round(config.warmup * total))

    def share(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, total - rising)))

    return torch.optim.lr_scheduler.LambdaLR(optimiser, share)


def _autocast(device: torch.device) -> AbstractContextManager:
    """Bfloat16 on CUDA; the CPU stays in float32."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()
