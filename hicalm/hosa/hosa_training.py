"""Train HOSA: seeded, resumable, the epoch with the best validation rsum kept with its metrics.

The folder of a run holds the best model (``checkpoints``), ``metrics.json``, logs for tensorboard
and ``last.pt``, the state after the last epoch, from which an interrupted run goes on to the very
same result.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from hicalm.errors import HicalmError
from hicalm.files import write_text
from hicalm.hosa.hosa_checkpoints import save_hosa
from hicalm.hosa.hosa_config import DATA, Experiment, TrainingConfig
from hicalm.hosa.hosa_evaluation import pair_recalls, score_pairs, texts_of
from hicalm.hosa.hosa_vocabulary import NAME, Vocabulary
from hicalm.hosa.model import HosaConfig, HosaModel
from hicalm.hosa.precomputed import load_captions, load_images
from hicalm.hosa.region_pairs import Pairs
from hicalm.hosa.triplet_loss import triplet_loss
from hicalm.training.state import STATE_FILE, load_state, save_state

METRICS_FILE = "metrics.json"
LOGS = "logs"  # folder of the logs for tensorboard


def train_experiment(experiment: Experiment, out: Path, **options: object) -> dict:
    """Train on a benchmark's files, with the words of its training captions; see ``train_hosa``."""
    data, folder = experiment.data, Path(experiment.data.folder)
    words = Vocabulary.of_captions(load_captions(folder, data.train), data.min_count)
    model = replace(experiment.model, vocabulary=len(words))
    training, validation = (
        load_images(folder, split, words, data.regions, model.region_dim)
        for split in (data.train, data.validation)
    )
    files = {NAME: words.to_json(), DATA: json.dumps(asdict(data), sort_keys=True)}
    return train_hosa(training, validation, model, experiment.training, out, files=files, **options)


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
    stop_after: int | None = None,
    progress: bool = True,
) -> dict:
    """Train a model and keep its best epoch in ``out``; ties go to the earlier one.

    Args:
        files: texts of JSON files to save beside the model, by their names without `.json`.
        resume: go on from ``out``/last.pt where it is; False starts over.
        device: where to train; None takes CUDA where it is available.
        stop_after: stop after this many epochs in this call, to go on another time.
        progress: show a progress bar.

    Returns:
        The content of metrics.json: `model`, `training`, `best` (the best epoch), `history` (a dict
        an epoch), `seconds`, `torch`, `device`.

    Raises:
        HicalmError: the run in ``out`` was made with other options or other data, there are fewer
            than two pairs, or the loss is no longer finite.
    """
    run = _Run(training, validation, model, config, Path(out), device)
    if resume and (run.out / STATE_FILE).is_file():
        run.restore()
    last = config.epochs if stop_after is None else min(config.epochs, run.epoch + stop_after)
    steps = run.epoch * run.steps  # an epoch that was broken off leaves steps that no longer count
    with (
        SummaryWriter(str(run.out / LOGS), purge_step=steps) as log,
        tqdm(total=config.epochs, initial=run.epoch, unit="epoch", disable=not progress) as bar,
    ):
        while run.epoch < last:
            metrics = run.run_epoch(log)
            if metrics is run.best():
                save_hosa(run.model, run.out, **(files or {}))
            run.save()
            bar.update()
            bar.set_postfix(loss=metrics["loss"], rsum=metrics["rsum"])
    return run.metrics()


