"""Teach MiniLM's upper layers and a projection the words of the built-in world.

The text encoder starts from all-MiniLM-L6-v2; its embedding layer and lower layers stay as they
are, so that words that no training text holds keep their neighbours. Its embedding is pulled
towards the sum of the anchors of the attributes that a text mentions: by its cosine with that
sum, and by telling mentioned from unmentioned attributes one by one.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from tqdm import tqdm
from transformers import AutoModel, AutoTokenizer

from hicalm.encoders.attributes import EMBED_DIM, anchors, attribute_columns
from hicalm.encoders.minilm import minilm_folder
from hicalm.encoders.recipe.labelled_texts import LabelledText, draw_text
from hicalm.files import replacing, to_json


@dataclass(frozen=True)
class TextEncoderConfig:
    """How the text encoder is trained."""

    steps: int = 640
    batch: int = 64  # texts a step
    pool: int = 16  # batches drawn at once and cut by length, so that padding wastes little
    trained_layers: int = 2  # of MiniLM's six, from the top
    learning_rate: float = 1.5e-4  # of MiniLM's layers
    projection_rate: float = 2e-3
    weight_decay: float = 0.01
    seed: int = 0


class MiniLMTextEncoder(torch.nn.Module):
    """MiniLM, mean pooling over tokens, and a linear projection (the same as open_clip builds)."""

    def __init__(self, trained_layers: int) -> None:
        super().__init__()
        folder = minilm_folder()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.transformer = AutoModel.from_pretrained(folder)
        self.transformer.pooler = None  # mean pooling instead
        self.proj = torch.nn.Linear(self.transformer.config.hidden_size, EMBED_DIM, bias=False)
        self.transformer.requires_grad_(False)
        first = self.transformer.config.num_hidden_layers - trained_layers
        for layer in self.transformer.encoder.layer[first:]:
            layer.requires_grad_(True)

    def forward(self, texts: list[str]) -> torch.Tensor:
        """Return the embeddings, unnormalised, (N, EMBED_DIM)."""
        tokens = self.tokenizer(
            texts, padding=True, truncation=True, max_length=48, return_tensors="pt"
        )
        hidden = self.transformer(**tokens).last_hidden_state
        mask = tokens["attention_mask"][..., None].to(hidden.dtype)
        return self.proj((hidden * mask).sum(1) / mask.sum(1))

    @torch.inference_mode()
    def embed(self, texts: list[str], batch: int = 256) -> torch.Tensor:
        """Return the embeddings of any number of texts (N, EMBED_DIM), in evaluation mode."""
        was_training = self.training
        self.eval()
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        result = torch.empty(len(texts), EMBED_DIM)
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            result[rows] = self([texts[i] for i in rows])
        self.train(was_training)
        return result

    def trained_state(self) -> dict[str, torch.Tensor]:
        """Return what differs from MiniLM: the projection and the trained layers."""
        return {
            name: value.detach().contiguous()
            for name, value in self.named_parameters()
            if value.requires_grad
        }


def train_text_encoder(
    config: TextEncoderConfig, out: Path, check: Callable[[MiniLMTextEncoder], dict] | None = None
) -> MiniLMTextEncoder:
    """Train; write the trained weights and the history; ``check`` is called every 100 steps."""
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    text_encoder, directions = MiniLMTextEncoder(config.trained_layers), anchors()
    scale, offset = torch.tensor(10.0, requires_grad=True), torch.tensor(-3.0, requires_grad=True)

    def losses(texts: list[LabelledText]) -> tuple[torch.Tensor, torch.Tensor]:
        mentioned = mentioned_attributes(texts)
        embedding = F.normalize(text_encoder([text.text for text in texts]), dim=1)
        target = F.normalize(mentioned @ directions, dim=1)
        towards = 1 - (embedding * target).sum(1).mean()
        logits = embedding @ directions.T * scale + offset
        return towards, F.binary_cross_entropy_with_logits(logits, mentioned)

    others = [*text_encoder.proj.parameters(), scale, offset]
    batches = like_lengths(lambda: draw_text(rng), rng, config)
    report = None if check is None else lambda: check(text_encoder)
    train_steps(text_encoder, others, config, batches, losses, out / "text_encoder", report)
    return text_encoder.eval()


def mentioned_attributes(texts: Sequence[LabelledText]) -> torch.Tensor:
    """Return 1 where a text mentions an attribute, float32 (N, attribute values)."""
    mentioned = torch.zeros(len(texts), len(attribute_columns()))
    for row, text in enumerate(texts):
        mentioned[row, list(text.columns)] = 1
    return mentioned


def train_steps(
    text_encoder: MiniLMTextEncoder,
    others: Sequence[torch.Tensor],
    config: TextEncoderConfig,
    batches: Iterator[list[LabelledText]],
    losses: Callable[[list[LabelledText]], tuple[torch.Tensor, torch.Tensor]],
    out: Path,
    report: Callable[[], dict] | None,
) -> None:
    """Train MiniLM's layers and the ``others``; write ``out``.safetensors and ``out``.json.

    Args:
        losses: of a batch: one minus the cosine with what is mentioned, and the cross-entropy.
        report: called every 100 steps for what the history also keeps.
    """
    text_encoder.train()
    layers = [value for value in text_encoder.transformer.parameters() if value.requires_grad]
    rates = [config.learning_rate, config.projection_rate]
    groups = [
        {"params": params, "lr": rate} for params, rate in zip((layers, others), rates, strict=True)
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, config.steps, pct_start=0.1)
    history, started = [], time.perf_counter()
    for step in tqdm(range(config.steps), desc=out.name, mininterval=20):
        towards, apart = losses(next(batches))
        optimiser.zero_grad()
        (towards + apart * 10).backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 99:
            entry = {
                "step": step + 1,
                "seconds": round(time.perf_counter() - started),
                "cosine": 1 - towards.item(),
                "cross_entropy": apart.item(),
            }
            history.append(entry | (report() if report else {}))
            print(to_json(history[-1]), flush=True)
            _save(text_encoder, out, config, history)
    _save(text_encoder, out, config, history)


def like_lengths(
    draw: Callable[[], LabelledText], rng: np.random.Generator, config: TextEncoderConfig
) -> Iterator[list[LabelledText]]:
    """Draw texts for ever, in batches of like length and random order."""
    while True:
        texts = [draw() for _ in range(config.batch * config.pool)]
        texts.sort(key=lambda labelled: len(labelled.text))
        for number in rng.permutation(config.pool):
            yield texts[number * config.batch : (number + 1) * config.batch]


def _save(
    text_encoder: MiniLMTextEncoder, out: Path, config: TextEncoderConfig, history: list[dict]
) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out.with_suffix(".safetensors")) as temporary:
        save_file(text_encoder.trained_state(), temporary)
    out.with_suffix(".json").write_text(
        to_json({"config": asdict(config), "history": history}, indent=1)
    )
