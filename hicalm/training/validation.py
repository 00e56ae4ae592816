"""Retrieval metrics during training: text to museum, by the museum vector and by the levels."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from hicalm.data.batches import INTRODUCTION, TextBatch
from hicalm.data.dataset import TrainingData
from hicalm.geometry import cosine
from hicalm.levels import LEVELS
from hicalm.metrics import mean_reciprocal_rank, ranks_of_targets, recalls
from hicalm.models import DualEncoder
from hicalm.ragged import ranges, segment_max, starts
from hicalm.training.objective import level_similarities

CHUNK = 64  # museums or queries encoded at once


def ranking_metrics(similarity: Tensor, target: Tensor) -> dict[str, float]:
    """Return R@1, R@5, R@10 and MRR, all in [0, 1], of similarities (Q, M) and right ones (Q,)."""
    ranks = ranks_of_targets(similarity.numpy(), target.numpy())
    return recalls(ranks) | {"MRR": mean_reciprocal_rank(ranks)}


@torch.no_grad()
def validate(
    model: DualEncoder,
    data: TrainingData,
    queries: int,
    seed: int,
    device: torch.device,
    weights: Mapping[str, float] | None = None,
) -> dict[str, dict[str, float]]:
    """Rank all museums of ``data`` for three lengths of query.

    Returns metrics for `full` descriptions and, unless ``queries`` is 0, for single `room`
    paragraphs and at most ``queries`` single `sentence`s; for the two short ones also by the best
    room (`room by room`, `sentence by room`) instead of by the museum vector. ``weights`` of the
    levels add `full by levels`, the ranking by their weighted sum.
    """
    training = model.training
    model.eval()
    target = torch.arange(len(data))
    result: dict[str, dict[str, float]] = {}
    if weights is not None:
        by_level = _level_similarities(model, data, device)
        parts = [weight * by_level[level] for level, weight in weights.items()]
        result["full by levels"] = ranking_metrics(torch.stack(parts).sum(dim=0), target)
        result["full"] = ranking_metrics(by_level["museum"], target)
    if queries or weights is None:
        museums, rooms, texts = _encode_museums(model, data, device, with_rooms=queries > 0)
        result["full"] = ranking_metrics(cosine(texts, museums), target)
        for name, rows, counts, owner in _short_queries(data, queries, seed) if queries else ():
            by_museum, by_room = _encode_queries(model, data, rows, counts, device)
            room_counts = torch.from_numpy(data.room_counts)
            best_room = segment_max(cosine(rooms, by_room), room_counts).T
            result[name] = ranking_metrics(cosine(by_museum, museums), owner)
            result[f"{name} by room"] = ranking_metrics(best_room, owner)
    model.train(training)
    return result


def _encode_museums(
    model: DualEncoder, data: TrainingData, device: torch.device, with_rooms: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Return museum (M, H), room (R, H; or none) and description (M, H) vectors on the CPU."""
    museums, texts = [], []
    rooms = [torch.zeros(0, model.config.hidden, device=device)]
    for chunk in np.array_split(np.arange(len(data)), -(-len(data) // CHUNK)):
        batch = data.batch(chunk).to(device)
        if with_rooms:
            vision = model.encode_vision(batch)
            museums.append(vision.museum)
            rooms.append(vision.room)
        else:
            museums.append(model.encode_museums(batch))
        texts.append(model.encode_descriptions(batch))
    museum, room, text = (torch.cat(level).float().cpu() for level in (museums, rooms, texts))
    return museum, room, text


def _level_similarities(
    model: DualEncoder, data: TrainingData, device: torch.device
) -> dict[str, Tensor]:
    """Return the similarities (M, M) by level of all descriptions and museums, on the CPU."""
    chunks = [
        data.batch(chunk).to(device)
        for chunk in np.array_split(np.arange(len(data)), -(-len(data) // CHUNK))
    ]
    visions = [(chunk, model.encode_vision(chunk)) for chunk in chunks]
    rows: dict[str, list[Tensor]] = {level: [] for level in LEVELS}
    for texts in chunks:
        text = model.encode_text_levels(texts)
        found = [level_similarities(text, texts, vision, museums) for museums, vision in visions]
        for level in LEVELS:
            rows[level].append(torch.cat([one[level] for one in found], dim=1).cpu())
    return {level: torch.cat(parts) for level, parts in rows.items()}


def _short_queries(
    data: TrainingData, queries: int, seed: int
) -> Iterator[tuple[str, np.ndarray, np.ndarray, Tensor]]:
    """Yield name, text rows (Σ,), sentences per query (Q,) and museum (Q,) of short queries."""
    museum = np.repeat(np.arange(len(data)), data.paragraph_counts)
    first = starts(data.sentence_counts)
    described = np.flatnonzero(data.paragraph_room != INTRODUCTION)
    if not len(described):
        return
    rng = np.random.default_rng(seed)
    for name in ("room", "sentence"):
        chosen = described
        if name == "sentence":
            chosen = np.repeat(described, data.sentence_counts[described])
            rows = ranges(first[described], data.sentence_counts[described])
            picked = np.sort(rng.permutation(len(rows))[:queries])
            chosen, rows, counts = chosen[picked], rows[picked], np.ones(len(picked), np.int64)
        else:
            rows = ranges(first[described], data.sentence_counts[described])
            counts = data.sentence_counts[described]
        yield name, rows, counts, torch.from_numpy(museum[chosen])


def _encode_queries(
    model: DualEncoder,
    data: TrainingData,
    rows: np.ndarray,
    counts: np.ndarray,
    device: torch.device,
) -> tuple[Tensor, Tensor]:
    """Encode queries of one paragraph: museum-level and room-level vectors, both (Q, H)."""
    museum, room = [], []
    first = starts(counts)
    for chunk in np.array_split(np.arange(len(counts)), -(-len(counts) // (CHUNK * 8))):
        batch = TextBatch(
            sentences=data.select_text(rows[ranges(first[chunk], counts[chunk])]),
            sentence_counts=torch.from_numpy(counts[chunk]),
            paragraph_counts=torch.ones(len(chunk), dtype=torch.long),
            is_introduction=torch.zeros(len(chunk), dtype=torch.bool),
        )
        embedding = model.encode_text(batch.to(device))
        museum.append(embedding.museum)
        room.append(embedding.room)
    return torch.cat(museum).float().cpu(), torch.cat(room).float().cpu()
