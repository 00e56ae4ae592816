"""Paintings of the built-in world: a subject, a style and a palette become a picture.

A painting is a pure function of those three names, a seed and a size. Palette, subject and style
draw from streams of their own, so that changing one leaves the others as they are.
"""

from collections.abc import Collection

import numpy as np

from hicalm.errors import HicalmError
from hicalm.world import vocabulary
from hicalm.world.palettes import Palette, draw_palette
from hicalm.world.seeds import generator
from hicalm.world.styles import NON_FIGURATIVE_PAINTERS, STYLE_PAINTERS
from hicalm.world.subjects import SUBJECT_PAINTERS

ASPECTS = ((1.0, 1.0), (4 / 5, 1.0), (1.0, 4 / 5))  # width and height, fractions of the longer
SMALLEST = 32  # pixels: below it the marks of most styles vanish


def paint(painting: dict, seed: int, size: int = 192) -> np.ndarray:
    """Return the painting as an RGB picture, uint8 (height, width, 3), longest side ``size``.

    ``painting`` holds "subject" (None for a non-figurative style), "style" and "palette", names
    of ``hicalm.world.vocabulary``; other keys do not matter. The aspect comes from the seed.

    Raises:
        HicalmError: a name is unknown (the message lists the valid ones), the subject does not
            go with the style, or the size is below ``SMALLEST``.
    """
    _check(painting, size)
    height, width = picture_shape(seed, size)
    palette = draw_palette(painting["palette"], generator(seed, "painting", "palette"))
    style_stream = generator(seed, "painting", "style")
    if painting["style"] in NON_FIGURATIVE_PAINTERS:
        painter = NON_FIGURATIVE_PAINTERS[painting["style"]]
        picture = painter(style_stream, palette, height, width)
    else:
        picture = _subject(painting["subject"], seed, palette, height, width)
        picture = STYLE_PAINTERS[painting["style"]](style_stream, picture, palette)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def picture_shape(seed: int, size: int) -> tuple[int, int]:
    """Return the height and width of the painting of a seed, in pixels."""
    shares = ASPECTS[generator(seed, "painting", "aspect").integers(len(ASPECTS))]
    return round(size * shares[1]), round(size * shares[0])


def _subject(subject: str, seed: int, palette: Palette, height: int, width: int) -> np.ndarray:
    stream = generator(seed, "painting", "subject")
    picture = SUBJECT_PAINTERS[subject](stream, palette, height, width)
    return np.clip(picture, 0, 255).astype(np.float32)


def _check(painting: dict, size: int) -> None:
    style, subject = painting.get("style"), painting.get("subject")
    _check_name("style", style, vocabulary.STYLES)
    _check_name("palette", painting.get("palette"), vocabulary.PALETTES)
    if style in vocabulary.NON_FIGURATIVE_STYLES:
        if subject is not None:
            raise HicalmError(
                f"A painting in the style {style!r} shows no subject: "
                f"expected None, received {subject!r}."
            )
    else:
        _check_name("subject", subject, vocabulary.SUBJECTS)
    if size < SMALLEST:
        raise HicalmError(f"A painting is at least {SMALLEST} pixels wide, received {size}.")


def _check_name(kind: str, name: object, valid: Collection[str]) -> None:
    if name not in valid:
        raise HicalmError(f"Unknown {kind} {name!r}; valid ones are: {', '.join(valid)}.")