class _Run:
    """The moving parts of one training run."""

    def __init__(
        self,
        training: Pairs,
        validation: Pairs,
        model: HosaConfig,
        config: TrainingConfig,
        out: Path,
        device: torch.device | str | None,
    ) -> None:
        if len(training.image_of) < 2 or not validation.images:
            raise HicalmError(
                f"Training needs at least 2 pairs and validation 1 image, not "
                f"{len(training.image_of)} and {validation.images}."
            )
        out.mkdir(parents=True, exist_ok=True)
        self.training, self.validation = training, validation
        self.config, self.out = config, out
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        torch.manual_seed(config.seed)
        self.model = HosaModel(model).to(self.device)
        self.optimiser = torch.optim.Adam(self.model.parameters(), config.learning_rate)
        self.scheduler = torch.optim.lr_scheduler.StepLR(
            self.optimiser, config.drop_epochs, config.drop_factor
        )
        self.steps = -(-len(training.image_of) // config.batch_size)  # of an epoch
        self.history: list[dict] = []

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)

    def best(self) -> dict | None:
        """The metrics of the best epoch."""
        return max(self.history, key=lambda metrics: metrics["rsum"], default=None)

    def run_epoch(self, log: SummaryWriter) -> dict:
        """Do one pass over the training texts and validate; returns the epoch's metrics."""
        begin = time.perf_counter()
        # every epoch seeds itself, so that a resumed run needs no random state
        torch.manual_seed(self.config.seed * 100_003 + self.epoch)
        rng = np.random.default_rng([self.config.seed, self.epoch])
        order = rng.permutation(len(self.training.image_of))
        rate = self.scheduler.get_last_lr()[0]
        self.model.train()
        losses = []
        for step, texts in enumerate(np.array_split(order, self.steps)):
            losses.append(float(self._step(np.sort(texts))))
            if not np.isfinite(losses[-1]):
                raise HicalmError("The loss is no longer finite: lower the learning rate.")
            log.add_scalar("loss", losses[-1], self.epoch * self.steps + step)
        self.scheduler.step()
        metrics = {
            "epoch": self.epoch + 1,
            "loss": float(np.mean(losses)),
            "learning_rate": rate,
            **self._validate(),
            "seconds": time.perf_counter() - begin,
        }
        self._log(log, metrics)
        self.history.append(metrics)
        return metrics

    def _step(self, texts: np.ndarray) -> Tensor:
        """Do one step on texts and their images; returns the loss."""
        of_text = self.training.image_of[texts]
        images, row = np.unique(of_text, return_inverse=True)  # an image may have several texts
        regions, counts = (tensor.to(self.device) for tensor in self.training.regions(images))
        words, lengths = (tensor.to(self.device) for tensor in self.training.words(texts))
        scores = self.model.scores(
            self.model.encode_regions(regions, counts), self.model.encode_words(words, lengths)
        )
        same = torch.from_numpy(of_text[:, None] == of_text[None, :]).to(self.device)
        hardest = self.epoch >= self.config.warmup_epochs
        paired = scores[torch.from_numpy(row).to(self.device)]
        loss = triplet_loss(paired, self.config.margin, hardest, same)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config.gradient_norm)
        self.optimiser.step()
        return loss.detach()

    def _validate(self) -> dict:
        max_images = self.config.validation_images or self.validation.images
        images = np.arange(min(max_images, self.validation.images))
        image_of = self.validation.image_of[texts_of(self.validation, images)]
        self.model.eval()
        return pair_recalls(score_pairs(self.model, self.validation, images), image_of)

    def _log(self, log: SummaryWriter, metrics: dict) -> None:
        step = metrics["epoch"] * self.steps - 1
        for direction in ("i2t", "t2i"):
            for name, value in metrics[direction].items():
                log.add_scalar(f"validation/{direction} {name}", value, step)
        log.add_scalar("validation/rsum", metrics["rsum"], step)
        log.add_scalar("learning rate", metrics["learning_rate"], step)

    def metrics(self) -> dict:
        """Return what metrics.json holds."""
        return {
            "model": self.model.config.to_json(),
            "training": asdict(self.config),
            "best": self.best(),
            "history": self.history,
            "seconds": sum(metrics["seconds"] for metrics in self.history),
            "torch": torch.__version__,
            "device": str(self.device),
        }

    def _identity(self) -> dict:
        """Everything that must be equal for a run to go on."""
        sizes = [[data.images, len(data.image_of)] for data in (self.training, self.validation)]
        return {
            "model": self.model.config.to_json(),
            "training": asdict(self.config),
            "sizes": sizes,
        }

    def save(self) -> None:
        """Write last.pt and metrics.json, each under another name first."""
        state = {
            "identity": self._identity(),
            "history": self.history,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scheduler": self.scheduler.state_dict(),
        }
        save_state(self.out, state)
        write_text(self.out / METRICS_FILE, json.dumps(self.metrics(), indent=2) + "\n")

    def restore(self) -> None:
        """Go on from last.pt; HicalmError if it is unreadable or of another run."""
        state = load_state(self.out, self._identity(), self.device)
        for name in ("model", "optimiser", "scheduler"):
            getattr(self, name).load_state_dict(state[name])
        self.history = state["history"]
