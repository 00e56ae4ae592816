"""Relevance by ground truth: exact gains of a hand-made museum, and bad query files."""

import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hicalm.errors import HicalmError
from hicalm.world import vocabulary
from hicalm.world.relevance import Predicate, gains, load_queries, museum_gain, room_gain


def painting(subject: str | None, style: str, palette: str) -> dict:
    return {"subject": subject, "style": style, "palette": palette, "title": "", "artist": ""}


def room(paintings: list[dict], objects: tuple[str, ...] = ()) -> dict:
    look = {"wall_color": "red", "floor": "wood", "lighting": "dim"}
    return {"name": "Room", **look, "objects": list(objects), "paintings": paintings}


HORSES = room(
    [
        painting("horse", "cubist", "greens"),
        painting("horse", "watercolour", "greens"),
        painting("bird", "cubist", "greens"),
        painting(None, "op art", "purples"),
    ],
    objects=("bench", "plant"),
)
EMPTY = room([])


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (Predicate(subject="horse"), 0.5),
        (Predicate(style="cubist"), 0.5),
        (Predicate(palette="greens"), 0.75),
        (Predicate(subject="horse", style="cubist"), 0.25),
        (Predicate(style="op art", palette="purples"), 0.25),
        (Predicate(subject="desert"), 0.0),
        (Predicate(wall_color="red"), 1.0),
        (Predicate(wall_color="blue"), 0.0),
        (Predicate(floor="wood", lighting="dim"), 1.0),
        (Predicate(floor="wood", lighting="warm"), 0.0),
        (Predicate(objects=("bench",)), 1.0),
        (Predicate(objects=("plant", "bench")), 1.0),
        (Predicate(objects=("bench", "column")), 0.0),
        (Predicate(subject="horse", wall_color="red"), 0.5),
        (Predicate(subject="horse", wall_color="blue"), 0.0),
        (Predicate(subject="horse", objects=("column",)), 0.0),
    ],
)
def test_room_gain_by_hand(predicate: Predicate, expected: float) -> None:
    assert room_gain(predicate, HORSES) == expected


def test_room_without_paintings_satisfies_only_predicates_over_rooms() -> None:
    assert room_gain(Predicate(subject="horse"), EMPTY) == 0.0
    assert room_gain(Predicate(wall_color="red"), EMPTY) == 1.0


def test_museum_has_the_gain_of_its_best_room() -> None:
    one_horse = room([painting("horse", "cubist", "greens")])
    assert museum_gain(Predicate(subject="horse"), {"rooms": [HORSES, one_horse, EMPTY]}) == 1.0
    assert museum_gain(Predicate(subject="bird"), {"rooms": [HORSES, one_horse, EMPTY]}) == 0.25
    assert museum_gain(Predicate(subject="horse"), {"rooms": []}) == 0.0


def test_gains_are_one_float_a_museum() -> None:
    museums = [{"rooms": [HORSES]}, {"rooms": [EMPTY]}]
    result = gains(Predicate(palette="greens"), museums)
    assert result.dtype == np.float64
    assert result.tolist() == [0.75, 0.0]
    assert gains(Predicate(palette="greens"), []).shape == (0,)


paintings = st.builds(
    painting,
    st.sampled_from([*vocabulary.SUBJECTS[:3], None]),
    st.sampled_from(vocabulary.STYLES[:3]),
    st.sampled_from(vocabulary.PALETTES[:3]),
)
museums = st.fixed_dictionaries(
    {"rooms": st.lists(st.builds(room, st.lists(paintings, max_size=4)), max_size=3)}
)
predicates = st.builds(
    Predicate,
    subject=st.sampled_from([*vocabulary.SUBJECTS[:3], None]),
    style=st.sampled_from(vocabulary.STYLES[:3]),
    wall_color=st.sampled_from(["red", None]),
)


