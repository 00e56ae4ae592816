"""The directions that stand for attributes."""

import torch

from hicalm.encoders.attributes import (
    anchors,
    attribute_columns,
    kind_slices,
)


def test_anchors_are_orthonormal_and_fixed() -> None:
    directions = anchors()
    assert directions.shape == (len(attribute_columns()), 256)
    torch.testing.assert_close(
        directions @ directions.T, torch.eye(len(directions)), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(directions, anchors(), atol=0, rtol=0)
    stops = [columns.stop for columns in kind_slices().values()]
    assert stops[-1] == len(directions)


def test_anchors_are_the_same_at_every_call() -> None:
    count = len(attribute_columns())
    torch.testing.assert_close(anchors() @ anchors().T, torch.eye(count), atol=1e-5, rtol=0)
    assert torch.equal(anchors(), anchors())
