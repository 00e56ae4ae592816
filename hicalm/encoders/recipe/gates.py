"""The encoder's gates: how well attributes are read from pictures of combinations never trained on.

A painting's prediction is the value whose anchor its embedding points to most; the view that
faces a painting is the view in which it covers the largest share of the frame near the axis.
"""

import numpy as np
import torch

from hicalm.encoders.attributes import KINDS, PAINTING_KINDS, ROOM_KINDS, anchors, kind_slices
from hicalm.encoders.augment import to_input
from hicalm.encoders.picture_store import NONE, PictureStore
from hicalm.world.combinations import combination_split
from hicalm.world.render import VIEWS_PER_ROOM

MAX_ROOMS = 400  # rooms whose twelve views are read
GATES = {
    "painting": {"subject": 0.85, "style": 0.85, "palette": 0.90},
    "view": {"subject": 0.70, "style": 0.75, "palette": 0.85},
    "room": {"wall_color": 0.95, "floor": 0.95, "lighting": 0.95},
}


@torch.no_grad()
def attribute_logits(
    image_encoder: torch.nn.Module, pictures: np.ndarray, rows: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """Return the components along every anchor, float32 (N, attribute values)."""
    directions, parts = anchors(), []
    for start in range(0, len(rows), 128):
        batch = to_input(pictures[np.asarray(rows[start : start + 128])], size)
        parts.append((image_encoder(batch) @ directions.T).numpy())
    return np.concatenate(parts)


def unseen_paintings(store: PictureStore, museums: np.ndarray, split: str) -> np.ndarray:
    """Return the rows of the museums' paintings whose combination belongs to ``split`` only."""
    rows = []
    for museum in museums:
        first = int(store.index.room_offsets[museum])
        for number, room in enumerate(store.index.specifications[museum]["rooms"]):
            start = int(store.index.painting_offsets[first + number])
            rows += [
                start + k
                for k, p in enumerate(room["paintings"])
                if combination_split(p["subject"], p["style"], p["palette"]) == split
            ]
    return np.array(rows, np.int64)


def facing_views(store: PictureStore, paintings: np.ndarray) -> np.ndarray:
    """Return for each painting row (N,) the view row that faces it (N,)."""
    rooms = np.searchsorted(store.index.painting_offsets, paintings, side="right") - 1
    own = paintings - store.index.painting_offsets[rooms]
    views = rooms[:, None] * VIEWS_PER_ROOM + np.arange(VIEWS_PER_ROOM)
    seen, shares, angles = store.seen[views], store.shares[views], store.angles[views]
    largest_here = (seen[..., 0] == own[:, None]) & (angles[..., 0] <= 15)
    share = np.where(largest_here, shares[..., 0], (seen == own[:, None, None]).any(-1) * 1e-3)
    return views[np.arange(len(views)), share.argmax(1)]


def evaluate_gates(
    image_encoder: torch.nn.Module,
    store: PictureStore,
    museums: np.ndarray,
    split: str,
    size: tuple[int, int],
    max_paintings: int = 3000,
) -> dict[str, dict[str, float]]:
    """Return accuracies by source and kind on at most ``max_paintings`` paintings and views.

    Wall, floor and light belong to a room: ``room`` reads them from its twelve views together
    (their mean embedding), ``single view`` from the one view that faces a painting, in which the
    floor is often hidden.
    """
    image_encoder.eval()
    paintings = unseen_paintings(store, museums, split)
    if len(paintings) > max_paintings:
        paintings = np.sort(
            np.random.default_rng(0).choice(paintings, max_paintings, replace=False)
        )
    views, slices = facing_views(store, paintings), kind_slices()
    labels = store.index.painting_labels()[paintings]
    result: dict[str, dict[str, float]] = {"count": {"paintings": len(paintings)}}
    painting_logits = attribute_logits(image_encoder, store.paintings, paintings, size)
    view_logits = attribute_logits(image_encoder, store.views, views, size)
    for source, logits in (("painting", painting_logits), ("view", view_logits)):
        result[source] = {
            kind: _accuracy(logits[:, slices[kind]], labels[:, column])
            for column, kind in enumerate(PAINTING_KINDS)
        }
    looks, rooms = store.index.room_labels(), np.unique(views // VIEWS_PER_ROOM)[:MAX_ROOMS]
    rows = (rooms[:, None] * VIEWS_PER_ROOM + np.arange(VIEWS_PER_ROOM)).ravel()
    together = attribute_logits(image_encoder, store.views, rows, size)
    together = together.reshape(len(rooms), VIEWS_PER_ROOM, -1).mean(1)
    own_rooms = views // VIEWS_PER_ROOM
    for name, logits, room in (("room", together, rooms), ("single view", view_logits, own_rooms)):
        result[name] = {
            kind: _accuracy(logits[:, slices[kind]], looks[room, column])
            for column, kind in enumerate(ROOM_KINDS)
        }
    return result


def _accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    known = labels != NONE
    return float((logits.argmax(1) == labels)[known].mean())


__all__ = ["GATES", "KINDS", "evaluate_gates", "facing_views", "unseen_paintings"]
