"""Pieces give what one process gives, byte for byte; what an interrupted run did is kept."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import load_collection, save_collection
from hicalm.data.ray_work import remove_work
from hicalm.encoders import encode_pieces
from hicalm.encoders.encode import encode_collection
from hicalm.encoders.encode_pieces import WORK, encode_by_ray
from hicalm.importers import images
from hicalm.importers.images import import_images
from hicalm.models.checkpoints import save_model
from hicalm.retrieval import embed
from hicalm.retrieval.embed import embed_collection
from tests.hicalm.collections import (
    FakeEncoder,
    contents,
    encoded_world,
    pictured,
    random_model,
)
from tests.hicalm.commands import run
from tests.hicalm.pieces import in_turn


def load() -> tuple[FakeEncoder, None, None]:
    return FakeEncoder(), None, None


def test_what_was_encoded_before_a_break_is_not_encoded_again(tmp_path, monkeypatch):
    monkeypatch.setattr(encode_pieces, "VIEWS", 4)
    monkeypatch.setattr(encode_pieces, "TEXTS_AT_ONCE", 5)
    one, many = pictured(tmp_path / "one"), pictured(tmp_path / "many")
    save_collection(encode_collection(load_collection(one), FakeEncoder(), None), one)

    def encode(most: int, name: str = "fake") -> list[int]:
        done: list[int] = []
        monkeypatch.setattr(encode_pieces, "do_pieces", partial(in_turn, done, most))
        encoded = encode_by_ray(many, lambda: (FakeEncoder(name), None, None), "local", 1)
        save_collection(encoded, many)
        return done

    with pytest.raises(KeyboardInterrupt):
        encode(2)
    assert encode(9) == [3, 2, 1, 0]  # three of 11 views, three of 13 texts, two of them done
    remove_work(many, WORK)
    assert contents(many) == contents(one)
    encode(9)
    assert len(encode(9, "another")) == 6  # nothing of another encoder is kept


def test_pieces_of_museums_are_embedded_to_the_same_file(tmp_path, monkeypatch):
    world, one, many = encoded_world(test=5), tmp_path / "one.npz", tmp_path / "many.npz"
    save_collection(world, tmp_path / "world")
    save_model(random_model(), tmp_path / "model")
    asked = ("embed", "--checkpoint", tmp_path / "model", "--collection", tmp_path / "world")
    asked += ("--batch-size", 2, "--out")
    assert run(monkeypatch, *asked, one) == 0
    monkeypatch.setattr(embed, "BATCHES", 1)
    done: list[int] = []
    monkeypatch.setattr(embed, "do_pieces", partial(in_turn, done, 9))
    assert run(monkeypatch, *asked, many, "--ray", "local") == 0
    assert done == [2, 1, 0]
    assert many.read_bytes() == one.read_bytes()
    assert not (tmp_path / "world" / f"{embed.WORK}.part").exists()
    vectors, expected = np.load(one), embed_collection(random_model(), world, 2)
    assert list(vectors) == list(expected)
    assert all(np.array_equal(vectors[name], array) for name, array in expected.items())


def test_museums_are_imported_one_by_one(tmp_path, monkeypatch):
    source = pictured(tmp_path) / "pictures"
    import_images(source, tmp_path / "one", FakeEncoder(), None)

    def import_by_ray(most: int) -> list[int]:
        done: list[int] = []
        monkeypatch.setattr(images, "do_pieces", partial(in_turn, done, most))
        out: Path = tmp_path / "many"
        import_images(source, out, FakeEncoder(), None, ray="local", load=load)
        return done

    with pytest.raises(KeyboardInterrupt):
        import_by_ray(1)
    assert import_by_ray(9) == [1, 0]
    assert contents(tmp_path / "many") == contents(tmp_path / "one")
