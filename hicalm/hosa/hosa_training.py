"""Train HOSA: the epoch with the best validation rsum is kept with its metrics.

Beside what every run holds (``training.loop``), the folder has logs for tensorboard.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from hicalm.errors import HicalmError
from hicalm.files import to_json
from hicalm.hosa.benchmark_files import read_captions, read_images
from hicalm.hosa.hosa_checkpoints import save_hosa
from hicalm.hosa.hosa_config import DATA, Experiment, TrainingConfig
from hicalm.hosa.hosa_evaluation import pair_recalls, score_pairs, texts_of
from hicalm.hosa.hosa_vocabulary import NAME, Vocabulary
from hicalm.hosa.model import HosaConfig, HosaModel
from hicalm.hosa.nodes import Nodes
from hicalm.hosa.region_pairs import Pairs
from hicalm.hosa.triplet_loss import triplet_loss
from hicalm.models.processes import gather_rows, process_count, process_number
from hicalm.training.launch import in_step
from hicalm.training.loop import TrainingRun

LOGS = "logs"  # folder of the logs for tensorboard


def train_experiment(
    experiment: Experiment, out: Path, resume: bool = True, progress: bool = True
) -> dict[str, Any]:
    """Train on a benchmark's files, with the words of its training captions; see ``train_hosa``."""
    data = experiment.data
    words = Vocabulary.of_captions(read_captions(data, data.train), data.min_count)
    model = replace(experiment.model, vocabulary=len(words))
    training, validation = (
        read_images(data, split, words, model.region_dim) for split in (data.train, data.validation)
    )
    files = {NAME: words.to_json(), DATA: to_json(asdict(data), sort_keys=True)}
    return train_hosa(
        training,
        validation,
        model,
        experiment.training,
        out,
        files=files,
        resume=resume,
        progress=progress,
    )


