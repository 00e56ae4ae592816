"""Train HiCALM and the models beside it, which all have a museum, a room and a view level."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hicalm.data.batches import INTRODUCTION, SOMEWHERE
from hicalm.data.dataset import TrainingData
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS
from hicalm.models import DualEncoder, ModelConfig, make_model
from hicalm.models.checkpoints import save_model
from hicalm.models.known_texts import KnownTexts
from hicalm.models.processes import process_count, process_number
from hicalm.models.score_weights import LevelWeights
from hicalm.models.zero_shot import spread
from hicalm.ragged import starts
from hicalm.training.filed_adam import (
    MANY,
    FiledAdam,
    keep_no_freed_memory,
    moments_size,
)
from hicalm.training.launch import in_step
from hicalm.training.loop import TrainingRun
from hicalm.training.objective import Objective
from hicalm.training.sampling import Sampler, TrainingBatch
from hicalm.training.train_config import TrainConfig
from hicalm.training.validation import validate

PADDED = ("dan", "vsformer")  # they draw their dropout for museums padded to the longest
PADDED_QUIRKS = {"padded-rooms", "padded-views"}
KNOWN_SENTENCES = 4096  # about so many are in the texts of training that a checkpoint keeps


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
    sentences, then to the earlier. Where the levels were trained added up, descriptions are ranked
    by their sum.

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
            than two museums, the loss is no longer finite, or several processes are to train a
            model whose vectors depend on which museums a process has.
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
        unknown = bool((training.paragraph_room == SOMEWHERE).any())
        if unknown and (config.room_weight or config.view_weight):
            raise HicalmError(
                "Nobody knows which rooms some paragraphs describe, so texts cannot be trained "
                "against their rooms: set room_weight and view_weight to 0, or name the rooms."
            )
        _check_shares(model_config)
        super().__init__(len(training), config, out, device)
        self.training, self.validation = training, validation
        self.model_config, self.train_config, self.card = model_config, config, card
        self.encoders = make_model(model_config)
        if config.standardise:
            self.encoders.fit_standardisation(training.views, training.sentences)
        self.model = self.encoders.to(self.device)
        self.objective = Objective(config, scored_levels(training)).to(self.device)
        self.step = in_step(_Step(self.encoders, self.objective), self.device)
        self.sampler = Sampler(training, config)
        self.optimiser = _make_optimiser(self.model, self.objective, config, self.device, self.out)
        self.scheduler = _make_scheduler(self.optimiser, config, self.steps)

    def losses(self, items: np.ndarray, rng: np.random.Generator) -> Mapping[str, Tensor]:
        """Return the loss of each level on some museums, and their weighted sum."""
        batch = self.sampler.draw(items, rng, process_number(), process_count())
        if self.device.type == "cuda":
            batch = batch.pin_memory().to(self.device, non_blocking=True)
        return self.step(batch)

    def validate(self) -> dict[str, Any]:
        """Return the metrics on the validation museums, and on those of training if asked for."""
        queries, seed = self.train_config.validation_queries, self.train_config.seed
        score = self.objective.score
        weights = None if score is None else score.weights()
        metrics: dict[str, Any] = dict(
            validate(self.encoders, self.validation, queries, seed, self.device, weights)
        )
        if weights is not None:
            metrics["level_weights"] = weights
        if self.train_config.training_metrics:
            found = validate(self.encoders, self.training, 0, seed, self.device)
            metrics["training"] = found["full"]
        return metrics

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        """Return the criterion, R@1 and MRR of full descriptions, then MRR of single sentences.

        Where the levels were trained added up, descriptions are ranked by their sum.
        """
        full = metrics.get("full by levels") or metrics["full"]
        sentence = metrics.get("sentence", {"MRR": 0.0})
        return full[self.train_config.criterion], full["R@1"], full["MRR"], sentence["MRR"]

    def save_model(self) -> None:
        """Write the checkpoint.

        Where its levels were trained added up, their weights and some texts of training lie beside
        it.
        """
        save_model(self.encoders, self.out, self.card)
        if self.objective.score is not None:
            learned = self.objective.score.weights()
            museum, room, view = (learned.get(level, 0.0) for level in LEVELS)
            weights = (museum, room, view)
            LevelWeights(weights, weights, weights).save(self.out)
            self._known_texts(np.array(weights, np.float32)).save(self.out)

    @torch.no_grad()
    def _known_texts(self, weights: np.ndarray) -> KnownTexts:
        """Return descriptions of training, drawn evenly, as the model reads them."""
        data = self.training
        rooms = np.add.reduceat(data.paragraph_room != INTRODUCTION, starts(data.paragraph_counts))
        most = max(1, KNOWN_SENTENCES * len(data) // len(data.sentences))
        batch = data.batch(np.array(spread(np.flatnonzero(rooms).tolist(), most))).to(self.device)
        self.encoders.eval()
        known = KnownTexts.of(self.encoders.encode_text_levels(batch), batch, weights)
        self.encoders.train()
        return known

    def description(self) -> dict[str, Any]:
        """Return the training's settings and the model's."""
        return {"config": asdict(self.train_config), "model": self.model_config.to_json()}

    def sizes(self) -> list[list[int]]:
        """Return museums, views, sentences with their widths, and phrases of both splits."""
        return [
            [len(data), *data.views.shape, *data.sentences.shape, len(data.phrases)]
            for data in (self.training, self.validation)
        ]

    def make_room(self) -> None:
        """Let moments that lie in files leave the memory."""
        if isinstance(self.optimiser, FiledAdam):
            self.optimiser.leave()

    def parts(self) -> dict[str, Any]:
        """Return what has a state: the objective has a temperature."""
        return super().parts() | {"objective": self.objective}


class _Step(nn.Module):
    """The encoders and what they descend, called as one, as DDP asks for."""

    def __init__(self, encoders: DualEncoder, objective: Objective) -> None:
        super().__init__()
        self.encoders, self.objective = encoders, objective

    def forward(self, batch: TrainingBatch) -> dict[str, Tensor]:
        return self.objective(self.encoders, batch)


def _check_shares(config: ModelConfig) -> None:
    """Raise HicalmError for a model that would be another one with several processes."""
    if process_count() == 1:
        return
    if config.vision in PADDED or PADDED_QUIRKS & set(config.quirks):
        raise HicalmError(
            "The vectors of this model depend on which museums are encoded together, so several "
            "processes would train another one: train it without torchrun."
        )


def scored_levels(data: TrainingData) -> tuple[str, ...]:
    """Return the levels that a score adds up: museums of one room each are their rooms."""
    several = bool((data.room_counts > 1).any())
    return tuple(level for level in LEVELS if several or level != "room")


def _make_optimiser(
    model: nn.Module, objective: nn.Module, config: TrainConfig, device: torch.device, out: Path
) -> torch.optim.Optimizer:
    """Return the optimiser; biases and the temperature are never decayed.

    Many moments of Adam lie in files in ``out``.
    """
    if config.optimiser == "adam":
        parameters = [*model.parameters(), *objective.parameters()]
        if device.type == "cpu" and moments_size(parameters) > MANY:
            keep_no_freed_memory()
            return FiledAdam(parameters, config.learning_rate, out)
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
