"""``python -m hicalm import``, and what is done with what was imported."""

import json
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import load_collection
from hicalm.files import encode_jpeg
from tests.hicalm.commands import run
from tests.hicalm.importers.layouts import make_apartments, make_gamingmv

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


def test_published_files_are_imported_converted_and_embedded(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    golden = Path(__file__).parents[1] / "golden"
    museums, model, out = tmp_path / "museums", tmp_path / "model", tmp_path / "vectors.npz"
    assert run(monkeypatch, "import", "museums3k", golden / "data6_tiny", "--out", museums) == 0
    assert "6 museums (2 train, 2 validation, 2 test)" in capsys.readouterr().out
    checkpoint = golden / "tiny" / "hier_avg_noart" / "ckpt.pt"
    assert run(monkeypatch, "convert", checkpoint, "--out", model, "--without", "padded-rooms") == 0
    shown = capsys.readouterr().out
    assert "text avg, vision avg" in shown and "zeroed-last-sentence" in shown
    assert "padded-rooms" not in shown
    asked = ("embed", "--checkpoint", model, "--collection", museums, "--out", out)
    assert run(monkeypatch, *asked, "--batch-size", 4) == 0
    with np.load(out) as file:
        assert file["view_museum"].shape == (6, 16)
    assert run(monkeypatch, *asked, "--batch-size", 0) == 2
    assert "--batch-size must be at least 1" in capsys.readouterr().err


def test_worlds_of_games_and_apartments_are_imported(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    games, flats = make_gamingmv(tmp_path / "games", frames=5), tmp_path / "flats"
    make_apartments(flats, tmp_path / "texts")
    asked = ("import", "gamingmv", games, "--out", tmp_path / "a", "--frames", 3, "--art", "de")
    assert run(monkeypatch, *asked) == 0
    assert "4 museums (2 train, 1 validation, 1 test), 7 rooms, 21" in capsys.readouterr().out
    asked = ("import", "apartments", flats, "--out", tmp_path / "b", "--texts", tmp_path / "texts")
    assert run(monkeypatch, *asked) == 0
    assert "4 museums (2 train, 1 validation, 1 test), 4 rooms, 10" in capsys.readouterr().out


def test_own_pictures_are_imported_with_the_builtin_encoder(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    for number, place in enumerate(("north/1", "north/2", "south")):
        (tmp_path / "mine" / place).mkdir(parents=True)
        picture = np.full((60, 80, 3), 80 * number, np.uint8)
        (tmp_path / "mine" / place / "a.jpg").write_bytes(encode_jpeg(picture))
    (tmp_path / "mine" / "south" / "broken.jpg").write_bytes(b"x")
    out = tmp_path / "out"
    asked = ("import", "images", tmp_path / "mine", "--out", out, "--title", "Mine")
    assert run(monkeypatch, *asked) == 2
    assert "1 file cannot be read: 'south/broken.jpg'" in capsys.readouterr().err
    assert run(monkeypatch, *asked, "--skip-broken") == 0
    assert "2 museums (2 test), 3 rooms, 3 views, 5 sentences" in capsys.readouterr().out
    collection = load_collection(out)
    assert collection.name == "Mine" and collection.features.fingerprints["view"].name == "builtin"
    found = ("search", "red rooms", "--collection", out, "--json")
    assert run(monkeypatch, *found) == 0
    assert len(json.loads(capsys.readouterr().out)["results"]) == 2