def train_hosa(
    training: Pairs,
    validation: Pairs,
    model: HosaConfig,
    config: TrainingConfig,
    out: Path,
    *,
    files: Mapping[str, str] | None = None,
    resume: bool = True,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Train a model and keep its best epoch in ``out``; ties go to the earlier one.

    Args:
        files: texts of JSON files to save beside the model, by their names without `.json`.
        resume: go on from ``out``/last.pt where it is; False starts over.
        device: where to train; None takes CUDA where it is available.
        progress: show a progress bar.

    Returns:
        The content of metrics.json: `model`, `training`, `best` (the best epoch), `history` (a dict
        an epoch), `seconds`, `torch`, `device`.

    Raises:
        HicalmError: the run in ``out`` was made with other options or other data, there are fewer
            than two pairs, or the loss is no longer finite.
    """
    run = HosaRun(training, validation, model, config, out, device, files or {})
    try:
        return run.train(resume, progress)
    finally:
        run.close()


class HosaRun(TrainingRun):
    """A run over texts: each batch of them is compared with all of their images."""

    steps_schedule = False

    def __init__(
        self,
        training: Pairs,
        validation: Pairs,
        model: HosaConfig,
        config: TrainingConfig,
        out: Path,
        device: torch.device | str | None,
        files: Mapping[str, str],
    ) -> None:
        if len(training.image_of) < 2 or not validation.images:
            raise HicalmError(
                f"Training needs at least 2 pairs and validation 1 image, not "
                f"{len(training.image_of)} and {validation.images}."
            )
        super().__init__(len(training.image_of), config, out, device)
        self.training, self.validation = training, validation
        self.training_config, self.files = config, files
        self.hosa = HosaModel(model).to(self.device)
        self.model = self.hosa
        self.step = in_step(_Step(self.hosa), self.device)
        self.optimiser = torch.optim.Adam(self.hosa.parameters(), config.learning_rate)
        self.scheduler = torch.optim.lr_scheduler.StepLR(
            self.optimiser, config.drop_epochs, config.drop_factor
        )
        self._log: SummaryWriter | None = None

    def close(self) -> None:
        """Close the logs, if any were begun."""
        if self._log is not None:
            self._log.close()

    @property
    def log(self) -> SummaryWriter:
        """The logs; an epoch that was broken off leaves steps that no longer count."""
        if self._log is None:
            self._log = SummaryWriter(str(self.out / LOGS), purge_step=self.epoch * self.steps)
        return self._log

    def losses(self, items: np.ndarray, rng: np.random.Generator) -> Mapping[str, Tensor]:
        """Return the loss on texts and their images; an image may have several texts.

        Of several processes each encodes some images and their texts, padded as all of them are.
        Raises HicalmError where there are fewer images than processes.
        """
        texts = items[np.lexsort((items, self.training.image_of[items]))]
        of_text = self.training.image_of[texts]
        images, row = np.unique(of_text, return_inverse=True)
        if len(images) < process_count():
            raise HicalmError(
                f"A step of {len(images)} images cannot be shared by {process_count()} processes: "
                "raise batch_size, or start fewer of them."
            )
        own = np.array_split(np.arange(len(images)), process_count())[process_number()]
        own_texts = np.flatnonzero(np.isin(row, own))
        regions, words = (
            tuple(tensor[places].to(self.device) for tensor in padded)
            for places, padded in (
                (own, self.training.regions(images)),
                (own_texts, self.training.words(texts)),
            )
        )
        scores = self.step(regions, words)
        same = torch.from_numpy(of_text[:, None] == of_text[None, :]).to(self.device)
        hardest = self.epoch >= self.training_config.warmup_epochs
        paired = scores[torch.from_numpy(row).to(self.device)]
        return {"total": triplet_loss(paired, self.training_config.margin, hardest, same)}

    def validate(self) -> dict[str, Any]:
        """Return the recalls of the first validation images and their texts."""
        max_images = self.training_config.validation_images or self.validation.images
        images = np.arange(min(max_images, self.validation.images))
        image_of = self.validation.image_of[texts_of(self.validation, images)]
        self.hosa.eval()
        return pair_recalls(score_pairs(self.hosa, self.validation, images), image_of)

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        """Return the sum of the six recalls."""
        return (metrics["rsum"],)

    def save_model(self) -> None:
        """Write the checkpoint and the files beside it."""
        save_hosa(self.hosa, self.out, **self.files)

    def description(self) -> dict[str, Any]:
        """Return the model's settings and the training's."""
        return {"model": self.hosa.config.to_json(), "training": asdict(self.training_config)}

    def sizes(self) -> list[list[int]]:
        """Return images and texts of both splits."""
        return [[data.images, len(data.image_of)] for data in (self.training, self.validation)]

    def log_step(self, losses: Mapping[str, float], step: int) -> None:
        """Write the loss to the logs."""
        if process_number() > 0:
            return
        self.log.add_scalar("loss", losses["total"], step)

    def log_epoch(self, metrics: Mapping[str, Any]) -> None:
        """Write the recalls and the learning rate to the logs, at the last step of the epoch."""
        if process_number() > 0:
            return
        step = metrics["epoch"] * self.steps - 1
        for direction in ("i2t", "t2i"):
            for name, value in metrics[direction].items():
                self.log.add_scalar(f"validation/{direction} {name}", value, step)
        self.log.add_scalar("validation/rsum", metrics["rsum"], step)
        self.log.add_scalar("learning rate", metrics["learning_rate"], step)


class _Step(nn.Module):
    """Scores of all images with all texts of a step, (I, T), in every process."""

    def __init__(self, hosa: HosaModel) -> None:
        super().__init__()
        self.hosa = hosa

    def forward(self, regions: tuple[Tensor, Tensor], words: tuple[Tensor, Tensor]) -> Tensor:
        """Compare own images, features and counts, with the texts of all processes."""
        texts = self.hosa.encode_words(*words)
        texts = Nodes(gather_rows(texts.vectors), gather_rows(texts.counts))
        return gather_rows(self.hosa.scores(self.hosa.encode_regions(*regions), texts))
