"""Train HiCALM and the models beside it, which all have a museum, a room and a view level."""

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hicalm.data.dataset import TrainingData
from hicalm.errors import HicalmError
from hicalm.geometry import cosine
from hicalm.levels import LEVELS
from hicalm.models import DualEncoder, ModelConfig, make_model
from hicalm.models.checkpoints import save_model
from hicalm.models.losses import HingeLoss, InfoNCE
from hicalm.ragged import segment_max
from hicalm.training.loop import TrainingRun
from hicalm.training.sampling import Sampler, TrainingBatch
from hicalm.training.train_config import TrainConfig
from hicalm.training.validation import validate


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
        similarity = (self._all_levels if below else self._museum_level)(model, batch)
        also_true = {"museum": batch.same_museum}
        losses = {
            level: self.losses[level](matrix, also_true.get(level, batch.same_room))
            for level, matrix in similarity.items()
        }
        losses["total"] = sum(self.weights[level] * loss for level, loss in losses.items())
        return losses

    def _museum_level(self, model: DualEncoder, batch: TrainingBatch) -> dict[str, Tensor]:
        with _autocast(batch.views.device):
            museum = model.encode_museums(batch.vision)
            text = model.encode_descriptions(batch.text)
        return {"museum": cosine(text.float(), museum.float())}

    def _all_levels(self, model: DualEncoder, batch: TrainingBatch) -> dict[str, Tensor]:
        """Return the similarities of each level with a weight: (B, B), and (T, T) below."""
        with _autocast(batch.views.device):
            vision = model.encode_vision(batch.vision)
            if len(batch.room_sentence_counts):
                museum_text = model.encode_descriptions(batch.text)
                text = model.encode_paragraphs(batch.room_sentences, batch.room_sentence_counts)
            else:  # the same paragraphs at both levels
                museum_text, text = model.encode_text(batch.text)
        similarity = {"museum": cosine(museum_text.float(), vision.museum.float())}
        text = text.float()
        if self.weights["room"]:
            similarity["room"] = cosine(text, vision.room[batch.described_room].float())
        if self.weights["view"]:
            by_view = cosine(vision.view_room.float(), text)  # (ΣV, T)
            best_view = segment_max(by_view, batch.view_counts)  # (ΣR, T)
            similarity["view"] = best_view[batch.described_room].T
        return similarity


def train(
    training: TrainingData,
    validation: TrainingData,
    model_config: ModelConfig,
    config: TrainConfig,
    out: Path,
    *,
    resume: bool = True,
    device: torch.device | str | None = None,
    card: str | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Train a model and keep its best epoch in ``out``.

    The best epoch has the highest validation text-to-museum R@10 (or what else the criterion is) on
    full descriptions; ties go to R@1, then to the mean reciprocal rank, then to that of single
    sentences, then to the earlier.

    Args:
        resume: go on from ``out``/last.pt where it is; False starts over.
        device: where to train; None takes CUDA where it is available.
        card: README.md of the checkpoint.
        progress: show a progress bar.

    Returns:
        The content of metrics.json: `config`, `model`, `best` (the best epoch's dict), `history`
        (a dict an epoch), `seconds`, `torch`, `device`.

    Raises:
        HicalmError: the run in ``out`` was made with other options or other data, there are fewer
            than two museums, or the loss is no longer finite.
    """
    run = HicalmRun(training, validation, model_config, config, out, device, card)
    return run.train(resume, progress)


class HicalmRun(TrainingRun):
    """A run over museums: batches of some texts and views of each, ranked by validation."""

    def __init__(
        self,
        training: TrainingData,
        validation: TrainingData,
        model_config: ModelConfig,
        config: TrainConfig,
        out: Path,
        device: torch.device | str | None,
        card: str | None,
    ) -> None:
        if len(training) < 2 or not len(validation):
            raise HicalmError(
                f"Training needs at least 2 museums and validation 1, not {len(training)} and "
                f"{len(validation)}."
            )
        super().__init__(len(training), config, out, device)
        self.training, self.validation = training, validation
        self.model_config, self.train_config, self.card = model_config, config, card
        self.encoders = make_model(model_config)
        if config.standardise:
            self.encoders.fit_standardisation(training.views, training.sentences)
        self.model = self.encoders.to(self.device)
        self.objective = Objective(config).to(self.device)
        self.sampler = Sampler(training, config)
        self.optimiser = _make_optimiser(self.model, self.objective, config)
        self.scheduler = _make_scheduler(self.optimiser, config, self.steps)

    def losses(self, items: np.ndarray, rng: np.random.Generator) -> Mapping[str, Tensor]:
        """Return the loss of each level on some museums, and their weighted sum."""
        batch = self.sampler.draw(items, rng)
        if self.device.type == "cuda":
            batch = batch.pin_memory().to(self.device, non_blocking=True)
        return self.objective(self.encoders, batch)

    def validate(self) -> dict[str, Any]:
        """Return the metrics on the validation museums, and on those of training if asked for."""
        queries, seed = self.train_config.validation_queries, self.train_config.seed
        metrics: dict[str, Any] = dict(
            validate(self.encoders, self.validation, queries, seed, self.device)
        )
        if self.train_config.training_metrics:
            found = validate(self.encoders, self.training, 0, seed, self.device)
            metrics["training"] = found["full"]
        return metrics

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        """Return the criterion, R@1 and MRR of full descriptions, then MRR of single sentences."""
        full, sentence = metrics["full"], metrics.get("sentence", {"MRR": 0.0})
        return full[self.train_config.criterion], full["R@1"], full["MRR"], sentence["MRR"]

    def save_model(self) -> None:
        """Write the checkpoint."""
        save_model(self.encoders, self.out, self.card)

    def description(self) -> dict[str, Any]:
        """Return the training's settings and the model's."""
        return {"config": asdict(self.train_config), "model": self.model_config.to_json()}

    def sizes(self) -> list[list[int]]:
        """Return museums, views, sentences with their widths, and phrases of both splits."""
        return [
            [len(data), *data.views.shape, *data.sentences.shape, len(data.phrases)]
            for data in (self.training, self.validation)
        ]

    def parts(self) -> dict[str, Any]:
        """Return what has a state: the objective has a temperature."""
        return super().parts() | {"objective": self.objective}


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
