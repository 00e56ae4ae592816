"""Every subject of the vocabulary has a painter that is a pure function of its generator."""

import numpy as np
import pytest

from hicalm.world.palettes import draw_palette
from hicalm.world.seeds import generator
from hicalm.world.subjects import SUBJECT_PAINTERS
from hicalm.world.vocabulary import PALETTES, SUBJECTS

SIZES = [(96, 120), (192, 192), (300, 240)]


def _picture(subject: str, seed: int, palette: str, height: int, width: int) -> np.ndarray:
    rng = generator(seed, subject)
    return SUBJECT_PAINTERS[subject](rng, draw_palette(palette, rng), height, width)


def test_every_subject_has_a_painter() -> None:
    assert set(SUBJECT_PAINTERS) == set(SUBJECTS)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_picture_has_shape_type_and_range(subject: str, height: int, width: int) -> None:
    for seed in range(12):
        image = _picture(subject, seed, PALETTES[seed % len(PALETTES)], height, width)
        assert image.shape == (height, width, 3)
        assert image.dtype == np.float32
        assert np.isfinite(image).all()
        assert image.min() >= 0
        assert image.max() <= 255
        assert image.std() > 10


@pytest.mark.parametrize("subject", SUBJECTS)
def test_only_the_generator_decides(subject: str) -> None:
    first = _picture(subject, 5, "greens", 96, 96)
    assert first.tobytes() == _picture(subject, 5, "greens", 96, 96).tobytes()
    assert np.abs(first - _picture(subject, 6, "greens", 96, 96)).mean() > 3


@pytest.mark.parametrize("subject", SUBJECTS)
def test_greyscale_pictures_have_no_colour(subject: str) -> None:
    image = _picture(subject, 3, "greyscale", 120, 96)
    assert np.ptp(image, axis=2).max() < 3
