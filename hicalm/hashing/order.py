"""Codes that keep HiCALM's order: heads over its vectors, for the first stage of a search.

VTM-UCH learns which pictures and texts are alike without any labels; HiCALM knows it, so its
cosines are the target here. For every text of a batch, the softmax over items (views, rooms,
museums) of its activations' products with their codes shall be that of the cosines. Codes are signs
in the forward pass and pass gradients on as their activations do; texts are compared both by
activations, which order the candidates, and by signs, which find them.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import trange

from hicalm.data.collection import Fingerprint
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.heads import HashHeads, stretched
from hicalm.retrieval.index import MuseumIndex

TEXTS = 256  # in a batch
ITEMS_PER_BATCH = (1000, 500, 300)  # views, rooms and museums in a batch
TEMPERATURE = 0.05  # of the softmax over cosines
SQUARES = 10.0  # weight of the squared differences, which keep the scale of the cosines
SIGNS = 0.3  # weight of the texts' signs beside their activations


@dataclass(frozen=True)
class OrderSettings:
    """How long the heads learn, and how fast."""

    steps: int = 2500
    learning_rate: float = 1e-3
    hidden: int = 1024
    seed: int = 0


def train_order(
    index: MuseumIndex,
    texts: np.ndarray,
    fingerprint: Fingerprint,
    bits: int = 64,
    settings: OrderSettings = OrderSettings(),
    progress: bool = True,
) -> HashHeads:
    """Return heads over a model's vectors, trained on the items of ``index``.

    Args:
        texts: normalised vectors of sentences and paragraphs in the same space, float32 (N, H).
        fingerprint: names the model whose vectors they are.
    """
    torch.manual_seed(settings.seed)
    heads = HashHeads(
        fingerprint, HashSettings(bits=bits, hidden=settings.hidden, seed=settings.seed)
    )
    scale = nn.Parameter(torch.zeros(()))  # of products beside cosines, as a logarithm
    optimiser = torch.optim.AdamW([*heads.parameters(), scale], settings.learning_rate)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.learning_rate, total_steps=settings.steps
    )
    items = [torch.from_numpy(vectors) for vectors in (index.view, index.room, index.museum)]
    queries = torch.from_numpy(texts)
    for _ in trange(settings.steps, desc="codes that keep the order", disable=not progress):
        own = _draw(queries, TEXTS)
        drawn = [_draw(level, size) for level, size in zip(items, ITEMS_PER_BATCH, strict=True)]
        loss = _loss(heads, own, drawn, scale.exp() / bits)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()
    return heads.eval()


def _loss(heads: HashHeads, texts: Tensor, items: list[Tensor], scale: Tensor) -> Tensor:
    activations = heads.text(stretched(texts))
    total = texts.new_zeros(())
    for level in items:
        codes, cosines = _signs(heads.image(stretched(level))).T, texts @ level.T
        total = total + _distance(scale * (activations @ codes), cosines)
        total = total + SIGNS * _distance(scale * (_signs(activations) @ codes), cosines)
    return total


def _distance(products: Tensor, cosines: Tensor) -> Tensor:
    """Return how far products (Q, P) are from ordering, and spacing, items as the cosines do."""
    ordered = ranking_divergence(products, cosines, TEMPERATURE)
    spaced = functional.mse_loss(_centred(products), _centred(cosines))
    return ordered + SQUARES * spaced


def ranking_divergence(found: Tensor, wanted: Tensor, temperature: float) -> Tensor:
    """Return the divergence of the softmax over items, of what was found and what is wanted.

    Both (Q, P), a row a text; the mean over texts, 0 where they agree.
    """
    return functional.kl_div(
        (found / temperature).log_softmax(dim=1),
        (wanted / temperature).softmax(dim=1),
        reduction="batchmean",
    )


def _centred(scores: Tensor) -> Tensor:
    return scores - scores.mean(dim=1, keepdim=True)


def _signs(activations: Tensor) -> Tensor:
    """Return -1 or 1, with the gradient of the activations."""
    signs = torch.where(activations > 0, 1.0, -1.0)
    return activations + (signs - activations).detach()


def _draw(rows: Tensor, size: int) -> Tensor:
    return rows[torch.randint(len(rows), (size,))]
