"""Which combinations of subject, style and palette a split may hang.

A share of all combinations is kept away from the training museums, so that an encoder or a
retrieval model can be judged on paintings of a kind that no weight has seen.
"""

import hashlib
from functools import cache

from hicalm.world.vocabulary import FIGURATIVE_STYLES, NON_FIGURATIVE_STYLES, PALETTES, SUBJECTS

TRAIN_SHARE = 0.84
VALIDATION_SHARE = 0.06

Combination = tuple[str | None, str, str]


def combination_split(subject: str | None, style: str, palette: str) -> str:
    """Return 'train', 'validation' or 'test' for one combination, by a hash stable everywhere.

    About 84 % of all combinations are for training, 6 % for validation and 10 % for the test.
    ``subject`` is ``None`` for the non-figurative styles.
    """
    text = "|".join((subject or "", style, palette))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    position = int.from_bytes(digest, "big") / 2**64
    if position < TRAIN_SHARE:
        return "train"
    return "validation" if position < TRAIN_SHARE + VALIDATION_SHARE else "test"


@cache
def all_combinations() -> tuple[Combination, ...]:
    """Return every combination that can be painted: 13 x 8 x 8 figurative ones and 5 x 8 others."""
    figurative: list[Combination] = [
        (subject, style, palette)
        for subject in SUBJECTS
        for style in FIGURATIVE_STYLES
        for palette in PALETTES
    ]
    abstract: list[Combination] = [
        (None, style, palette) for style in NON_FIGURATIVE_STYLES for palette in PALETTES
    ]
    return tuple(figurative + abstract)


@cache
def allowed_combinations(split: str) -> tuple[Combination, ...]:
    """Return the combinations that museums of ``split`` hang.

    Training museums hang only combinations of the training share; validation and test museums
    hang these and the ones of their own share.

    Raises ``ValueError`` for an unknown split.
    """
    if split not in ("train", "validation", "test"):
        raise ValueError(f"unknown split {split!r}: use 'train', 'validation' or 'test'")
    return tuple(c for c in all_combinations() if combination_split(*c) in ("train", split))
