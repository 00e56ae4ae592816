"""The built-in world as a collection: a pure function of the seed that fits its ground truth."""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from hicalm.data.collection import Collection, save_collection
from hicalm.world.describe import describe
from hicalm.world.generate import world_collection, write_covers
from hicalm.world.render import VIEWS_PER_ROOM

SIZES = {"train": 3, "validation": 1, "test": 2}


@pytest.fixture(scope="module")
def world() -> Collection:
    return world_collection(5, SIZES)


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(world: Collection, tmp_path: Path) -> None:
    save_collection(world, tmp_path / "first")
    save_collection(world_collection(5, SIZES), tmp_path / "again")
    save_collection(world_collection(6, SIZES), tmp_path / "other")
    first, other = digests(tmp_path / "first"), digests(tmp_path / "other")
    assert set(first) == {"collection.json", "museums.jsonl", "specifications.jsonl"}
    assert first == digests(tmp_path / "again")
    assert all(first[name] != other[name] for name in first)


def test_museums_fit_their_specifications(world: Collection) -> None:
    assert [museum.split for museum in world.museums] == ["train"] * 3 + ["validation"] + [
        "test"
    ] * 2
    for museum, specification in zip(world.museums, world.specifications, strict=True):
        assert (museum.id, museum.title) == (specification["id"], specification["title"])
        assert museum.attributes == {"theme": specification["theme"]}
        for room, truth in zip(museum.rooms, specification["rooms"], strict=True):
            assert room.name == truth["name"]
            assert room.views == VIEWS_PER_ROOM
            assert room.attributes["floor"] == truth["floor"]
            assert room.attributes["objects"] == truth["objects"]


def test_every_room_has_its_own_paragraph(world: Collection) -> None:
    for museum, specification in zip(world.museums, world.specifications, strict=True):
        texts = describe(specification, 5)
        assert museum.introduction == tuple(texts.introduction)
        paragraphs = [tuple(paragraph) for paragraph in texts.rooms]
        assert [room.paragraph for room in museum.rooms] == paragraphs
        for number, room in zip(("first", "second"), museum.rooms, strict=False):
            assert room.paragraph[0].startswith(f"In the {number} room, there are")


def test_covers_are_small_pictures_named_by_museum(world: Collection, tmp_path: Path) -> None:
    part = world.select([4])
    write_covers(part, tmp_path)
    (cover,) = (tmp_path / "covers").iterdir()
    assert cover.name == f"{part.museums[0].id}.jpg"
    assert len(cover.read_bytes()) < 40_000
    with Image.open(io.BytesIO(cover.read_bytes())) as image:
        assert image.size == (320, 240)
