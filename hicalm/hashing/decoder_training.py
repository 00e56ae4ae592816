"""Train a decoder: texts shall compare with the vectors it reads back as with the real ones.

For every text of a batch and every level, the softmax over items of the cosines with vectors read
back shall be that of the cosines with the real vectors, and the cosines themselves shall be equal;
the distances between vectors count too, so that texts unlike those of training are served as well.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import trange

from hicalm.hashing.decoder import Decoder, signs, tensors
from hicalm.hashing.heads import HashHeads
from hicalm.hashing.order import ranking_divergence
from hicalm.retrieval.index import MuseumIndex

TEXTS = 256  # in a batch
MUSEUMS = 32  # in a batch, with all their rooms and views
TEMPERATURE = 0.03  # of the softmax over cosines
SQUARES = 30.0  # weight of the cosines' squared differences
MAX_GRADIENT_NORM = 1.0  # its norm; more is cut down to it


@dataclass(frozen=True)
class DecoderSettings:
    """How long a decoder learns, and how fast."""

    steps: int = 2500
    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    hidden: int = 256
    seed: int = 0


def train_decoder(
    index: MuseumIndex,
    texts: np.ndarray,
    heads: HashHeads,
    settings: DecoderSettings = DecoderSettings(),
    progress: bool = True,
) -> Decoder:
    """Return what reads the codes of ``heads`` back, trained on the museums of ``index``.

    Args:
        texts: normalised vectors of sentences and paragraphs in the same space, float32 (N, H).
    """
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    decoder = Decoder(heads.fingerprint, heads.settings.bits, settings.hidden, heads.hash)
    optimiser = torch.optim.AdamW(
        decoder.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
    )
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.learning_rate, total_steps=settings.steps
    )
    codes, queries = index.mapped(heads.image_codes), torch.from_numpy(texts)
    museum_count = min(MUSEUMS, len(index.museum))
    for _ in trange(settings.steps, desc="reading codes back", disable=not progress):
        museums = rng.choice(len(index.museum), museum_count, replace=False)
        own = queries[torch.randint(len(queries), (TEXTS,))]
        real = tensors(index.select(museums), torch.from_numpy)[:3]
        loss = _loss(own, decoder(*tensors(codes.select(museums), signs)), real)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), MAX_GRADIENT_NORM)
        optimiser.step()
        rate.step()
    return decoder.eval()


def _loss(texts: Tensor, found: tuple[Tensor, ...], real: tuple[Tensor, ...]) -> Tensor:
    total = texts.new_zeros(())
    for own, level in zip(found, real, strict=True):
        cosines, wanted = texts @ own.T, texts @ level.T
        ordered = ranking_divergence(cosines, wanted, TEMPERATURE)
        squares = SQUARES * functional.mse_loss(cosines, wanted)
        total = total + ordered + squares + (own - level).square().sum(dim=1).mean()
    return total
