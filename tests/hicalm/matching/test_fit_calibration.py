"""Calibrations by hand, and their file."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from hicalm import files
from hicalm.errors import HicalmError
from hicalm.matching.fit_calibration import FIT_FILE, FitCalibration, evidence, unlabelled

# Logits of -2, 0 and 2 have the fits .1, .4 and .9.
# A presence of 0 is never right, one of .5 in four of five, and one of 1 always.
BY_HAND = FitCalibration(
    weights=(2.0, 1.0, 0.5),
    several=(0.5, 0.25),
    knots=(-2.0, 0.0, 2.0),
    fits=(0.1, 0.4, 0.9),
    found_weights=(1.0, 0.5, -0.25),
    found_several=(1.0, 0.5),
    found_from=0.3,
    found_knots=(0.0, 0.5, 1.0),
    found_fits=(0.0, 0.8, 1.0),
)


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def test_fits_by_hand() -> None:
    values = np.array([0.5, 0.2, 0.4])
    found = [2 * logit(value) + logit(0.3) + 0.5 for value in values]
    assert evidence(BY_HAND.weights, values, 0.3) == pytest.approx(found)
    # -.347 lies .173 of the way from 0 to -2; -3.12 lies below all knots.
    expected = [0.4 + 0.3 * found[0] / 2, 0.1, 0.4 + 0.3 * found[2] / 2]
    assert BY_HAND.fit(values, 0.3, 1, 1.0) == pytest.approx(expected)
    assert BY_HAND.fit(np.array([0.9]), 0.9, 1, 1.0)[0] == 0.9


def test_a_fit_is_no_higher_than_the_chance_that_any_museum_has_it() -> None:
    values = np.array([0.5, 0.2, 0.9])
    whole = BY_HAND.fit(values, 0.3, 1, 1.0)
    assert BY_HAND.fit(values, 0.3, 1, 0.5) == pytest.approx(0.8 * whole)
    assert BY_HAND.fit(values, 0.3, 1, 0.25) == pytest.approx(0.4 * whole)
    assert not BY_HAND.fit(values, 0.3, 1, 0.0).any()


def test_several_phrases_count_by_the_logarithm_of_their_number() -> None:
    values = np.array([0.5, 0.2])
    one = evidence(BY_HAND.weights, values, 0.3)
    more = [(0.5 + 0.25 * logit(value)) * math.log(3) for value in values]
    expected = np.interp(one + more, BY_HAND.knots, BY_HAND.fits)
    assert BY_HAND.fit(values, 0.3, 3, 1.0) == pytest.approx(expected)
    assert (BY_HAND.fit(values, 0.3, 0, 1.0) == BY_HAND.fit(values, 0.3, 1, 1.0)).all()


def test_presence_by_hand() -> None:
    odds = logit(0.4) + 0.5 * logit(0.2) - 0.25
    assert BY_HAND.presence(0.4, 0.2, 1) == pytest.approx(1 / (1 + math.exp(-odds)))
    of_three = odds + (1 + 0.5 * logit(0.2)) * math.log(3)
    assert BY_HAND.presence(0.4, 0.2, 3) == pytest.approx(1 / (1 + math.exp(-of_three)))
    # Known by a half: logit w - .25 is the logit of the mark, .3, where w is .355.
    edge = 1 / (1 + math.exp(-(logit(0.3) + 0.25)))
    assert BY_HAND.presence(edge, 0.5, 1) == pytest.approx(BY_HAND.found_from)
    assert BY_HAND.presence(edge + 1e-6, 0.5, 1) > 0.3 > BY_HAND.presence(edge - 1e-6, 0.5, 1)
    everything = [BY_HAND.presence(best, known, 1) for best in (0.0, 1.0) for known in (0.0, 1.0)]
    assert np.isfinite(everything).all() and everything == sorted(everything)


def test_better_values_and_knowledge_never_fit_worse() -> None:
    values = np.linspace(0, 1, 101)
    fits = np.array([BY_HAND.fit(values, known, 1, 1.0) for known in np.linspace(0, 1, 21)])
    assert (np.diff(fits, axis=0) >= 0).all() and (np.diff(fits, axis=1) >= 0).all()
    assert fits.min() == 0.1 and fits.max() == 0.9


def test_without_labels_a_value_is_its_fit() -> None:
    values = np.linspace(0.001, 0.999, 50)
    calibration = unlabelled()
    assert calibration.fit(values, 0.2, 1, 0.3) == pytest.approx(values, abs=1e-3)
    edges = calibration.fit(np.array([0.0, 1.0]), 1.0, 1, 0.5)
    assert edges == pytest.approx([0, 1], abs=1e-3) and np.isfinite(edges).all()
    assert calibration.presence(0.7, 0.2, 3) == pytest.approx(0.7)
    assert calibration.found_from == 0.5
    assert calibration.presence(0.501, 0.0, 1) > 0.5 > calibration.presence(0.499, 1.0, 1)


def test_files_there_and_back(tmp_path: Path) -> None:
    BY_HAND.save(tmp_path)
    assert FitCalibration.load(tmp_path) == BY_HAND
    unlabelled().save(tmp_path)
    assert FitCalibration.load(tmp_path) == unlabelled()
    assert [file.name for file in tmp_path.iterdir()] == [FIT_FILE]


def test_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    BY_HAND.save(tmp_path)

    def fail(path: Path, text: str, encoding: str) -> None:
        path.write_bytes(text[:20].encode())
        raise OSError("No space left on device")

    monkeypatch.setattr(files.Path, "write_text", fail)
    with pytest.raises(OSError, match="No space"):
        unlabelled().save(tmp_path)
    assert FitCalibration.load(tmp_path) == BY_HAND
    assert [file.name for file in tmp_path.iterdir()] == [FIT_FILE]


CONTENT = {
    "weights": [1, 0, 0],
    "several": [0, 0],
    "knots": [-1, 1],
    "fits": [0, 1],
    "found_weights": [1, 0, 0],
    "found_several": [0, 0],
    "found_from": 0.5,
    "found_knots": [0, 1],
    "found_fits": [0, 1],
}


def changed(**changes: object) -> str:
    return json.dumps(CONTENT | changes)


DAMAGED = {
    "empty": "",
    "half": changed()[:30],
    "a list": "[1, 2]",
    "null": "null",
    "deep": "[" * 100_000,
    "two weights": changed(weights=[1, 0]),
    "weights of text": changed(weights=["a", "b", "c"]),
    "no found_from": json.dumps({key: CONTENT[key] for key in CONTENT if key != "found_from"}),
    "no knots": changed(knots=[], fits=[]),
    "more knots than fits": changed(knots=[-1, 0, 1]),
    "falling knots": changed(knots=[1, -1]),
    "falling fits": changed(fits=[1, 0]),
    "fits above 1": changed(fits=[0, 1.5]),
    "fits below 0": changed(fits=[-0.5, 1]),
    "a knot that is no number": changed(knots=[float("nan"), 1]),
    "a fit that is no number": changed(knots=[1], fits=[float("nan")]),
    "null as a mark": changed(found_from=None),
    "no found_weights": json.dumps(
        {key: CONTENT[key] for key in CONTENT if key != "found_weights"}
    ),
    "three weights of several": changed(several=[0, 0, 0]),
    "more knots than fits of found": changed(found_knots=[0, 0.5, 1]),
    "falling fits of found": changed(found_fits=[1, 0]),
    "four weights of found": changed(found_weights=[1, 0, 0, 0]),
    "one number for three": changed(found_weights=1),
}
ACCEPTED = {
    "weights that are no numbers": changed(weights=[float("nan"), 0, 0]),
    "weights of found that are no numbers": changed(found_weights=[0, float("nan"), 0]),
    "endless weights": changed(weights=[float("inf"), 0, 0]),
    "a mark that is no number": changed(found_from=float("nan")),
    "a mark above 1": changed(found_from=7),
    "a number too large": changed(found_from=10**400),
}


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    (tmp_path / FIT_FILE).write_text(json.dumps(CONTENT))
    assert FitCalibration.load(tmp_path).found_fits == (0, 1)


def assert_refused(folder: Path, content: str) -> None:
    (folder / FIT_FILE).write_text(content)
    with pytest.raises(HicalmError, match=FIT_FILE) as caught:
        FitCalibration.load(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damaged_files_are_refused_in_one_sentence(tmp_path: Path, content: str) -> None:
    assert_refused(tmp_path, content)


@pytest.mark.parametrize("content", ACCEPTED.values(), ids=ACCEPTED)
def test_numbers_that_are_none_are_refused(tmp_path: Path, content: str) -> None:
    assert_refused(tmp_path, content)


def test_other_bytes_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match="match calibrate"):
        FitCalibration.load(tmp_path)
    (tmp_path / FIT_FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(HicalmError, match="does not hold a calibration of fits"):
        FitCalibration.load(tmp_path)
