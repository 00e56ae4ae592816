"""Views of a panorama: all round, in their order, and upright."""

import io

import numpy as np
import pytest
from PIL import Image

from hicalm.importers.panoramas import MOST_WIDTH, panorama_views


def written(picture: np.ndarray, form: str = "PNG") -> io.BytesIO:
    content = io.BytesIO()
    Image.fromarray(picture).save(content, form)
    return content


@pytest.mark.parametrize("width", [600, 3_000])
def test_view_v_looks_30_v_degrees_to_the_right(width: int) -> None:
    # Twelve sectors, the first about the middle of the picture, each a shade of its own.
    degrees = (np.arange(width) + 0.5) / width * 360 - 180
    sectors = (((degrees + 15) // 30) % 12).astype(np.uint8) * 20
    picture = np.broadcast_to(sectors, (width // 2, width)).copy()
    views = list(panorama_views(written(picture)))
    assert len(views) == 12
    for number, view in enumerate(views):
        height, across = view.shape[:2]
        assert view.dtype == np.uint8 and height == round(across * 3 / 4)
        assert (view[height // 2, across // 2] == number * 20).all()
        # 68 degrees wide: the neighbours begin 15 degrees from the middle, and end outside.
        assert (view[height // 2, across // 20] == (number - 1) % 12 * 20).all()
        assert (view[height // 2, -across // 20] == (number + 1) % 12 * 20).all()


def test_above_is_above_and_the_seam_does_not_show() -> None:
    rows = np.linspace(250, 0, 512).astype(np.uint8)
    for view in panorama_views(written(np.repeat(rows[:, None], 1_024, 1))):
        assert (np.diff(view[:, 0, 0].astype(int)) <= 0).all() and view[0, 0, 0] > view[
            -1, 0, 0
        ] + 50
        assert abs(np.diff(view[..., 0].astype(int), axis=1)).max() <= 2


def test_views_are_as_sharp_as_the_panorama_and_no_wider_than_is_shown() -> None:
    small = next(panorama_views(written(np.zeros((256, 512), np.uint8))))
    large = next(panorama_views(written(np.zeros((3_000, 6_000), np.uint8), "JPEG")))
    assert small.shape == (240, 320, 3) and large.shape[1] == MOST_WIDTH
