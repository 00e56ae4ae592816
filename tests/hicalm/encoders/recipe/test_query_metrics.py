"""F1 and AUROC by hand, and a reader that knows everything."""

import numpy as np
import pytest

from hicalm.encoders.attributes import attribute_columns
from hicalm.encoders.recipe.query_metrics import auroc, f1_by_kind, query_metrics
from hicalm.encoders.recipe.word_lists import load_background, load_wordings

COLUMNS = attribute_columns()


def test_f1_counts_by_kind() -> None:
    horse, bird, red = (
        COLUMNS[pair] for pair in (("subject", "horse"), ("subject", "bird"), ("wall_color", "red"))
    )
    labels, read = np.zeros((2, len(COLUMNS)), bool), np.zeros((2, len(COLUMNS)))
    labels[0, [horse, red]] = labels[1, horse] = True
    read[0, [horse, bird]] = read[0, red] = 0.9
    f1 = f1_by_kind(read, labels)
    assert f1["subject"] == pytest.approx(0.5)  # one of two is found, beside one false alarm
    assert f1["wall_color"] == f1["style"] == 1
    assert f1["all"] == pytest.approx(4 / 6)


def test_auroc_is_the_chance_to_stand_above() -> None:
    assert auroc(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1
    assert auroc(np.array([1.0, 3.0]), np.array([1.0, 2.0])) == pytest.approx(0.625)
    assert auroc(np.array([0.5]), np.array([0.5])) == 0.5


def test_a_reader_of_nothing_finds_nothing() -> None:
    metrics = query_metrics(
        lambda texts: np.zeros((len(texts), len(COLUMNS))),
        load_wordings()[::50],
        load_background()[:20],
    )
    assert metrics["single"]["all"] == metrics["combined"]["all"] == metrics["false_alarms"] == 0
    assert metrics["missed"] == 1 and metrics["auroc"] == 0.5
