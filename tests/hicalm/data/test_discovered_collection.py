"""A collection that is written in discovered rooms: views, features and pictures move together."""

from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import (
    Collection,
    Features,
    Fingerprint,
    Museum,
    Room,
    load_collection,
    save_collection,
)
from hicalm.data.dataset import training_data
from hicalm.data.discovered_collection import sort_museums, write_discovered_rooms
from hicalm.data.home import ZERO_SHOT
from hicalm.data.pictures import FilePictures
from hicalm.data.room_discovery import LEAST_VIEWS
from hicalm.data.sentences import only_named
from hicalm.errors import HicalmError
from hicalm.files import encode_jpeg
from hicalm.models.score_weights import LevelWeights
from hicalm.retrieval.queries import description_queries
from hicalm.retrieval.stored_texts import StoredTexts

RED, BLUE = [1.0, 0.0], [0.0, 1.0]
VIEWS = np.array([RED, BLUE, RED, BLUE, RED, BLUE], np.float16)  # two of `sorted`, then of `flat`


def save_mixed(folder: Path) -> None:
    """Write a museum of two rooms, then one of four views in one room, with pictures."""
    known = Museum("sorted", "Sorted", "test", ("Two rooms.",),
                   (Room("a", ("A.",), 1), Room("b", ("B.", "It."), 1)))  # fmt: skip
    flat = Museum("flat", "Flat", "test", ("A flat.",), (Room("all", ("Red.", "Blue."), 4),))
    own = Fingerprint("fake", "f00d", 2)
    arrays = {"view": VIEWS, "sentence": np.arange(14, dtype=np.float16).reshape(7, 2)}
    features = Features(arrays, {"view": own, "sentence": own})
    pictures = {"source": "files", "root": "pictures"}
    save_collection(Collection("Mixed", "", (known, flat), pictures, features), folder)
    places = [("sorted", 1, 1), ("sorted", 2, 1), *(("flat", 1, view) for view in range(1, 5))]
    for number, (museum, room, view) in enumerate(places):
        path = folder / "pictures" / museum / str(room) / f"{view:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_jpeg(np.full((30, 40, 3), 40 * number, np.uint8)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mixed") / "mixed"
    save_mixed(folder)
    return folder


@pytest.fixture(scope="module")
def written(folder: Path) -> Collection:
    out = folder.parent / "new" / "discovered"
    assert write_discovered_rooms(folder, out) == (1, 2)
    return load_collection(out)


def test_views_lie_in_their_rooms_with_features_and_pictures(written: Collection) -> None:
    known, flat = written.museums
    assert [room.name for room in known.rooms] == ["a", "b"]
    assert [(room.name, room.views) for room in flat.rooms] == [
        ("Discovered room 1", 2), ("Discovered room 2", 2),
    ]  # fmt: skip
    assert written.features.get("view").tolist() == [RED, BLUE, RED, RED, BLUE, BLUE]
    pictures = FilePictures(written)
    greys = [
        round(float(pictures.picture("flat", room, view).mean()) / 40)
        for room, view in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    assert greys == [2, 4, 3, 5]
    assert round(float(pictures.picture("sorted", 1, 0).mean()) / 40) == 1


def test_what_was_said_of_the_one_room_is_said_of_the_museum(written: Collection) -> None:
    assert written.museum("flat").introduction == ("A flat.", "Red.", "Blue.")
    queries = description_queries(written)
    assert queries["full"].paragraph_counts.tolist() == [3, 1]
    assert queries["full"].is_introduction.tolist() == [True, False, False, False]
    assert queries["room"].target.tolist() == [0, 0]
    assert np.asarray(queries["sentence"].sentences).tolist() == [[2, 3], [4, 5], [6, 7]]
    data = training_data(written, art=False, phrases=None)
    assert data.paragraph_room.tolist() == [-1, 0, 1, -2]
    assert data.sentence_counts.tolist() == [1, 1, 2, 3]
    texts = StoredTexts(written)
    assert texts.find("Flat, room 1") is None
    (said,) = texts.paragraphs(texts.find("Flat"))
    assert said == (("A flat.", "Red.", "Blue."), range(4, 7))


def test_texts_of_rooms_are_not_asked_for_where_there_are_none(written: Collection) -> None:
    with pytest.raises(HicalmError, match="No room of the collection 'Mixed' has a text"):
        description_queries(written.select([1]), ("full", "room"))


def test_nothing_is_written_where_nothing_is_found(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_discovered_rooms(folder, out)
    with pytest.raises(HicalmError, match="is there already"):
        write_discovered_rooms(folder, out)
    with pytest.raises(HicalmError, match="No rooms are found in"):
        write_discovered_rooms(out, tmp_path / "again")
    save_mixed(tmp_path / "less")
    (tmp_path / "less" / "pictures" / "flat" / "1" / "00002.jpg").unlink()
    with pytest.raises(HicalmError, match="Pictures of 'flat' are missing"):
        write_discovered_rooms(tmp_path / "less", tmp_path / "again")
    assert {path.name for path in tmp_path.iterdir()} == {"out", "less"}


def test_enough_assorted_pictures_of_chosen_museums_are_sorted(tmp_path: Path) -> None:
    own, few = LEAST_VIEWS, LEAST_VIEWS - 1
    museums = tuple(
        Museum(name, name, "test", (f"On {name}.",), (Room(name, said, views),))
        for name, said, views in (
            ("many", ("On many.",), own), ("few", only_named("few"), few),
            ("sorted", ("Sorted.",), own), ("named", only_named("named"), own),
        )
    )  # fmt: skip
    views = np.resize(np.array([RED, BLUE], np.float16), (3 * own + few, 2))
    arrays = {"view": views, "sentence": np.arange(8, dtype=np.float16)[:, None]}
    prints = {"view": Fingerprint("fake", "f00d", 2), "sentence": Fingerprint("fake", "f00d", 1)}
    save_collection(
        Collection("Loose", "", museums, {"source": "none"}, Features(arrays, prints)), tmp_path
    )
    whole = load_collection(tmp_path)
    assert sort_museums(whole, {"few"}, tmp_path / "none") is whole
    found = sort_museums(whole, {"many", "few", "named"}, tmp_path / "out")
    assert [len(museum.rooms) for museum in found.museums] == [2, 1, 1, 2]
    # neither what is said of the museum already nor a name alone is said of it again
    assert found.sentences == ["On many.", "On few.", "A room called few.",
                               "On sorted.", "Sorted.", "On named."]  # fmt: skip
    assert found.features.get("sentence").ravel().tolist() == [0, 2, 3, 4, 5, 6]
    assert found.has_discovered_rooms and not whole.has_discovered_rooms
    assert LevelWeights.load(Path(ZERO_SHOT), found).description == (0.1, 0.0, 0.9)
    assert LevelWeights.load(Path(ZERO_SHOT), whole) == LevelWeights.load(Path(ZERO_SHOT))
