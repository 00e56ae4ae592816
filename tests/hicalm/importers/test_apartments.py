"""Apartments with published features become museums of one room."""

from pathlib import Path

import pytest
import torch

from hicalm.data.collection import load_collection
from hicalm.errors import HicalmError
from hicalm.importers.apartments import read_houses
from hicalm.importers.features import ImportReport, import_published
from hicalm.importers.published_layouts import find_apartments
from tests.hicalm.importers.layouts import make_apartments, save_pickle


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """The folders of the features and of the texts."""
    make_apartments(tmp_path / "features", tmp_path / "texts")
    return tmp_path / "features", tmp_path / "texts"


def run(places: tuple[Path, Path], out: Path, **options: bool) -> ImportReport:
    return import_published(find_apartments(*places), out, progress=False, **options)


def test_apartments_become_museums_of_one_room(places: tuple[Path, Path], tmp_path: Path) -> None:
    report = run(places, tmp_path / "out")
    assert report.splits == {"train": 2, "validation": 1, "test": 1} and not report.warnings
    collection = load_collection(tmp_path / "out")
    assert [museum.id for museum in collection.museums] == ["0a-1f", "3b-2e", "9c-3d", "e4-4c"]
    assert [museum.split for museum in collection.museums] == [
        "train", "test", "validation", "train",
    ]  # fmt: skip
    assert collection.view_counts.tolist() == [1, 2, 3, 4]
    museum = collection.museums[1]
    assert museum.introduction == (
        "This house contains two rooms.",
        "More specifically, it has one bedroom, and one kitchen.",
    )
    assert museum.rooms[0].paragraph[1] == "Also, it contains two lamp with Modern style."
    assert museum.attributes["style"] == "Modern" and museum.attributes["material"] == "Wood"
    assert "theme" not in museum.attributes  # nothing has one
    assert museum.attributes["furniture"][0]["objects"][1]["category"] == "Lamp"
    assert collection.features.fingerprints["view"].name == "clip"
    assert collection.features.arrays["view"].dtype == "float16"


def test_without_the_furniture_there_are_no_attributes(
    places: tuple[Path, Path], tmp_path: Path
) -> None:
    (places[1] / "houses_data" / "houses_data.pkl").unlink()
    run(places, tmp_path / "out")
    assert load_collection(tmp_path / "out").museums[0].attributes == {}


def test_indices_point_into_the_published_list_of_names(
    places: tuple[Path, Path], tmp_path: Path
) -> None:
    features = places[0]
    order = features / "train_evaluation" / "data" / "available_data.txt"
    order.parent.mkdir(parents=True)
    order.write_text("e4-4c\n9c-3d\n3b-2e\n0a-1f\n")
    report = run(places, tmp_path / "out")
    assert [museum.split for museum in load_collection(tmp_path / "out").museums] == [
        "train", "validation", "test", "train",
    ]  # fmt: skip
    assert len(report.warnings) == 1 and "available_data.txt" in report.warnings[0]
    order.write_text("e4-4c\nno-one\n")
    with pytest.raises(HicalmError, match="names no-one, of which there is no file"):
        run(places, tmp_path / "again")


def test_what_does_not_fit_is_named(places: tuple[Path, Path], tmp_path: Path) -> None:
    features, texts = places
    text = texts / "descriptions" / "3b-2e.txt"
    whole = text.read_text()
    for content, reason in (
        (whole.replace("Also", "A. Also").encode(), "4 rows of sentence features, .* 5 sentences"),
        (b"\xff\xfe", "is no text in UTF-8"),
    ):
        text.write_bytes(content)
        with pytest.raises(HicalmError, match=f"1 museums cannot be read: .*{reason}"):
            run(places, tmp_path / "out")
    text.write_text("This house contains a room, or two")
    sentences = next(features.rglob("sentences/3b-2e.pt"))
    torch.save(torch.ones(1, 6), sentences)
    with pytest.raises(HicalmError, match="0 sentences"):
        run(places, tmp_path / "out")
    text.write_text("One. ")
    with pytest.raises(HicalmError, match="a single sentence"):
        run(places, tmp_path / "out")
    assert list(run(places, tmp_path / "out", skip_broken=True).left_out) == ["3b-2e"]
    with pytest.raises(HicalmError, match=r"no features in .*open_clip_features/images_ViT-B-32"):
        find_apartments(texts)


def test_indices_of_farmare_point_into_its_list_of_houses(
    places: tuple[Path, Path], tmp_path: Path
) -> None:
    features, texts = places
    listed = features / "train_evaluation" / "data" / "available_data.txt"
    listed.parent.mkdir(parents=True)
    listed.write_text("0a-1f\n9c-3d\ne4-4c\n3b-2e\n")  # which other indices count
    moved = texts / "train_evaluation" / "indices" / "indices.pkl"
    moved.parent.mkdir(parents=True)
    (features / "indices" / "indices.pkl").rename(moved)
    report = run(places, tmp_path / "out")  # the houses are listed from the last to the first
    assert [museum.split for museum in load_collection(tmp_path / "out").museums] == [
        "train", "validation", "test", "train",
    ]  # fmt: skip
    assert "houses_data.pkl', as the published scripts do" in report.warnings[0]


@pytest.mark.parametrize(
    ("houses", "reason"),
    [
        ([{"json_file": "a"}], "must hold a list of apartments"),
        ({"json_file": "a"}, "must hold a list of apartments"),
        ([{"json_file": "a", "rooms": []}] * 2, "has an apartment twice"),
        ([{"json_file": "a", "rooms": [{"type": "b", "objects": ["c"]}]}], "must hold a list"),
        ([{"json_file": "a", "rooms": [{"type": "b", "objects": [{"style": 1}]}]}], "must hold"),
        ([print], r"builtins\.print', and only plain data"),
    ],
)
def test_hostile_furniture_is_refused(houses: object, reason: str, tmp_path: Path) -> None:
    save_pickle(houses, tmp_path / "houses.pkl")
    with pytest.raises(HicalmError, match=reason):
        read_houses(tmp_path / "houses.pkl")
