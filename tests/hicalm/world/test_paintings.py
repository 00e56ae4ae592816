"""Paintings: every style and palette, determinism, sizes, and the caller's mistakes."""

import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.world import vocabulary
from hicalm.world.paintings import ASPECTS, SMALLEST, paint
from hicalm.world.styles import NON_FIGURATIVE_PAINTERS, STYLE_PAINTERS

SIZE = 96
GREY_CHROMA = 4  # the greatest difference between the channels of a grey pixel, 0..255


def painting(style: str, palette: str = "cool blues", subject: str = "horse") -> dict:
    """Return a painting whose subject fits the style."""
    figurative = style in vocabulary.FIGURATIVE_STYLES
    return {"subject": subject if figurative else None, "style": style, "palette": palette}


def test_the_painters_cover_the_vocabulary() -> None:
    assert tuple(STYLE_PAINTERS) == vocabulary.FIGURATIVE_STYLES
    assert tuple(NON_FIGURATIVE_PAINTERS) == vocabulary.NON_FIGURATIVE_STYLES


@pytest.mark.parametrize("palette", vocabulary.PALETTES)
@pytest.mark.parametrize("style", vocabulary.STYLES)
def test_every_style_paints_in_every_palette(style: str, palette: str) -> None:
    picture = paint(painting(style, palette), seed=5, size=SIZE)
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    assert max(picture.shape) == SIZE
    assert picture.std() > 4  # not a blank canvas


@pytest.mark.parametrize("subject", vocabulary.SUBJECTS)
def test_every_subject_is_painted(subject: str) -> None:
    assert paint(painting("ukiyo-e", subject=subject), seed=1, size=SIZE).std() > 4


@pytest.mark.parametrize("style", vocabulary.STYLES)
def test_a_painting_depends_on_its_seed_alone(style: str) -> None:
    first = paint(painting(style), seed=11, size=SIZE)
    np.random.default_rng().random()
    paint(painting("op art"), seed=12, size=SIZE)
    again = paint({**painting(style), "title": "Dawn", "artist": "A. Bell"}, seed=11, size=SIZE)
    other = paint(painting(style), seed=13, size=SIZE)
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_the_palette_changes_the_colours_but_not_the_aspect() -> None:
    warm, green = (
        paint(painting("de stijl", palette), seed=3, size=SIZE)
        for palette in ("warm sunset", "greens")
    )
    assert warm.shape == green.shape
    warm_mean, green_mean = (p.reshape(-1, 3).mean(axis=0) for p in (warm, green))
    assert warm_mean[0] - warm_mean[1] > green_mean[0] - green_mean[1] + 30


@pytest.mark.parametrize("style", vocabulary.NON_FIGURATIVE_STYLES)
@pytest.mark.parametrize("seed", range(4))
def test_greyscale_has_no_colour_in_non_figurative_styles(style: str, seed: int) -> None:
    picture = paint(painting(style, "greyscale"), seed, SIZE).astype(int)
    assert np.ptp(picture, axis=2).max() <= GREY_CHROMA


@pytest.mark.parametrize("size", [SMALLEST, 64, 101, 192, 320])
@pytest.mark.parametrize("style", ["impressionist", "pop art", "chiaroscuro", "suprematist"])
def test_the_longest_side_has_the_size_asked_for(style: str, size: int) -> None:
    assert max(paint(painting(style), seed=2, size=size).shape) == size


def test_the_aspect_comes_from_the_seed_and_not_from_the_size() -> None:
    shapes = {}
    for seed in range(12):
        for size in (100, 200):
            height, width = paint(painting("op art"), seed, size).shape[:2]
            shapes.setdefault(seed, set()).add((width / size, height / size))
    assert all(len(aspects) == 1 for aspects in shapes.values())
    assert set.union(*shapes.values()) == set(ASPECTS)


def test_a_non_figurative_style_refuses_a_subject() -> None:
    with pytest.raises(HicalmError, match=r"op art.*'horse'"):
        paint({"subject": "horse", "style": "op art", "palette": "greens"}, seed=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"style": "rococo"}, "Unknown style 'rococo'.*impressionist.*suprematist"),
        ({"palette": "neon"}, "Unknown palette 'neon'.*warm sunset.*purples"),
        ({"subject": "cat"}, "Unknown subject 'cat'.*seascape.*garden"),
        ({"subject": None}, "Unknown subject None.*seascape"),
    ],
)
def test_unknown_names_are_refused_with_the_valid_ones(changes: dict, message: str) -> None:
    with pytest.raises(HicalmError, match=message):
        paint({**painting("cubist"), **changes}, seed=1)


def test_a_size_too_small_is_refused() -> None:
    with pytest.raises(HicalmError, match=rf"{SMALLEST} pixels.*received 8"):
        paint(painting("cubist"), seed=1, size=8)
