"""The value of a plan with only some views or phrases, in the second of three small museums."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings

from hicalm.explain.owen import owen
from hicalm.explain.shapley import subsets
from hicalm.matching.plan_game import PlanGame, asked_numbers, pruned
from hicalm.matching.plan_scorer import (
    AttributeRooms,
    PlanScorer,
    QueryPhrases,
    RoomReader,
    SimilarRooms,
)
from hicalm.matching.room_matcher import RoomMatcher
from hicalm.matching.similarity_matcher import Background, SimilarityMatcher
from hicalm.reading.query_plan import And, Count, Not, Phrase, Plan, Rooms, Then, phrases
from tests.hicalm.matching.read_rooms import random_networks, random_views, read, read_vectors
from tests.hicalm.matching.shown_rooms import plans

A, B, C, D = (Phrase(text=text) for text in "abcd")
VIEW_COUNTS = np.array([2, 3, 2, 3, 1, 1, 2])
ROOM_COUNTS = np.array([2, 3, 2])
OWN = slice(2, 5)  # the rooms of the museum
COUNTS = VIEW_COUNTS[OWN]
VIEWS = int(COUNTS.sum())
PLANS = {
    "phrase": A,
    "then": Then((A, B)),
    "different": And((A, C, D), "different"),
    "count": Count(2, C),
    "same": And((A, Not(C, "painting"), Not(D, "room")), "same"),
    "not": Not(A, "museum"),
    "any": And((B, Not(Count(2, A), "museum"), Rooms(2, 3)), "any"),
}
steady = settings(derandomize=True, max_examples=40)


def attribute_rooms() -> RoomReader:
    views = random_views(3, int(VIEW_COUNTS.sum()))
    return AttributeRooms(RoomMatcher.of(random_networks(), views, VIEW_COUNTS))


def similar_rooms() -> RoomReader:
    rooms = np.random.default_rng(2).standard_normal((len(VIEW_COUNTS), 4))
    rooms /= np.linalg.norm(rooms, axis=1, keepdims=True)
    background = Background(np.full(len(rooms), -0.4), np.full(len(rooms), 0.4), 0.0, 1.0)
    return SimilarRooms(SimilarityMatcher(background, rooms))


READERS = {"attributes": (attribute_rooms, read), "similar": (similar_rooms, read_vectors)}


def game_of(kind: str, plan: Plan) -> tuple[PlanGame, QueryPhrases]:
    reader, phrases_read = READERS[kind]
    return PlanGame(reader(), OWN, COUNTS, plan), phrases_read()


def whole(game: PlanGame, said: QueryPhrases) -> float:
    return float(game.values(said, np.ones((1, VIEWS), bool))[0])


def none(game: PlanGame, said: QueryPhrases) -> float:
    return float(game.values(said, np.zeros((1, VIEWS), bool))[0])


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("kind", READERS)
def test_all_views_are_worth_the_value_of_the_plan(kind: str, plan: Plan) -> None:
    game, said = game_of(kind, plan)
    expected = PlanScorer(READERS[kind][0](), ROOM_COUNTS).over(said).value(plan)
    assert whole(game, said) == pytest.approx(expected[1], abs=1e-6)
    assert np.ptp(expected) > 1e-3  # the other museums are worth something else


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_some_views_are_worth_a_museum_of_them(plan: Plan) -> None:
    game, said = game_of("attributes", plan)
    present = np.random.default_rng(0).random((6, VIEWS)) < 0.6
    present[0, :3] = False
    first = int(VIEW_COUNTS[: OWN.start].sum())
    for row, found in zip(present, game.values(said, present), strict=True):
        counts = np.add.reduceat(row.astype(int), np.cumsum(COUNTS) - COUNTS)
        views = random_views(3, int(VIEW_COUNTS.sum()))[first : first + VIEWS][row]
        alone = PlanGame(
            AttributeRooms(RoomMatcher.of(random_networks(), views, counts[counts > 0])),
            slice(0, int((counts > 0).sum())),
            counts[counts > 0],
            _without_limits(plan),
        )
        expected = alone.values(said, np.ones((1, int(row.sum())), bool))[0]
        assert found == pytest.approx(expected, abs=1e-6)


def _without_limits(plan: Plan) -> Plan:
    # Limits are of the museum as it is, and hold for it.
    if isinstance(plan, And) and plan.rooms == "any":
        return And(plan.parts[:2], "any")
    return plan


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("kind", READERS)
def test_no_views_are_worth_the_baseline(kind: str, plan: Plan) -> None:
    game, said = game_of(kind, plan)
    assert none(game, said) == game.baseline == float(plan == PLANS["not"])


@pytest.mark.parametrize(
    "plan",
    [
        Not(A, "room"),  # a room without: there is none
        Not(A, "painting"),
        Then((Not(A, "room"), Not(B, "room"))),
        And((Not(A, "museum"), Not(B, "room")), "any"),
        And((Not(A, "museum"), Rooms(9, 9)), "any"),  # of three rooms
        Rooms(9, 9),
    ],
    ids=["room", "painting", "then", "museum and room", "limits", "only limits"],
)
def test_the_baseline_of_what_is_not_to_be_there(plan: Plan) -> None:
    game, said = game_of("attributes", plan)
    assert none(game, said) == game.baseline


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize(("kind", "most"), [("attributes", 1e-6), ("similar", 1e-9)])
def test_contributions_add_up(kind: str, most: float, plan: Plan) -> None:
    # The networks compute in float32: read beside other rooms, a room differs in its last digits.
    game, said = game_of(kind, plan)
    shares = owen(COUNTS, lambda rows: game.values(said, rows)[:, None], budget=4096)
    assert not shares.error.any()
    assert abs(shares.member.sum() - (whole(game, said) - game.baseline)) < most
    assert np.abs(shares.member).max() > 1e-4


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("kind", READERS)
def test_contributions_of_all_subsets_read_at_once_add_up(kind: str, plan: Plan) -> None:
    game, said = game_of(kind, plan)
    table = game.values(said, subsets(VIEWS))
    numbers = 1 << np.arange(VIEWS)
    shares = owen(COUNTS, lambda rows: table[rows @ numbers][:, None], budget=4096)
    gained = table[-1] - game.baseline
    assert abs(shares.member.sum() - gained) < 1e-9
    assert abs(shares.group.sum() - gained) < 1e-9
    of_rooms = np.add.reduceat(shares.member[:, 0], np.cumsum(COUNTS) - COUNTS)
    assert np.abs(of_rooms - shares.group[:, 0]).max() < 1e-9


def test_similar_rooms_share_evenly() -> None:
    game, said = game_of("similar", Then((A, B)))
    shares = owen(COUNTS, lambda rows: game.values(said, rows)[:, None], budget=4096)
    even = np.repeat(shares.group[:, 0] / COUNTS, COUNTS)
    assert shares.member[:, 0] == pytest.approx(even, abs=1e-12)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("kind", READERS)
def test_phrases_that_are_said(kind: str, plan: Plan) -> None:
    game, said = game_of(kind, plan)
    everything = {number: phrase.text for number, phrase in enumerate(phrases(plan))}
    found = game.phrase_values([everything, {}, {0: "d"}], READERS[kind][1])
    assert found[0] == pytest.approx(whole(game, said), abs=1e-6)
    assert found[1] == game.baseline
    left = pruned(plan, {0: "d"})
    assert left is not None
    other, _ = game_of(kind, left)
    assert found[2] == pytest.approx(whole(other, said), abs=1e-6)


def test_only_what_is_said_is_read() -> None:
    game, _ = game_of("attributes", Then((A, B, C)))
    texts: list[str] = []

    def reading(wanted: Sequence[str]) -> QueryPhrases:
        texts.extend(wanted)
        return read(wanted)

    game.phrase_values([{0: "a"}, {2: "d", 0: "a"}], reading)
    assert sorted(texts) == ["a", "d"]
    assert game.phrase_values([{}, {}], reading).tolist() == [0, 0]
    assert len(texts) == 2


def test_as_long_as_nothing_asked_for_is_said() -> None:
    game, _ = game_of("attributes", And((A, Not(B, "museum")), "any"))
    only_not, both, only_asked = game.phrase_values([{1: "b"}, {0: "a", 1: "b"}, {0: "a"}], read)
    assert only_not == 0
    assert 0 < both < only_asked


def test_numbers_of_what_is_asked_for() -> None:
    plan = And((Then((A, And((B, Not(C, "painting")), "same"))), Not(D, "museum"), A), "any")
    assert asked_numbers(plan) == {0, 1, 4}
    assert asked_numbers(Not(Then((A, B)), "museum")) == asked_numbers(Rooms(1)) == set()


@pytest.mark.parametrize(
    ("plan", "words", "expected"),
    [
        (A, {0: "x"}, Phrase(text="x")),
        (A, {1: "x"}, None),
        (Then((A, B, C)), {0: "a", 2: "x"}, Then((A, Phrase(text="x")))),
        (Then((A, B, C)), {1: "b"}, B),
        (Then((A, B, C), text="t"), {0: "a", 1: "b"}, Then((A, B), text="t")),
        (And((A, Not(B, "room")), "same"), {1: "b"}, Not(B, "room")),
        (And((A, Then((B, C))), "different"), {0: "a", 2: "c"}, And((A, C), "different")),
        (And((Not(Count(2, A), "museum"), B), "any"), {1: "b"}, B),
        (Count(3, And((A, B), "same")), {1: "b"}, Count(3, B)),
        (And((A, Rooms(2), B), "any"), {1: "x"}, And((Rooms(2), Phrase(text="x")), "any")),
        (And((A, Rooms(2)), "any"), {0: "a"}, And((A, Rooms(2)), "any")),
        (And((A, Rooms(2)), "any"), {}, Rooms(2)),
        (Not(Then((A, B)), "museum"), {}, None),
    ],
)
def test_pruned_plans(plan: Plan, words: dict[int, str], expected: Plan | None) -> None:
    assert pruned(plan, words) == expected


@steady
@given(plans)
def test_a_plan_of_which_all_is_said_is_itself(plan: Plan) -> None:
    words = {number: phrase.text for number, phrase in enumerate(phrases(plan))}
    assert pruned(plan, words) == plan
    assert asked_numbers(plan) <= words.keys()
