"""Rooms matched with phrases by networks of random weights: laws that hold for any weights."""

import numpy as np
import pytest

from hicalm.encoders.attributes import anchors, attribute_columns, kind_slices
from hicalm.matching.phrase_meaning import PhraseMeaning
from hicalm.matching.room_matcher import LEAST, UNREAD, Match, RoomMatcher, activations
from tests.hicalm.matching.read_rooms import MEANINGS, meaning, random_networks, random_views

COUNTS = np.array([4, 12, 1, 7, 0, 3])
NOTHING = PhraseMeaning(())
HORSE, BIRD = meaning(("subject", "horse")), meaning(("subject", "bird"))
CUBIST, RED = meaning(("style", "cubist")), meaning(("wall_color", "red"))


def matcher(seed: int = 0, counts: np.ndarray = COUNTS) -> RoomMatcher:
    return RoomMatcher.of(random_networks(seed), random_views(seed, int(counts.sum())), counts)


def assert_same(found: Match, expected: Match) -> None:
    np.testing.assert_allclose(found.share, expected.share, atol=2e-5)
    np.testing.assert_allclose(found.presence, expected.presence, atol=2e-5)


@pytest.mark.parametrize("text", MEANINGS)
@pytest.mark.parametrize("unwanted", [(), (CUBIST,), (RED, BIRD)])
def test_some_views_match_as_a_room_of_those_views(text: str, unwanted: tuple) -> None:
    random = np.random.default_rng(5)
    views = random_views(0, int(COUNTS.sum()))
    kept = random.random((3, len(views))) < 0.5
    padded = np.zeros((3, len(COUNTS), COUNTS.max()), bool)
    padded[:, np.arange(COUNTS.max()) < COUNTS[:, None]] = kept
    numbers = np.tile(np.arange(len(COUNTS)), 3)
    copies = matcher().with_views(numbers, padded.reshape(len(numbers), -1))
    room_of = np.repeat(np.arange(len(COUNTS)), COUNTS)
    counts = np.concatenate([np.bincount(room_of[row], minlength=len(COUNTS)) for row in kept])
    alone = RoomMatcher.of(random_networks(), np.concatenate([views[row] for row in kept]), counts)
    assert_same(copies.match(MEANINGS[text], unwanted), alone.match(MEANINGS[text], unwanted))
    # Views matter: all of them say something else.
    some, whole = (rooms.match(MEANINGS[text]).share for rooms in (copies, matcher()))
    assert np.abs(some[: len(whole)] - whole).max() > 1e-3


@pytest.mark.parametrize("wanted", [*MEANINGS.values(), NOTHING])
def test_a_room_without_views_matches_nothing(wanted: PhraseMeaning) -> None:
    found = matcher().match(wanted, [CUBIST])
    assert matcher().there.tolist() == [True, True, True, True, False, True]
    assert found.share[4] == found.presence[4] == 0
    assert (np.delete(matcher().match(wanted).share, 4) > 0).all()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("text", MEANINGS)
def test_unwanted_phrases_never_raise_a_share(seed: int, text: str) -> None:
    rooms, wanted = matcher(seed), MEANINGS[text]
    bare = rooms.match(wanted)
    lowered = 0.0
    for unwanted in ([HORSE], [CUBIST], [RED], [CUBIST, RED], [MEANINGS["b"]]):
        found = rooms.match(wanted, unwanted)
        for less, more in zip(found, bare, strict=True):
            assert (less <= more).all() and (less >= 0).all() and (more <= 1).all()
        lowered = max(lowered, float((bare.share - found.share).max()))
    assert lowered > 0.01


def test_what_rooms_lose_to_the_look_that_is_not_wanted() -> None:
    rooms = matcher()
    horse, red = rooms.match(HORSE), rooms.match(RED).share
    expected = Match(horse.share * (1 - red), horse.presence * (1 - red))
    assert_same(rooms.match(HORSE, [RED]), expected)
    assert_same(rooms.match(HORSE, [RED, NOTHING]), expected)


def test_values_of_a_kind_are_alternatives() -> None:
    rooms = matcher()
    horse, bird = rooms.match(HORSE), rooms.match(BIRD)
    either = rooms.match(meaning(("subject", "horse"), ("subject", "bird")))
    assert_same(
        either,
        Match((horse.share + bird.share) / 2, (horse.presence + bird.presence) / 2),
    )
    assert np.abs(horse.share - bird.share).max() > 0.01


def test_what_is_asked_less_surely_weighs_less() -> None:
    rooms = matcher()
    expected = np.clip(rooms.match(RED).share, LEAST, 1) ** 0.4
    expected[4] = 0
    found = rooms.match(meaning(("wall_color", "red"), surely=0.4)).share
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_paintings_and_the_look_of_the_room_multiply() -> None:
    rooms = matcher()
    horse, red = rooms.match(HORSE), rooms.match(RED)
    both = rooms.match(meaning(("subject", "horse"), ("wall_color", "red")))
    assert_same(both, Match(horse.share * red.share, horse.presence * red.share))


def test_several_attributes_of_a_painting_are_read_together() -> None:
    rooms = matcher()
    both = rooms.match(meaning(("subject", "horse"), ("style", "cubist")))
    inputs = rooms.joint_inputs((*HORSE.asked, *CUBIST.asked))
    shares = np.stack([rooms.match(one).share for one in (HORSE, CUBIST)])
    there = rooms.there
    np.testing.assert_allclose(inputs[there, 0], shares.prod(axis=0)[there], atol=1e-6)
    np.testing.assert_allclose(inputs[there, 1], shares.min(axis=0)[there], atol=1e-6)
    joint = random_networks().joint.probabilities(inputs) * there[:, None]
    assert_same(both, Match(joint[:, 0], joint[:, 1]))


def test_a_phrase_that_is_not_understood() -> None:
    found = matcher().match(NOTHING)
    assert found.share == pytest.approx(UNREAD * matcher().there)


def test_rooms_alone_and_read_at_once_match_the_same() -> None:
    rooms, at_once = matcher(), matcher()
    at_once.read_all()
    for wanted in MEANINGS.values():
        whole = rooms.match(wanted)
        assert_same(at_once.match(wanted), whole)
        some = rooms.room(slice(1, 4)).match(wanted)
        assert_same(some, Match(whole.share[1:4], whole.presence[1:4]))


def test_activations_are_cosines_and_the_experts_objects() -> None:
    column = attribute_columns()["style", "cubist"]
    views = 7 * anchors().numpy()[[column]]
    found = activations(views)
    assert found[0, column] == pytest.approx(1, abs=1e-5)
    assert np.abs(np.delete(found[0], column)).max() < 1e-5
    objects = kind_slices()["object"]
    logits = np.linspace(-4, 4, objects.stop - objects.start)[None]
    seen = activations(views, logits)
    assert seen[0, objects] == pytest.approx(1 / (1 + np.exp(-logits[0])), abs=1e-6)
    assert seen[0, column] == pytest.approx(1, abs=1e-5)
