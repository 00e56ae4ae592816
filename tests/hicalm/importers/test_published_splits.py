"""The splits of GamingMV are those that its training script draws."""

import numpy as np

from hicalm.importers.published_splits import draw_splits


def test_the_drawn_splits_are_the_published_ones() -> None:
    names = [f"world {number:03d}" for number in range(239)]
    splits = draw_splits(names)
    drawn = {
        split: [n for n, name in enumerate(names) if splits[name] == split]
        for split in ("train", "validation", "test")
    }
    assert {split: len(worlds) for split, worlds in drawn.items()} == {
        "train": 145, "validation": 44, "test": 50,
    }  # fmt: skip
    state = np.random.RandomState(0)
    assert drawn["train"] == sorted(state.permutation(239)[:145])
    rest = np.array(sorted(set(range(239)) - set(drawn["train"])))
    assert drawn["validation"] == sorted(rest[state.permutation(94)[:44]])
    assert drawn["validation"][:5] == [17, 23, 25, 32, 35]
    assert drawn["test"][:5] == [1, 6, 9, 11, 21]


def test_other_numbers_of_worlds_are_shared_out_alike() -> None:
    for number in range(1, 20):
        splits = list(draw_splits([f"{n:02d}" for n in range(number)]).values())
        assert len(splits) == number and abs(splits.count("train") / number - 145 / 239) <= 0.5
