"""How well the object expert tells what stands in a room and what a view shows."""

from collections.abc import Mapping

import numpy as np

from hicalm.encoders.object_expert import COLUMNS, ObjectExpert
from hicalm.encoders.picture_store import PictureStore
from hicalm.encoders.recipe.object_places import PRESENT, object_columns
from hicalm.world.render import VIEWS_PER_ROOM
from hicalm.world.vocabulary import OBJECTS


def object_metrics(
    expert: ObjectExpert, store: PictureStore, museums: np.ndarray, seed: int
) -> dict[str, object]:
    """Return areas under the ROC curve by kind, of the rooms and of the views of museums (B,).

    A room's score is the largest logit of its views. Views that show only a side of an object
    count neither way for its kind. The museums must be rendered; ``seed`` is the world's.
    """
    logits, seen, standing = [], [], []
    for museum in museums:
        specification = store.index.specifications[museum]
        first, last = store.index.room_offsets[museum : museum + 2] * VIEWS_PER_ROOM
        logits.append(expert.encode_images(store.views[first:last]))
        for number, room in enumerate(specification["rooms"]):
            seen.append(_seen(object_columns(seed, specification, number, COLUMNS)))
            standing.append([name in room["objects"] for name in OBJECTS])
    views, shown = np.concatenate(logits), np.concatenate(seen)
    rooms = views.reshape(-1, VIEWS_PER_ROOM, len(OBJECTS)).max(1)
    return {
        "museums": len(museums),
        "rooms": {"count": len(rooms), "auc": _by_kind(rooms, np.array(standing, np.float32))},
        "views": {"count": len(views), "auc": _by_kind(views, shown)},
    }


def _seen(columns: np.ndarray) -> np.ndarray:
    """Return what views show, (12, 5) of columns (12, 5, C): 1, 0, or NaN for a side only."""
    sides = np.where(np.isnan(columns).any(-1), np.nan, 0)
    return np.where((columns == PRESENT).any(-1), PRESENT, sides)


def _by_kind(scores: np.ndarray, labels: np.ndarray) -> Mapping[str, float | None]:
    """Return the area by kind of scores (N, 5) and labels (N, 5), which may be NaN."""
    result: dict[str, float | None] = {}
    for kind, name in enumerate(OBJECTS):
        known = ~np.isnan(labels[:, kind])
        result[name] = area_under_curve(scores[known, kind], labels[known, kind] == PRESENT)
    return result


def area_under_curve(scores: np.ndarray, positive: np.ndarray) -> float | None:
    """Return how often a positive (N, bool) has the larger score (N,), ties counted half.

    None where all or none are positive.
    """
    own, others = scores[positive], np.sort(scores[~positive])
    if not len(own) or not len(others):
        return None
    below = np.searchsorted(others, own, "left") + np.searchsorted(others, own, "right")
    return float(below.sum() / 2 / len(own) / len(others))


__all__ = ["area_under_curve", "object_metrics"]
