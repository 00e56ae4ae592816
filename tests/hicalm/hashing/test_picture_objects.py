from pathlib import Path

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.hashing import picture_objects as objects
from hicalm.hashing.picture_objects import (
    Detector,
    GivenBoxes,
    Grid,
    Objects,
    find_objects,
    merge_boxes,
    whole_pictures,
)
from tests.hicalm.collections import FakeEncoder

PICTURE = np.zeros((100, 200, 3), np.uint8)
PICTURE[:, 100:] = (255, 0, 0)


def test_boxes_that_nearly_coincide_are_one_and_small_ones_are_dropped():
    boxes = [
        [0, 0, 100, 100],
        [14, 14, 114, 100],  # all four differ by less than 15: the first stays
        [15, 0, 115, 100],  # one differs by 15
        [150, 50, 169, 60],  # 190 of 20,000 pixels
        [150, 50, 170, 60],  # 1 % exactly
        [-50, 60, 40, 400],  # cut to the picture
        [60, 60, 60, 90],  # empty
    ]
    expected = [[0, 0, 100, 100], [15, 0, 115, 100], [150, 50, 170, 60], [0, 60, 40, 100]]
    assert merge_boxes(np.array(boxes), 100, 200).tolist() == expected
    assert merge_boxes(np.zeros((0, 4)), 100, 200).shape == (0, 4)


def test_a_grid_covers_the_picture():
    assert Grid(2, 1).boxes(0, PICTURE).tolist() == [[0, 0, 100, 100], [100, 0, 200, 100]]
    assert Grid().boxes(0, PICTURE).shape == (4, 4)


def test_the_last_object_is_the_whole_picture_and_crops_come_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(objects, "CROPS_AT_ONCE", 2)
    images = np.eye(8)[[3, 4, 5]]
    halves = Grid(2, 1).boxes(0, PICTURE)
    given = GivenBoxes([halves[1:], halves[:0], halves])
    found = find_objects(images, [PICTURE] * 3, given, FakeEncoder())
    assert found.counts.tolist() == [2, 1, 3]
    red = np.eye(8)[0]
    black = [0] * 8
    expected = [red, images[0], images[1], black, red, images[2]]
    np.testing.assert_allclose(found.vectors, expected)
    without = find_objects(images, [PICTURE] * 3, given, FakeEncoder(), whole=False)
    np.testing.assert_allclose(without.vectors, [red, images[1], black, red])
    assert without.counts.tolist() == [1, 1, 2]


def test_whole_pictures_are_objects_of_length_one():
    found = whole_pictures(np.array([[3.0, 4.0]]))
    np.testing.assert_allclose(found.vectors, [[0.6, 0.8]])
    assert found.counts.tolist() == [1]


@pytest.mark.parametrize(
    ("known", "item", "message"),
    [
        ([], 0, "Boxes are given for 0 pictures; picture 1 has none"),
        ([np.zeros((2, 3))], 0, "picture 1 must be rows of four numbers"),
        ([np.full((1, 4), np.nan)], 0, "picture 1 must be rows of four numbers"),
    ],
)
def test_boxes_that_are_none_are_refused(known: list, item: int, message: str):
    with pytest.raises(HicalmError, match=message):
        GivenBoxes(known).boxes(item, PICTURE)


def test_boxes_are_read_by_the_names_of_pictures(tmp_path: Path):
    path = tmp_path / "boxes.json"
    path.write_text('{"b": [], "a": [[0, 1, 20, 30], [2, 3, 40, 50]]}')
    found = GivenBoxes.load(path, ["a", "b"])
    assert found.boxes(0, PICTURE).tolist() == [[0, 1, 20, 30], [2, 3, 40, 50]]
    assert found.boxes(1, PICTURE).shape == (0, 4)
    with pytest.raises(HicalmError, match=r"boxes.json' has no boxes of 'c': \[\] says"):
        GivenBoxes.load(path, ["a", "c"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is missing or no readable JSON"),
        ("{", "is missing or no readable JSON"),
        ("[" * 100_000, "is missing or no readable JSON"),
        ("[]", "must hold lists of boxes by the names"),
        ('{"a": ["x"]}', "'a' in .* must be rows of four numbers"),
        ('{"a": [[1], [1, 2]]}', "'a' in .* must be rows of four numbers"),
        ('{"a": [[0, 0, "9", 9]]}', "'a' in .* must be rows of four numbers"),
        ('{"a": null}', "'a' in .* must be rows of four numbers"),
        ('{"a": [[0, 0, 1, ' + "9" * 400 + "]]}", "is missing or no readable JSON"),
    ],
)
def test_files_that_hold_no_boxes(content: str | None, message: str, tmp_path: Path):
    path = tmp_path / "boxes.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(HicalmError, match=message):
        GivenBoxes.load(path, ["a"])


@pytest.mark.parametrize("counts", [[1, 1], [3, 0]])
def test_objects_must_fit_their_counts(counts: list[int]):
    with pytest.raises(HicalmError, match="3 objects do not fit"):
        Objects(np.zeros((3, 2)), np.array(counts))


def test_a_detector_gives_its_sure_boxes_the_surest_first():
    import torch

    class Fixed(torch.nn.Module):
        def forward(self, pictures: list[torch.Tensor]) -> list[dict[str, torch.Tensor]]:
            assert pictures[0].shape == (3, 100, 200) and float(pictures[0].max()) == 1
            boxes = torch.tensor([[0.0, 0, 9, 9], [5, 5, 50, 50], [1, 1, 2, 2]])
            return [{"boxes": boxes, "scores": torch.tensor([0.4, 0.9, 0.3])}]

    assert Detector(Fixed()).boxes(0, PICTURE).tolist() == [[5, 5, 50, 50], [0, 0, 9, 9]]


def test_a_detector_of_torchvision_runs():
    import torch
    from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

    torch.manual_seed(0)
    model = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)
    found = Detector(model).boxes(0, PICTURE)
    assert found.ndim == 2 and found.shape[1] == 4


def test_weights_that_cannot_be_had_are_one_sentence(monkeypatch: pytest.MonkeyPatch):
    from urllib.error import URLError

    from torchvision.models import detection

    def offline(**options: object) -> None:
        raise URLError("no network")

    monkeypatch.setattr(detection, "fasterrcnn_resnet50_fpn_v2", offline)
    with pytest.raises(HicalmError, match=r"could not be fetched \(URLError\)"):
        Detector.load()
