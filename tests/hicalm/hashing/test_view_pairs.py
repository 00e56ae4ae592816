from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hicalm.data.collection import Features, Fingerprint
from hicalm.errors import HicalmError
from hicalm.geometry import unit
from hicalm.hashing import view_pairs as views
from hicalm.hashing.view_pairs import draw_rooms, faced_paintings, room_of, view_pairs
from hicalm.world.world_pictures import open_pictures
from tests.hicalm.collections import encoded_world, ragged_collection


def test_views_of_the_world_are_those_that_face_a_painting():
    world = encoded_world(test=2)
    pairs = view_pairs(world, "test")
    museum, room, view = room_of(pairs.names[0])
    scene = open_pictures(world).scene(museum, room)
    facing = {scene.facing_view(painting) for painting in range(len(scene.hangings))}
    own = [room_of(name)[2] for name in pairs.names if room_of(name)[:2] == (museum, room)]
    assert set(own) == facing and own == sorted(own)
    specification = world.specifications[world.row(museum)]
    number = faced_paintings(int(world.pictures["seed"]), specification, room)[view]
    nearest = min(scene.visible_paintings(view), key=lambda seen: seen[3])
    assert nearest[0] == number
    painting = specification["rooms"][room]["paintings"][number]
    for kind, values in views.KINDS.items():
        found = [value for value, has in zip(values, pairs.labels[kind][0], strict=True) if has]
        assert found == ([painting[kind]] if painting[kind] else [])


def test_the_text_of_a_view_is_the_nearest_sentences_of_its_room():
    whole = ragged_collection()
    sentence = np.random.default_rng(0).standard_normal((13, 2)).astype(np.float32)
    fingerprint = Fingerprint("fake", "f00d", 2)
    arrays = {"view": whole.features.arrays["view"], "sentence": sentence}
    collection = replace(
        whole, features=Features(arrays, {"view": fingerprint, "sentence": fingerprint})
    )
    pairs = view_pairs(collection, "test")
    assert len(pairs) == 11 and pairs.labels["museum"].sum(axis=0).tolist() == [3, 3, 5]
    # room 1 of museum 0 has the sentences 2 and 3, after the introduction and room 0's: both count
    assert pairs.names[2] == "m-0/2/1"
    np.testing.assert_allclose(
        pairs.texts[2], unit(unit(sentence[2:4]).mean(axis=0, keepdims=True))[0], rtol=1e-5
    )
    assert pairs.words[2] == ("sentence",)  # once; museum and room are stop words, 0 is no word


def test_only_the_nearest_three_sentences_count(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(views, "SENTENCES", 1)
    whole = ragged_collection()
    sentence = np.zeros((13, 2), np.float32)
    sentence[3] = (20, 21)  # as view 2 of museum 0, the only one of room 1
    fingerprint = Fingerprint("fake", "f00d", 2)
    arrays = {"view": whole.features.arrays["view"], "sentence": sentence}
    collection = replace(
        whole, features=Features(arrays, {"view": fingerprint, "sentence": fingerprint})
    )
    pairs = view_pairs(collection, "test")
    np.testing.assert_allclose(pairs.texts[2], unit(sentence[3:4])[0])


def test_whole_rooms_are_drawn():
    pairs = view_pairs(encoded_world(test=2), "test")
    drawn = draw_rooms(pairs, len(pairs) // 2)
    assert len(drawn) == len(pairs) // 2
    rooms = [room_of(name)[:2] for name in drawn.names]
    changes = sum(before != after for before, after in pairwise(rooms))
    assert changes == len(set(rooms)) - 1  # each room in one piece
    assert draw_rooms(pairs, len(pairs) // 2).names == drawn.names
    assert len(draw_rooms(pairs, 10**6)) == len(pairs)


def test_a_collection_without_texts_has_no_pairs():
    whole = ragged_collection()
    museums = tuple(
        replace(museum, rooms=tuple(replace(room, paragraph=()) for room in museum.rooms))
        for museum in whole.museums
    )
    features = Features({"view": whole.features.arrays["view"]}, whole.features.fingerprints)
    with pytest.raises(HicalmError, match="has a room with sentences"):
        view_pairs(replace(whole, museums=museums, features=features), "test")