@given(predicates, st.lists(museums, max_size=6), st.randoms(use_true_random=False))
def test_permuting_museums_permutes_gains(
    predicate: Predicate, pool: list[dict], shuffler: random.Random
) -> None:
    order = list(range(len(pool)))
    shuffler.shuffle(order)
    expected = gains(predicate, pool)[order] if order else np.zeros(0)
    assert np.array_equal(gains(predicate, [pool[i] for i in order]), expected)


@given(predicates, museums)
def test_asking_for_more_never_gains(predicate: Predicate, museum: dict) -> None:
    looser = Predicate(style=predicate.style)
    assert 0 <= museum_gain(predicate, museum) <= museum_gain(looser, museum) <= 1


def test_predicate_from_json() -> None:
    value = {"painting": {"subject": "bird"}, "room": {"floor": "wood", "objects": ["bench"]}}
    expected = Predicate(subject="bird", floor="wood", objects=("bench",))
    assert Predicate.from_json(value) == expected
    assert expected.painting == {"subject": "bird"}
    assert expected.room == {"floor": "wood"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "asks for nothing"),
        ({"painting": {}, "room": {"objects": []}}, "asks for nothing"),
        ({"paintings": {}}, r"Unknown key 'paintings' in the predicate; choose from painting"),
        ({"painting": {"title": "x"}}, r"Unknown key 'title' in 'painting'"),
        ({"room": {"wall": "red"}}, r"Unknown key 'wall' in 'room'; choose from wall_color"),
        ({"painting": {"subject": "cow"}}, r"Unknown subject 'cow'; choose from seascape"),
        ({"painting": {"style": ["cubist"]}}, r"Unknown style \['cubist'\]"),
        ({"painting": {"subject": None}}, r"'subject' is null"),
        ({"room": {"objects": ["sofa"]}}, r"Unknown objects 'sofa'"),
        ({"room": {"objects": "bench"}}, r"has to be a list, not 'bench'"),
        ({"room": "red"}, r"Expected 'room' to be an object, got 'red'"),
    ],
)
def test_bad_predicates(value: dict, message: str) -> None:
    with pytest.raises(HicalmError, match=message):
        Predicate.from_json(value)


def write(path, *lines: object) -> str:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    return str(path)


def test_load_queries_keeps_the_order_and_picks_the_half(tmp_path) -> None:
    path = write(
        tmp_path / "queries.jsonl",
        {"query": "ponies", "split": "test", "painting": {"subject": "horse"}},
        "",
        {"query": "a red room", "split": "validation", "room": {"wall_color": "red"}},
        {"query": "owls", "split": "test", "painting": {"subject": "bird"}},
    )
    assert [query.text for query in load_queries(path)] == ["ponies", "a red room", "owls"]
    assert [query.text for query in load_queries(path, "test")] == ["ponies", "owls"]
    assert load_queries(path, "validation")[0].predicate == Predicate(wall_color="red")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: Expecting property name"),
        ("[1]", r"line 2: Expected the line to be an object, got \[1\]"),
        ({"split": "test"}, "line 2: 'query' has to be a text, not None"),
        ({"query": " ", "split": "test"}, "line 2: 'query' has to be a text"),
        ({"query": "x"}, "line 2: Unknown split None; choose from validation, test"),
        ({"query": "x", "split": "test"}, "line 2: The predicate asks for nothing"),
        ({"query": "x", "split": "test", "kind": 1}, "line 2: Unknown key 'kind'"),
    ],
)
def test_bad_query_lines_are_named(tmp_path, line: object, message: str) -> None:
    good = {"query": "ponies", "split": "test", "painting": {"subject": "horse"}}
    path = write(tmp_path / "queries.jsonl", good, line)
    with pytest.raises(HicalmError, match=message):
        load_queries(path)


def test_missing_file_and_unknown_half(tmp_path) -> None:
    with pytest.raises(HicalmError, match="cannot be read"):
        load_queries(tmp_path / "none.jsonl")
    with pytest.raises(HicalmError, match="Unknown split 'train'"):
        load_queries(tmp_path / "none.jsonl", "train")
