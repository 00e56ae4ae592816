"""Published feature folders become collections, and every broken file is named."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.data import shards
from hicalm.data.collection import load_collection
from hicalm.errors import HicalmError
from hicalm.importers.features import import_published
from hicalm.importers.published_layouts import find_layout
from hicalm.world.world_pictures import open_pictures
from tests.hicalm.importers.layouts import (
    FEATURES,
    make_gamingmv,
    make_museums3k,
    save_indices,
    save_museum,
)

SECOND = "Museum1-2.unity"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return make_museums3k(tmp_path / "published")


def run(published: Path, out: Path, kind: str = "museums3k", **options: object) -> object:
    return import_published(find_layout(kind, published), out, progress=False, **options)


def test_museums3k_becomes_a_collection(published: Path, tmp_path: Path) -> None:
    report = run(published, tmp_path / "out")
    collection = load_collection(tmp_path / "out")
    assert (report.museums, report.rooms, report.views, report.sentences) == (4, 7, 84, 18)
    assert report.splits == {"train": 2, "validation": 1, "test": 1} and not report.warnings
    assert [museum.split for museum in collection.museums] == [
        "train", "train", "validation", "test",
    ]  # fmt: skip
    museum = collection.museum(SECOND)
    assert museum.introduction == ("In the museum there are rooms.",)
    assert museum.rooms[1].paragraph == (
        "In the second room , there are 12 paintings.", "A Rembrandt 's work1.",
    )  # fmt: skip
    assert [room.views for room in museum.rooms] == [12, 12]
    arrays = {kind: np.asarray(rows) for kind, rows in collection.features.arrays.items()}
    assert arrays["view"][12:36, 0].tolist() == list(range(24))  # of the second museum
    assert arrays["sentence"][3:8, 0].tolist() == [0, -1, -2, -3, -4]
    art = torch.load(published / "preextracted_vectors_wikiart_rn50" / f"{SECOND}.pt")
    assert arrays["art"].dtype == np.float32  # published in full precision, and kept so
    np.testing.assert_array_equal(arrays["art"][12:36], art)
    assert collection.features.fingerprints["view"].name == "mobile_clip"
    assert json.loads((tmp_path / "out" / "import.json").read_text())["museums"] == 4
    assert open_pictures(collection).picture(SECOND, 1, 11, 160).shape == (120, 160, 3)


def test_rooms_of_gamingmv_are_ragged(tmp_path: Path) -> None:
    published = make_gamingmv(tmp_path / "published")
    save_indices(published, 9)  # those of Museums3k, which may lie in the same folder
    report = run(published, tmp_path / "out", "gamingmv")
    collection = load_collection(tmp_path / "out")
    assert collection.view_counts.tolist() == [2, 2, 3, 2, 3, 4, 2]
    assert collection.features.get("view")[:7, 0].tolist() == [0, 1, 0, 1, 0, 1, 2]
    assert collection.features.get("art")[:7, 0].tolist() == [0, 1, 0, 1, 0, 1, 2]
    assert collection.features.fingerprints["view"].name == "clip"
    assert collection.features.fingerprints["art"].name == "gaming_DE_features"
    assert collection.museums[2].rooms[2].paragraph[0].startswith("In the third video")
    assert report.splits == {"train": 2, "validation": 1, "test": 1}
    assert report.warnings[0].startswith("There are 4 worlds, not the published 239")


def test_frames_of_gamingmv_are_taken_evenly(tmp_path: Path) -> None:
    published = make_gamingmv(tmp_path / "published", frames=9, art="gaming_DE_features_PCA64")
    layout = find_layout("gamingmv", published, frames=4)
    assert layout.art.name == "gaming_DE_features_PCA64"
    import_published(layout, tmp_path / "out", progress=False)
    collection = load_collection(tmp_path / "out")
    assert collection.view_counts.tolist() == [4] * 7
    for kind in ("view", "art"):  # 0, 8/3, 16/3, 8 and 0, 3, 6, 9, cut to whole numbers
        assert collection.features.get(kind)[4:12, 0].tolist() == [0, 2, 5, 8, 0, 3, 6, 9]
    with pytest.raises(HicalmError, match="--frames must be at least 1, not 0"):
        find_layout("gamingmv", published, frames=0)


def test_the_game_expert_is_the_whole_one_unless_another_is_asked_for(tmp_path: Path) -> None:
    published = make_gamingmv(tmp_path / "published")
    (published / "gaming_DE_features_PCA64").mkdir()
    assert find_layout("gamingmv", published).art.name == "gaming_DE_features"
    assert find_layout("gamingmv", published, art="PCA64").art.name == "gaming_DE_features_PCA64"
    assert find_layout("gamingmv", published, art="none").art is None
    with pytest.raises(HicalmError, match="no 'rn50' art experts: found de, PCA64"):
        find_layout("gamingmv", published, art="rn50")


def test_frames_of_the_game_expert_are_those_of_the_views(tmp_path: Path) -> None:
    published = make_gamingmv(tmp_path / "published", frames=40)
    art = published / "gaming_DE_features" / "0t_PvlmUp-Y.pt"
    torch.save([torch.ones(50, 5)], art)
    report = run(published, tmp_path / "out", "gamingmv")
    assert any("has other frames than the views" in warning for warning in report.warnings)
    torch.save([torch.ones(31, 5)], art)
    with pytest.raises(HicalmError, match="has 31 rows, but the museum has 32 views in 1 rooms"):
        run(published, tmp_path / "again", "gamingmv")


def test_features_go_to_many_files(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(published, tmp_path / "whole")
    monkeypatch.setattr(shards, "SHARD_BYTES", 200)
    run(published, tmp_path / "parts")
    assert len(list((tmp_path / "parts" / "features").glob("view-*"))) > 4
    whole, parts = (load_collection(tmp_path / name).features.arrays for name in ("whole", "parts"))
    for kind, array in whole.items():
        np.testing.assert_array_equal(array, parts[kind])


def tensors(path: Path, name: str = SECOND) -> Path:
    return path / FEATURES / "images" / f"{name}.pt"


def sentences(path: Path) -> Path:
    return path / FEATURES / "descriptions" / "sentences" / f"{SECOND}.pt"


def words(path: Path) -> Path:
    return path / FEATURES / "descriptions" / "tokens_strings" / f"{SECOND}.pkl"


def save_words(path: Path, value: object) -> None:
    words(path).write_bytes(pickle.dumps(value))


def with_nan() -> torch.Tensor:
    value = torch.ones(24, 6)
    value[3, 2] = float("nan")
    return value


BROKEN = {
    "missing views": (lambda p: tensors(p).unlink(), r"images/Museum1-2\.unity\.pt' is missing"),
    "missing sentences": (lambda p: sentences(p).unlink(), r"sentences/Museum1-2.*is missing"),
    "missing words": (lambda p: words(p).unlink(), r"tokens_strings/Museum1-2.*is missing"),
    "missing art": (
        lambda p: (p / "preextracted_vectors_wikiart_rn50" / f"{SECOND}.pt").unlink(),
        r"rn50/Museum1-2\.unity\.pt' is missing",
    ),
    "truncated": (
        lambda p: tensors(p).write_bytes(tensors(p).read_bytes()[:500]),
        r"Museum1-2\.unity\.pt' is damaged",
    ),
    "NaN": (lambda p: torch.save(with_nan(), tensors(p)), r"Museum1-2\.unity: views holds NaN"),
    "half a room": (lambda p: torch.save(torch.ones(23, 6), tensors(p)), "23 views, which are no"),
    "other rooms": (
        lambda p: torch.save(torch.ones(36, 6), tensors(p)),
        r"'.*rn50/Museum1-2\.unity\.pt' has 24 rows, but the museum has 36 views",
    ),
    "other width": (
        lambda p: torch.save(torch.ones(24, 7), tensors(p)),
        "view features of width 7, but the museums before it of 6",
    ),
    "a vector": (lambda p: torch.save(torch.ones(24), tensors(p)), r"has the shape \(24,\)"),
    "a list": (lambda p: torch.save([torch.ones(12, 6)] * 2, tensors(p)), "not a list of 2"),
    "too few sentences": (
        lambda p: torch.save(torch.ones(4, 6), sentences(p)),
        "4 rows of sentence features, but its words make 5 sentences",
    ),
    "no list of words": (lambda p: save_words(p, "text"), "must hold a list of words"),
    "no rooms": (
        lambda p: save_words(p, ["One", "."] * 5), "views of 2 rooms, but its description names 0"
    ),
    "a program": (lambda p: save_words(p, [print]), r"builtins\.print', and only plain data"),
}  # fmt: skip


@pytest.mark.parametrize(("break_it", "reason"), BROKEN.values(), ids=BROKEN)
def test_every_broken_file_is_named_and_can_be_left_out(
    published: Path, tmp_path: Path, break_it: object, reason: str
) -> None:
    break_it(published)
    with pytest.raises(HicalmError, match=rf"1 museums cannot be read: .*{reason}"):
        run(published, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["published"]
    report = run(published, tmp_path / "out", skip_broken=True)
    assert list(report.left_out) == [SECOND]
    collection = load_collection(tmp_path / "out")
    assert [museum.id for museum in collection.museums] == [
        "Museum0-1.unity", "Museum2-3.unity", "Museum3-1.unity",
    ]  # fmt: skip
    assert [museum.split for museum in collection.museums] == ["train", "validation", "test"]
    assert any(SECOND in line for line in report.lines())


def test_a_misnamed_museum_is_two_broken_ones(published: Path, tmp_path: Path) -> None:
    tensors(published).rename(tensors(published, "Museum9-2.unity"))
    save_indices(published, 5)  # as if the name belonged to a museum of its own
    with pytest.raises(HicalmError, match=r"2 museums cannot be read: .*images/Museum1-2"):
        run(published, tmp_path / "out")


def test_a_name_that_tells_other_rooms_is_a_warning(published: Path, tmp_path: Path) -> None:
    for path in published.rglob(f"{SECOND}*"):
        path.rename(path.with_name(path.name.replace("1-2", "1-7")))
    assert run(published, tmp_path / "out").warnings == [
        "Museum1-7.unity has 2 rooms, but its name says 7."
    ]


def test_museums_in_no_split_are_left_out(published: Path, tmp_path: Path) -> None:
    save_museum(published / FEATURES, "Museum9-1.unity", 1)
    report = run(published, tmp_path / "out")
    assert report.museums == 4 and report.warnings == [
        "Museum9-1.unity is in no split and was left out."
    ]


@pytest.mark.parametrize(
    ("splits", "reason"),
    [
        ([], "must hold the splits train, val, test"),
        ({"train": [0], "val": [1]}, "must hold the splits"),
        ({"train": [0, 4], "val": [1], "test": [2]}, "names museum 4 for train, but there are 4"),
        ({"train": [0, -1], "val": [1], "test": [2]}, "names museum -1"),
        ({"train": [0, 1], "val": [1], "test": [2]}, "Museum1-2.unity in two splits"),
        ({"train": [0.5], "val": [1], "test": [2]}, "whole numbers for train"),
        ({"train": "0", "val": [1], "test": [2]}, "whole numbers for train"),
    ],
)
def test_bad_splits_are_refused(
    published: Path, tmp_path: Path, splits: object, reason: str
) -> None:
    (published / "indices_museum_dataset.pkl").write_bytes(pickle.dumps(splits))
    with pytest.raises(HicalmError, match=reason):
        run(published, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_asked_for_must_be_there(published: Path, tmp_path: Path) -> None:
    assert find_layout("museums3k", published).art.name.endswith("rn50")
    assert find_layout("museums3k", published, art="none").art is None
    for arguments, reason in (
        (("museums3k", tmp_path), "must be one kind of features in .*found none"),
        (("museums3k", published, "clip"), "no 'clip' features.*found mobile_clip"),
        (("museums3k", published, "", "vitb16"), "no 'vitb16' art experts: found rn50"),
        (("museums4k", published), "Unknown data set 'museums4k'"),
    ):
        with pytest.raises(HicalmError, match=reason):
            find_layout(*arguments)
    (published / "preextracted_vectors_wikiart_rn18").mkdir()
    with pytest.raises(HicalmError, match=r"several \(rn18, rn50\): name one"):
        find_layout("museums3k", published)


def test_a_folder_that_holds_something_is_left_alone(published: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    run(published, tmp_path / "out")  # an empty one is as good as none
    with pytest.raises(HicalmError, match="is there already: name a new folder"):
        run(published, tmp_path / "out")
    assert load_collection(tmp_path / "out").museums
