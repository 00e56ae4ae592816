import numpy as np
import pytest

from hicalm.encoders.picture_store import PictureStore
from hicalm.encoders.recipe.object_metrics import area_under_curve, object_metrics
from hicalm.encoders.recipe.object_places import object_columns
from hicalm.world.vocabulary import OBJECTS
from tests.hicalm.encoders.conftest import SEED


class Oracle:
    """An expert that knows the geometry of the pictures, whose rows it is given in order."""

    def __init__(self, store: PictureStore) -> None:
        rooms = [
            object_columns(SEED, museum, number, 10)
            for museum in store.index.specifications
            for number in range(len(museum["rooms"]))
        ]
        self.logits, self.at = (np.concatenate(rooms) == 1).any(-1).astype(np.float32), 0

    def encode_images(self, images: np.ndarray) -> np.ndarray:
        self.at += len(images)
        return self.logits[self.at - len(images) : self.at]


def test_who_knows_where_objects_are_has_the_whole_area(rendered: PictureStore) -> None:
    found = object_metrics(Oracle(rendered), rendered, np.array([0, 1]), SEED)
    assert found["museums"] == 2
    assert found["views"]["count"] == 12 * found["rooms"]["count"] == len(rendered.views)
    for level in ("rooms", "views"):
        assert list(found[level]["auc"]) == list(OBJECTS)
        assert set(found[level]["auc"].values()) <= {1.0, None}  # None: a kind that none has


@pytest.mark.parametrize(
    ("scores", "positive", "area"),
    [
        ([3, 2, 1], [1, 0, 0], 1.0),
        ([1, 2, 3], [1, 0, 0], 0.0),
        ([1, 1, 1, 1], [1, 0, 1, 0], 0.5),
        ([4, 3, 2, 1], [1, 0, 1, 0], 0.75),
        ([1, 2], [1, 1], None),
        ([1, 2], [0, 0], None),
    ],
)
def test_area_under_curve(scores, positive, area) -> None:
    assert area_under_curve(np.array(scores, float), np.array(positive, bool)) == area


def test_area_under_curve_agrees_with_sklearn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 20, 200).astype(float), rng.random(200) < 0.3
    expected = metrics.roc_auc_score(positive, scores)
    assert area_under_curve(scores, positive) == pytest.approx(expected)
