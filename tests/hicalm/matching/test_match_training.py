"""Share networks taught on small worlds whose views are made of the anchors of what hangs there."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from hicalm.data.collection import Collection, Features, Fingerprint
from hicalm.encoders.attributes import ROOM_KINDS, anchors, attribute_columns
from hicalm.errors import HicalmError
from hicalm.matching.match_training import (
    MatchTrainingConfig,
    shares_of,
    train_share_networks,
)
from hicalm.matching.room_matcher import RoomMatcher, object_logits
from hicalm.matching.share_networks import ShareNetworks
from hicalm.world.generate import world_collection
from hicalm.world.predicates import Predicate
from tests.hicalm.matching.read_rooms import meaning
from tests.hicalm.world.small_museums import painting, room

QUICK = MatchTrainingConfig(steps=250, batch=1024, combinations=80)
ENCODER = Fingerprint("anchors", "f00d", 256)


def taught_world(seed: int, museums: int) -> Collection:
    """Return a world each of whose views shows one painting of its room, in turn, and the room."""
    world = world_collection(seed, {"train": 0, "validation": museums, "test": 0})
    random, columns, directions = (
        np.random.default_rng(seed),
        attribute_columns(),
        anchors().numpy(),
    )
    views = []
    for one in rooms_of(world):
        look = [columns[kind, one[kind]] for kind in ROOM_KINDS]
        for view in range(12):
            hung = one["paintings"][view % len(one["paintings"])]
            seen = [
                columns[kind, hung[kind]]
                for kind in ("subject", "style", "palette")
                if hung[kind] is not None
            ]
            noise = random.standard_normal(256) * 0.02
            views.append(directions[seen].sum(axis=0) + 0.7 * directions[look].sum(axis=0) + noise)
    arrays = {"view": np.array(views, np.float32)}
    return replace(world, features=Features(arrays, {"view": ENCODER}))


def rooms_of(world: Collection) -> list[dict]:
    return [one for museum in world.specifications for one in museum["rooms"]]


@pytest.fixture(scope="module")
def networks() -> ShareNetworks:
    return train_share_networks(taught_world(1, 12), QUICK)


@pytest.fixture(scope="module")
def other_world() -> Collection:
    return taught_world(2, 8)


def matcher_of(networks: ShareNetworks, world: Collection) -> RoomMatcher:
    return RoomMatcher.of(networks, world.features.get("view"), world.view_counts)


@pytest.mark.slow
def test_shares_of_another_world_are_read(networks, other_world) -> None:
    matcher, rooms = matcher_of(networks, other_world), rooms_of(other_world)
    found, true, any_found = [], [], []
    for kind, value in attribute_columns():
        if kind == "object":  # the views say nothing of them
            continue
        match = matcher.match(meaning((kind, value)))
        found.append(match.share)
        any_found.append(match.presence)
        true.append(shares_of(rooms, Predicate(**{kind: value})))
    found, true, any_found = (np.array(one) for one in (found, true, any_found))
    assert np.abs(found - true).mean() < 0.03
    assert np.abs(true - true.mean()).mean() > 0.1  # what a constant would be wrong by
    assert ((any_found > 0.5) == (true > 0)).mean() > 0.97


@pytest.mark.slow
def test_attributes_of_one_painting_are_told_from_those_of_two(networks, other_world) -> None:
    matcher, rooms = matcher_of(networks, other_world), rooms_of(other_world)
    found, true, product = [], [], []
    for one in rooms:
        pairs = {(p["subject"], p["style"]) for p in one["paintings"] if p["subject"]}
        subjects, styles = {s for s, _ in pairs}, {s for _, s in pairs}
        asked = [(a, b) for a in sorted(subjects) for b in sorted(styles)]
        for subject, style in asked[:6]:
            both = matcher.match(meaning(("subject", subject), ("style", style))).share
            pair = (("subject", subject), ("style", style))
            apart = [matcher.match(meaning(one_kind)).share for one_kind in pair]
            row = rooms.index(one)
            found.append(both[row])
            product.append(apart[0][row] * apart[1][row])
            true.append(shares_of([one], Predicate(subject=subject, style=style))[0])
    error, by_product = (np.abs(np.array(x) - true).mean() for x in (found, product))
    assert error < 0.1
    assert error < by_product


@pytest.mark.slow
def test_a_seed_decides_the_networks() -> None:
    world = taught_world(3, 2)
    config = replace(QUICK, steps=20)
    one, again = (train_share_networks(world, config).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], again[name]) for name in one)
    other = train_share_networks(world, replace(config, seed=1)).state_dict()
    assert not torch.equal(one["joint.layers.0.weight"], other["joint.layers.0.weight"])


@pytest.mark.slow
def test_what_comes_out_can_be_used_at_once(networks) -> None:
    assert networks.encoder == ENCODER.label
    assert not networks.training
    assert all(torch.isfinite(value).all() for value in networks.state_dict().values())
    assert (networks.single.deviation > 0).all() and networks.single.mean.abs().max() > 0


def test_true_shares_by_hand() -> None:
    rooms = [
        room([painting("horse", "cubist"), painting("bird", "cubist")], ("bench",)),
        room([painting("horse", "watercolour")], wall_color="blue"),
        room([]),
    ]
    assert shares_of(rooms, Predicate(subject="horse")).tolist() == [0.5, 1, 0]
    assert shares_of(rooms, Predicate(subject="horse", wall_color="red")).tolist() == [0.5, 0, 0]
    assert shares_of(rooms, Predicate(objects=("bench",))).tolist() == [1, 0, 0]


def test_a_collection_without_ground_truth_is_refused() -> None:
    world = replace(taught_world(3, 1), specifications=())
    with pytest.raises(HicalmError, match="has no ground truth to learn from"):
        train_share_networks(world, QUICK)
    assert object_logits(world) is None


def test_a_collection_without_features_is_refused() -> None:
    world = world_collection(3, {"train": 0, "validation": 1, "test": 0})
    with pytest.raises(HicalmError):
        train_share_networks(world, QUICK)
