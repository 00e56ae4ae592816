"""Learn codes: from pairs and the objects of their pictures to the target, and to the heads.

Differences from the paper under both protocols (those that a protocol decides are named in
``HashSettings``):

- The text encoder is not fine-tuned with the text head. The heads work on features that are
  computed once, as everywhere here, and learn in half a minute without a GPU; a tuned encoder would
  be 90 MB a run, and queries would need it beside the encoder's own.
- A head's input has length √D (``heads.head_input``).
- Communities have a resolution, and a seed; the default is modularity.
- BertAdam is PyTorch's AdamW with its constants and schedule; it also corrects the early steps.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import mse_loss
from tqdm import tqdm

from hicalm.data.collection import Fingerprint
from hicalm.geometry import unit
from hicalm.hashing import communities, similarity
from hicalm.hashing.grounding import ground
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.heads import HashHeads, head_input
from hicalm.hashing.pairs import Pairs
from hicalm.hashing.picture_objects import Objects

BETAS, EPSILON = (0.9, 0.98), 1e-6  # BertAdam's

EncodeTexts = Callable[[list[str]], np.ndarray]
Judge = Callable[[HashHeads], float]  # how good heads are; higher is better


def learn_codes(
    pairs: Pairs,
    objects: Objects,
    encode_texts: EncodeTexts,
    fingerprint: Fingerprint,
    settings: HashSettings,
    progress: bool = False,
    judge: Judge | None = None,
) -> HashHeads:
    """Return heads learnt from n pairs, in evaluation mode; equal seeds give equal heads.

    Args:
        objects: those of the pairs' pictures.
        encode_texts: words -> features (N, D), each alone.
        fingerprint: the encoder of all features.
        judge: validates; see ``train_heads``.
    """
    target = supervision(pairs, objects, encode_texts, settings)
    return train_heads(pairs, target, fingerprint, settings, progress, judge)


def supervision(
    pairs: Pairs, objects: Objects, encode_texts: EncodeTexts, settings: HashSettings
) -> np.ndarray:
    """Return the refined target of n pairs, float32 (n, n), -1 to 1.

    Grounded pairs need no communities to be told apart: their similarity itself is the target.
    """
    if settings.matching == "grounded":
        return similarity.scaled(ground(pairs.words, encode_texts, objects).similarity)
    alike = similarity.image_similarity(objects, settings.image_similarity == "pooled")
    images = similarity.similar_images(alike, settings.deviations)
    texts = _texts_by_clusters(pairs, objects, encode_texts, settings)
    points = pairs.raw_images if settings.centres == "pictures" else joint_vectors(pairs)
    both = similarity.fused(images, texts)
    groups = communities.communities(both, settings.seed, settings.resolution)
    same = communities.same_centre(points, groups, settings.lone_centres, settings.move_centres)
    return similarity.refined(both, same, alike)


def _texts_by_clusters(
    pairs: Pairs, objects: Objects, encode_texts: EncodeTexts, settings: HashSettings
) -> np.ndarray:
    """Return S_T of n pairs, bool (n, n), by clusters of the objects that words are matched to."""
    counts = np.array([len(words) for words in pairs.words], np.int64)
    starts = settings.cluster_starts
    vectors = objects.raw if starts == "random" else objects.vectors
    clusters = communities.cluster(vectors, settings.clusters, settings.seed, starts)
    words = word_vectors(pairs.words, encode_texts, objects.vectors.shape[1])
    matched = similarity.matched_objects(words, counts, objects)
    return similarity.similar_texts(matched, counts, clusters)


def joint_vectors(pairs: Pairs) -> np.ndarray:
    """Return one vector for a picture and its text, (n, 2 D): both about their means, side by side.

    With pictures alone the centres of the built-in world's views would follow light and walls.
    """
    both = [pairs.images - pairs.images.mean(axis=0), pairs.texts - pairs.texts.mean(axis=0)]
    return unit(np.concatenate(both, axis=1))


def word_vectors(
    words: tuple[tuple[str, ...], ...], encode_texts: EncodeTexts, dim: int
) -> np.ndarray:
    """Return the vectors of all words, text after text, (W, D); equal words are encoded once."""
    distinct = sorted({word for own in words for word in own})
    row_of = {word: row for row, word in enumerate(distinct)}
    rows = np.array([row_of[word] for own in words for word in own], np.int64)
    return unit(encode_texts(distinct))[rows] if distinct else np.zeros((0, dim), np.float32)


def train_heads(
    pairs: Pairs,
    target: np.ndarray,
    fingerprint: Fingerprint,
    settings: HashSettings,
    progress: bool = False,
    judge: Judge | None = None,
) -> HashHeads:
    """Return heads whose codes' products follow the target (n, n), in evaluation mode.

    With a ``judge`` they are judged after the first epoch and after every ``valid_freq`` epochs,
    and those of the best epoch stay; without one, those of the last.
    """
    torch.manual_seed(settings.seed)
    heads = HashHeads(fingerprint, settings)
    images, texts = head_input(pairs.images), head_input(pairs.texts)
    wanted = torch.from_numpy(target)
    per_epoch = math.ceil(len(pairs) / settings.batch_size)
    steps = settings.epochs * per_epoch
    optimiser = torch.optim.AdamW(
        heads.parameters(), settings.learning_rate, BETAS, EPSILON, settings.weight_decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: rate(step, steps, settings)
    )
    kept = _BestHeads(heads, judge, settings)
    bar = tqdm(_batches(len(pairs), settings), "training", steps, disable=not progress)
    for step, rows in enumerate(bar, start=1):
        activations = heads.image(images[rows]), heads.text(texts[rows])
        loss = hash_loss(*activations, wanted[rows][:, rows], settings)
        optimiser.zero_grad()
        loss.backward()
        if settings.clip_gradients:
            for parameter in heads.parameters():
                torch.nn.utils.clip_grad_norm_(parameter, 1.0)
        optimiser.step()
        schedule.step()
        if step % per_epoch == 0:
            kept.after_epoch(step // per_epoch)
    return kept.heads()


class _BestHeads:
    """The heads of the epoch that a judge likes best; without a judge, those of the last."""

    def __init__(self, heads: HashHeads, judge: Judge | None, settings: HashSettings) -> None:
        self._heads, self._judge = heads, judge if settings.valid_freq else None
        self._every, self._best = settings.valid_freq, -math.inf
        self._state: dict[str, Tensor] | None = None

    def after_epoch(self, epoch: int) -> None:
        if self._judge is None or (epoch > 1 and epoch % self._every):
            return
        found = self._judge(self._heads.eval())
        self._heads.train()
        if found > self._best:
            self._best = found
            self._state = {name: v.clone() for name, v in self._heads.state_dict().items()}

    def heads(self) -> HashHeads:
        if self._state is not None:
            self._heads.load_state_dict(self._state)
        return self._heads.eval()


def hash_loss(images: Tensor, texts: Tensor, target: Tensor, settings: HashSettings) -> Tensor:
    """Return the loss of a batch: products of codes against the target, and against each other.

    Args:
        images, texts: activations (b, k), -1 to 1.
        target: (b, b), -1 to 1.
    """
    within_images, within_texts, across = images @ images.T, texts @ texts.T, images @ texts.T
    wanted = images.shape[1] * target
    supervised = (
        settings.rho * mse_loss(within_texts, wanted)
        + (1 - settings.rho) * mse_loss(within_images, wanted)
        + mse_loss(across, wanted)
    )
    agreement = (
        mse_loss(within_images, within_texts)
        + mse_loss(across, within_images)
        + mse_loss(across, within_texts)
    )
    return supervised + settings.alpha * agreement


def rate(step: int, steps: int, settings: HashSettings) -> float:
    """Return the share of the learning rate at a step: a linear rise, then half a cosine to 0."""
    warm_up_steps = settings.warm_up * steps
    if step < warm_up_steps:
        return (step + 1) / (warm_up_steps + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up_steps) / max(1.0, steps - warm_up_steps)))


def _batches(count: int, settings: HashSettings) -> Iterator[Tensor]:
    chance = torch.Generator().manual_seed(settings.seed)
    for _ in range(settings.epochs):
        yield from torch.randperm(count, generator=chance).split(settings.batch_size)
