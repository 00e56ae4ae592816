"""Collections: equal after saving, right rows after selecting, clear errors for broken folders."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.data import shards
from hicalm.data.collection import (
    Collection,
    Features,
    Fingerprint,
    load_collection,
    save_collection,
)
from hicalm.errors import HicalmError
from tests.hicalm.collections import encoded_world, ragged_collection


def with_arrays(collection: Collection, **arrays: np.ndarray) -> Collection:
    features = Features(collection.features.arrays | arrays, collection.features.fingerprints)
    return replace(collection, features=features)


def test_counts_of_ragged_museums() -> None:
    ragged = ragged_collection()
    assert ragged.room_counts.tolist() == [2, 1, 3]
    assert ragged.view_counts.tolist() == [2, 1, 3, 1, 2, 2]
    assert ragged.paragraph_counts.tolist() == [3, 2, 4]
    assert ragged.sentence_counts.tolist() == [1, 1, 2, 1, 1, 1, 1, 2, 3]
    assert ragged.sentences[1] == "Museum 0 room 0 sentence 0."


def test_saved_and_loaded_collections_are_equal(tmp_path: Path) -> None:
    for name, collection in (("ragged", ragged_collection()), ("world", encoded_world())):
        save_collection(collection, tmp_path / name)
        loaded = load_collection(tmp_path / name)
        assert loaded.museums == collection.museums
        assert loaded.specifications == collection.specifications
        assert (loaded.name, loaded.note) == (collection.name, collection.note)
        assert loaded.pictures == collection.pictures
        assert loaded.features.fingerprints == collection.features.fingerprints
        assert loaded.folder == tmp_path / name
        for kind, array in collection.features.arrays.items():
            assert loaded.features.arrays[kind].dtype == np.float16
            np.testing.assert_array_equal(loaded.features.arrays[kind], array)


def test_text_that_looks_like_something_else_stays_text(tmp_path: Path) -> None:
    ragged = ragged_collection()
    odd = replace(
        ragged.museums[0],
        id="007",
        title="2024-01-01",
        attributes={"date": "1e5", "area": 123.45678901234567},
    )
    save_collection(replace(ragged, museums=(odd, *ragged.museums[1:])), tmp_path)
    assert load_collection(tmp_path).museums[0] == odd


def test_selecting_keeps_each_museum_with_its_rows() -> None:
    part = ragged_collection().select([2, 0])
    assert [museum.id for museum in part.museums] == ["m-2", "m-0"]
    assert part.features.arrays["view"][:, 0].tolist() == [60, 70, 80, 90, 100, 0, 10, 20]
    assert part.features.arrays["sentence"][:, 0].tolist() == [6, 7, 8, 9, 10, 11, 12, 0, 1, 2, 3]


def test_a_split_holds_its_museums_rows_and_specifications() -> None:
    world = encoded_world(train=2, validation=1, test=1)
    part = world.split("validation")
    assert [museum.split for museum in part.museums] == ["validation"]
    assert part.specifications == world.specifications[2:3]
    first = int(world.view_counts[: world.room_counts[:2].sum()].sum())
    views = world.features.arrays["view"][first : first + len(part.features.arrays["view"])]
    np.testing.assert_array_equal(part.features.arrays["view"], views)
    with pytest.raises(HicalmError, match="no museums of the split 'holiday'"):
        world.split("holiday")


def test_unknown_museums_and_missing_features_are_named() -> None:
    ragged = ragged_collection()
    assert ragged.museum("m-1").title == "Musée «1»"
    with pytest.raises(HicalmError, match="no museum 'm-9' in the collection 'Ragged'"):
        ragged.museum("m-9")
    with pytest.raises(HicalmError, match="no art features"):
        ragged.features.get("art")


def test_features_of_another_encoder_are_refused() -> None:
    features = ragged_collection().features
    features.check_fingerprint("view", Fingerprint("renamed", "f00d", 2))
    features.check_fingerprint("art", Fingerprint("any", "beef", 2))  # there are none
    with pytest.raises(HicalmError, match=r"fake \(f00d\), but other \(beef\)"):
        features.check_fingerprint("view", Fingerprint("other", "beef", 2))


def test_museums_need_ids_of_their_own() -> None:
    ragged = ragged_collection()
    with pytest.raises(HicalmError, match="1 museums of 'Ragged' share an id"):
        replace(ragged, museums=(ragged.museums[0], *ragged.museums[:2]))


@pytest.mark.parametrize(
    ("kind", "shape", "reason"),
    [
        ("view", (10, 2), "10 rows of view features, but its museums need 11"),
        ("sentence", (14, 1), "14 rows of sentence features, but its museums need 13"),
        ("view", (11, 3), r"shape \(11, 3\), but each row must hold 2 numbers"),
        ("view", (11,), r"shape \(11,\)"),
    ],
)
def test_features_of_a_wrong_size_are_refused(
    kind: str, shape: tuple[int, ...], reason: str
) -> None:
    with pytest.raises(HicalmError, match=reason):
        with_arrays(ragged_collection(), **{kind: np.zeros(shape, np.float16)})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_collection(ragged_collection(), tmp_path)
    return tmp_path


def rewrite(folder: Path, **changes: object) -> None:
    path = folder / "collection.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


BROKEN = {
    "no head": (lambda f: (f / "collection.json").unlink(), "it has no collection.json"),
    "foreign head": (
        lambda f: (f / "collection.json").write_text("[1]"),
        "collection format None; this",
    ),
    "no JSON": (lambda f: (f / "collection.json").write_text("{"), "not readable JSON"),
    "earlier format": (lambda f: rewrite(f, format=1), "collection format 1; this version reads 2"),
    "later format": (lambda f: rewrite(f, format=3), "collection format 3; this version reads 2"),
    "foreign fingerprints": (
        lambda f: rewrite(f, fingerprints=None),
        r"collection.json' is wrong: fingerprints must be an object, not None\.",
    ),
    "no width": (
        lambda f: rewrite(f, fingerprints={"view": {"name": "a", "hash": "b", "dim": "2"}}),
        r"fingerprints.view.dim must be a whole number, not '2'\.",
    ),
    "a number as name": (lambda f: rewrite(f, name=7), r"name must be a text, not 7\."),
    "a list of pictures": (lambda f: rewrite(f, pictures=[]), "pictures must be an object"),
    "a seed in words": (
        lambda f: rewrite(f, pictures={"source": "world", "seed": "1"}),
        r"the seed of pictures must be a whole number, not '1'\.",
    ),
    "deep lists": (lambda f: (f / "collection.json").write_text("[" * 200_000), "depth limit"),
    "no fingerprints": (lambda f: rewrite(f, fingerprints={}), "do not say which encoder"),
    "no museums": (lambda f: (f / "museums.jsonl").unlink(), "cannot be read"),
    "foreign museums": (
        lambda f: (f / "museums.jsonl").write_text('{"a": 1}\n'),
        r"Line 1 of .*museums.jsonl' is no museum: a museum needs a value for id\.",
    ),
    "no specifications": (
        lambda f: (f / "specifications.jsonl").write_text("{}\n3\n"),
        "Line 2 of .*specifications.jsonl' must be an object",
    ),
    "half a shard": (
        lambda f: (f / "features/view-000.safetensors").write_bytes(b"\x08\0\0"),
        "view features in .* are damaged",
    ),
    "wrong shard": (
        lambda f: (f / "features/sentence-000.safetensors").rename(
            f / "features/view-000.safetensors"
        ),
        "view features in .* are damaged",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_folders_are_refused(folder: Path, name: str) -> None:
    damage, reason = BROKEN[name]
    damage(folder)
    with pytest.raises(HicalmError, match=reason):
        load_collection(folder)


@pytest.mark.parametrize(
    ("museum", "room", "sentence"),
    [
        ({"attributes": None}, {}, "attributes must be an object, not None."),
        ({"id": 5}, {}, "id must be a text, not 5."),
        ({"rooms": None}, {}, "rooms must be a list, not None."),
        ({"introduction": "text"}, {}, "introduction must be a list, not 'text'."),
        ({}, {"views": 3.7}, "rooms.0.views must be a whole number, not 3.7."),
        ({}, {"views": -3}, "rooms.0.views must be at least 0, not -3."),
        ({}, {"views": 10**18}, "rooms.0.views must be at most 1e+06, not 1000000000000000000."),
        ({}, {"paragraph": [1]}, "rooms.0.paragraph.0 must be a text, not 1."),
    ],
)
def test_a_wrong_field_of_a_museum_is_named(
    folder: Path, museum: dict, room: dict, sentence: str
) -> None:
    path = folder / "museums.jsonl"
    first = json.loads(path.read_text().splitlines()[0]) | museum
    if room:
        first["rooms"][0] |= room
    path.write_text("\n" + json.dumps(first))
    with pytest.raises(HicalmError) as caught:
        load_collection(folder)
    assert str(caught.value) == f"Line 2 of '{path}' is no museum: {sentence}"


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    view = np.zeros((11, 2), np.float16)
    view[7, 1] = np.nan
    save_collection(with_arrays(ragged_collection(), view=view), tmp_path)
    loaded = load_collection(tmp_path)
    with pytest.raises(HicalmError, match=r"view features in .* hold values that are no numbers"):
        loaded.features.get("view")
    assert np.isfinite(loaded.features.rows("view")[:7]).all()  # only what is read is judged


def test_shards_stay_below_the_limit_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD_BYTES", 16)  # four rows of two float16
    ragged = ragged_collection()
    save_collection(ragged, tmp_path)
    features = tmp_path / "features"
    assert len(list(features.glob("view-*"))) == 3
    loaded = load_collection(tmp_path)
    np.testing.assert_array_equal(loaded.features.arrays["view"], ragged.features.arrays["view"])
    save_collection(ragged.select([1]), tmp_path)
    assert len(list(features.glob("view-*"))) == 1
    assert load_collection(tmp_path).features.get("view")[:, 0].tolist() == [30, 40, 50]
    assert shards.SHARD_BYTES == 16 and not list(tmp_path.rglob("*.tmp"))


def test_saving_without_features_leaves_none_of_before(folder: Path) -> None:
    world = encoded_world(test=1)
    save_collection(world, folder)
    bare = replace(world, features=Features({}, {}), specifications=())
    save_collection(bare, folder)
    loaded = load_collection(folder)
    assert loaded.features.arrays == {}
    assert loaded.specifications == ()


def test_a_failing_write_leaves_the_old_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(arrays: dict, path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(shards, "save_file", half)
    with pytest.raises(OSError, match="disk full"):
        save_collection(ragged_collection(), folder)
    assert load_collection(folder).museums == ragged_collection().museums
