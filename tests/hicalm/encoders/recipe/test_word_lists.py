"""People's wordings: complete lists, without contradictions, and a tenth that is never learned."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from hicalm.encoders.attributes import attribute_columns
from hicalm.encoders.recipe.word_lists import (
    FOLDER,
    Wording,
    load_background,
    load_frames,
    load_wordings,
    split_held_out,
)
from hicalm.errors import HicalmError


def test_every_value_has_many_wordings_and_no_two_values_of_a_kind_share_one() -> None:
    wordings, owners = load_wordings(), defaultdict(set)
    counts = Counter((wording.kind, wording.value) for wording in wordings)
    assert set(counts) == set(attribute_columns()) and min(counts.values()) >= 60
    for wording in wordings:
        owners[wording.kind, wording.text.lower()].add(wording.value)
    assert [text for text, values in owners.items() if len(values) > 1] == []


def test_background_is_long_and_no_wording() -> None:
    whole = {w.text.lower() for w in load_wordings() if w.form not in ("wall", "floor", "light")}
    background = load_background()
    assert len(background) >= 1500 and len(set(background)) == len(background)
    assert whole.isdisjoint(text.lower() for text in background)


def test_frames_have_their_places() -> None:
    for name, frames in load_frames().items():
        assert {frame.count("{}") for frame in frames} == {2 if name == "join" else 1}


def test_what_is_held_out_differs_by_more_than_a_plural() -> None:
    wordings = load_wordings()
    learned, held = split_held_out(wordings)
    assert sorted(map(repr, learned + held)) == sorted(map(repr, wordings))
    assert 0.08 < len(held) / len(wordings) < 0.12
    assert split_held_out(wordings) == (learned, held)
    forms = ["A galleon", "galleons", "the Galleon", "a schooner", "schooners"]
    for seed in range(20):
        both = [Wording(text, "subject", "sailing ships", "thing") for text in forms]
        sides = [{w.text for w in side} for side in split_held_out(both, seed)]
        assert all(len(side & set(forms[:3])) in (0, 3) for side in sides)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("horses (thing): nags", "expected one of seascape"),
        ("horse (verb): nags", "the forms thing"),
        ("horse: nags", "the forms thing"),
        ("nags", "expected 'name: text; text'"),
    ],
)
def test_broken_lists_are_refused(tmp_path: Path, line: str, message: str) -> None:
    for file in FOLDER.glob("*.txt"):
        (tmp_path / file.name).write_text("# empty\n")
    (tmp_path / "frames.txt").write_text("thing: {}; a picture of {}\n")
    assert load_wordings(tmp_path) == []
    (tmp_path / "subject.txt").write_text(f"# comment\n{line}\n")
    with pytest.raises(HicalmError, match=message):
        load_wordings(tmp_path)
