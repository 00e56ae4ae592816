"""Combinations: shares of the splits, coverage, and what a split may hang."""

from collections import Counter

import pytest

from hicalm.world.combinations import all_combinations, allowed_combinations, combination_split
from hicalm.world.vocabulary import NON_FIGURATIVE_STYLES, PALETTES, STYLES, SUBJECTS


def test_there_are_872_different_combinations():
    combinations = all_combinations()

    assert len(combinations) == len(set(combinations)) == 13 * 8 * 8 + 5 * 8


def test_only_non_figurative_styles_have_no_subject():
    for subject, style, _ in all_combinations():
        assert (subject is None) == (style in NON_FIGURATIVE_STYLES)


def test_the_split_of_a_combination_never_changes():
    assert combination_split("horse", "cubist", "greens") == "train"
    assert combination_split("horse", "cubist", "greens") == combination_split(
        "horse", "cubist", "greens"
    )


def test_the_shares_are_close_to_84_6_and_10_percent():
    counts = Counter(combination_split(*c) for c in all_combinations())

    assert counts["train"] / 872 == pytest.approx(0.84, abs=0.03)
    assert counts["validation"] / 872 == pytest.approx(0.06, abs=0.03)
    assert counts["test"] / 872 == pytest.approx(0.10, abs=0.03)


def test_every_value_is_in_many_training_combinations():
    train = [c for c in all_combinations() if combination_split(*c) == "train"]
    counts = Counter(value for c in train for value in c)

    assert min(counts[subject] for subject in SUBJECTS) >= 45
    assert min(counts[palette] for palette in PALETTES) >= 75
    assert min(counts[style] for style in STYLES) >= 5


def test_evaluation_museums_hang_training_combinations_and_their_own():
    train, validation, test = map(allowed_combinations, ("train", "validation", "test"))

    assert set(validation) & set(test) == set(train)
    assert {combination_split(*c) for c in test} == {"train", "test"}
    assert {combination_split(*c) for c in validation} == {"train", "validation"}


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="unknown split 'holdout'"):
        allowed_combinations("holdout")
