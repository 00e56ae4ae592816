"""``python -m hicalm hash``: from data to metrics on tiny data, and mistakes in one sentence."""

import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import load_collection, save_collection
from hicalm.data.dataset import view_rows
from hicalm.encoders.encoder import Encoder
from hicalm.hashing.codes import load_codes
from hicalm.hashing.decoder_training import DecoderSettings
from hicalm.hashing.heads import load_heads
from hicalm.hashing.order import OrderSettings
from hicalm.hashing.shortlist_training import train_shortlist
from hicalm.models.checkpoints import content_hash, load_model, save_model
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.spelling import Vocabulary
from hicalm.retrieval.index import build_index
from hicalm.retrieval.query import QueryReader
from hicalm.search.museum_filters import Allowed
from hicalm.search.shortlist import open_shortlist
from tests.hicalm import commands
from tests.hicalm.collections import FakeEncoder, encoded_world, random_model
from tests.hicalm.hashing.matfiles import write_matfiles

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def fake_encoder(monkeypatch: Patch) -> None:
    monkeypatch.setattr(Encoder, "load", lambda name: FakeEncoder())


@pytest.fixture(scope="module")
def world_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    save_collection(encoded_world(train=2, test=2), folder)
    return folder


def run(monkeypatch: Patch, *arguments: object) -> int:
    return commands.run(monkeypatch, "hash", *arguments)


SHORT = ("--bits", 16, "--epochs", 2, "--clusters", 4)


@pytest.mark.parametrize("objects", ["whole", "paintings", "grid"])
def test_a_world_is_learnt_encoded_and_evaluated(
    objects: str, world_folder: Path, tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    asked = ("train", world_folder, "--out", tmp_path / "run", "--objects", objects, "--pairs", 30)
    assert run(monkeypatch, *asked, *SHORT) == 0
    assert load_heads(tmp_path / "run").settings.bits == 16
    asked = ("encode", world_folder, "--run", tmp_path / "run", "--out", tmp_path / "codes")
    assert run(monkeypatch, *asked, "--queries", 10) == 0
    assert "codes of 16 bits, 10 queries" in capsys.readouterr().out
    mat, packed = tmp_path / "codes" / "codes.mat", tmp_path / "codes" / "codes.npz"
    assert (load_codes(mat).codes["r_txt"] == load_codes(packed).codes["r_txt"]).all()
    out = ("--json", tmp_path / "figures.json", "--plot", tmp_path / "curves.html")
    assert run(monkeypatch, "evaluate", mat, packed, *out) == 0
    shown = capsys.readouterr().out
    assert (
        len(re.findall(r"\| subject +\|", shown)) == len(re.findall(r"\| palette +\|", shown)) == 2
    )
    metrics = json.loads((tmp_path / "figures.json").read_text())["codes"]
    assert metrics[str(mat)] == metrics[str(packed)]
    found = metrics[str(mat)]["labels"]["style"]["text_to_image"]
    assert 0 < found["mAP"] <= 1 and found["recall"][-1] == pytest.approx(1)
    page = (tmp_path / "curves.html").read_text()
    assert "style, text to image" in page and 'src="http' not in page


def test_the_published_protocol_is_said_beside_its_figures(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    write_matfiles(tmp_path / "data", 30)
    run_folder, out = tmp_path / "run", tmp_path / "codes"
    asked = ("train", tmp_path / "data", "--out", run_folder, "--protocol", "published")
    short = ("--bits", 16, "--epochs", 3, "--n-clusters", 3, "--si-std", 0.9)
    assert run(monkeypatch, *asked, *short, "--queries", 6, "--pairs", 9) == 0
    remembered = json.loads((run_folder / "run.json").read_text())
    order = np.random.RandomState(1).permutation(30)
    assert remembered["trained"] == [f"images/im{row + 1}.jpg" for row in order[6:15]]
    assert len(remembered["validation"]) == 3
    assert load_heads(run_folder).settings.deviations == 0.9
    encode = ("encode", tmp_path / "data", "--run", run_folder, "--out", out)
    assert run(monkeypatch, *encode) == 0
    labels = load_codes(out / "codes.mat").query_labels["label"]
    assert labels.argmax(axis=1).tolist() == (order[:6] % 3).tolist()
    figures = tmp_path / "figures.json"
    evaluate = ("evaluate", out / "codes.mat", "--json", figures)
    assert run(monkeypatch, *evaluate, "--protocol", "published") == 0
    assert "published / published" in capsys.readouterr().out
    assert run(monkeypatch, *evaluate, "--map-at", "relevant") == 0
    assert "published / mixed" in capsys.readouterr().out
    metrics = json.loads(figures.read_text())
    assert metrics["judging"]["map_at"] == "relevant" and metrics["protocol"] == "mixed"
    assert metrics["codes"][str(out / "codes.mat")]["pieces"]["tags"] == "tokens"

    assert run(monkeypatch, *encode, "--queries", 10) == 2
    assert "4 of the 10 queries were trained on" in capsys.readouterr().err
    (run_folder / "run.json").unlink()
    assert run(monkeypatch, *encode) == 2
    assert "does not say what it was trained on" in capsys.readouterr().err
    assert run(monkeypatch, *asked[:-1], "theirs") == 2
    assert "own or published, not 'theirs'" in capsys.readouterr().err


@pytest.mark.parametrize("objects", ["whole", "grid"])
def test_published_files_are_learnt_encoded_and_evaluated(
    objects: str, tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    write_matfiles(tmp_path / "data", 30)
    asked = ("train", tmp_path / "data", "--out", tmp_path / "run", "--objects", objects)
    short = ("--bits", 16, "--epochs", 60, "--clusters", 3)
    assert run(monkeypatch, *asked, *short, "--queries", 6) == 0
    asked = ("encode", tmp_path / "data", "--run", tmp_path / "run", "--out", tmp_path / "codes")
    assert run(monkeypatch, *asked) == 0  # the run remembers its six queries
    assert run(monkeypatch, "evaluate", tmp_path / "codes" / "codes.mat") == 0
    assert re.search(r"\| label +\|", capsys.readouterr().out)


def test_equal_seeds_give_equal_codes(
    world_folder: Path, tmp_path: Path, monkeypatch: Patch
) -> None:
    found = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        out = tmp_path / name
        asked = ("train", world_folder, "--out", out, "--pairs", 30, "--seed", seed)
        assert run(monkeypatch, *asked, *SHORT) == 0
        assert (
            run(monkeypatch, "encode", world_folder, "--run", out, "--out", out, "--queries", 9)
            == 0
        )
        found.append((out / "codes.npz").read_bytes())
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ("train", "DATA", "--out", "OUT", "--bits", 24),
            "bits must be one of 16, 32, 64, 128, not 24",
        ),
        (("train", "DATA", "--out", "OUT", "--objects", "cats"), "There are no objects 'cats'"),
        (("train", "DATA", "--out", "OUT", "--pairs", 1), "at least 2 pairs, not from 1"),
        (("train", "nowhere", "--out", "OUT"), "'nowhere' holds neither a collection"),
        (("encode", "DATA", "--run", "nowhere", "--out", "OUT"), "no hash heads in 'nowhere'"),
        (("evaluate", "nowhere.mat"), "There is no file 'nowhere.mat'"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: tuple, reason: str, world_folder: Path, tmp_path: Path, monkeypatch: Patch,
    capsys: Capture,
) -> None:  # fmt: skip
    places = {"DATA": world_folder, "OUT": tmp_path / "out"}
    assert run(monkeypatch, *(places.get(argument, argument) for argument in arguments)) == 2
    printed = capsys.readouterr().err.splitlines()[-1]
    assert printed.startswith("error: ") and reason in printed
    assert not (tmp_path / "out").exists()


def test_more_queries_than_items_and_another_encoder_are_refused(
    world_folder: Path, tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    out = tmp_path / "run"
    assert run(monkeypatch, "train", world_folder, "--out", out, "--pairs", 30, *SHORT) == 0
    asked = ("encode", world_folder, "--run", out, "--out", out)
    assert run(monkeypatch, *asked, "--queries", 9, "--split", "train") == 2
    assert "queries were trained on" in capsys.readouterr().err
    assert run(monkeypatch, *asked) == 2
    assert "2,000 queries cannot be drawn" in capsys.readouterr().err
    monkeypatch.setattr(Encoder, "load", lambda name: FakeEncoder(content="beef"))
    assert run(monkeypatch, *asked) == 2
    assert "encoder fake f00d, which is another one now (beef)" in capsys.readouterr().err


def test_boxes_may_be_given_as_a_file(
    world_folder: Path, tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    write_matfiles(tmp_path / "data", 30)
    boxes = {f"im{number}.jpg": [[0, 0, 16, 24], [16, 0, 32, 24]] for number in range(1, 31)}
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps(boxes))
    asked = ("train", tmp_path / "data", "--out", tmp_path / "run", "--objects", path)
    assert run(monkeypatch, *asked, *SHORT, "--queries", 6) == 0
    assert load_heads(tmp_path / "run").settings.bits == 16
    capsys.readouterr()
    asked = ("train", world_folder, "--out", tmp_path / "other", "--objects", path)
    assert run(monkeypatch, *asked, *SHORT) == 2
    assert "boxes.json' has no boxes of '" in capsys.readouterr().err
    missing = (*asked[:-1], tmp_path / "nowhere.json")
    assert run(monkeypatch, *missing) == 2
    assert "nowhere.json': choose one of whole, " in capsys.readouterr().err


def test_files_know_no_paintings(tmp_path: Path, monkeypatch: Patch, capsys: Capture) -> None:
    write_matfiles(tmp_path / "data", 9)
    asked = ("train", tmp_path / "data", "--out", tmp_path / "run", "--objects", "paintings")
    assert run(monkeypatch, *asked, "--queries", 3) == 2
    assert "Only the built-in world knows paintings" in capsys.readouterr().err
    (tmp_path / "data" / "images" / "im4.jpg").write_bytes(b"broken")
    assert run(monkeypatch, *asked[:4], "--queries", 3) == 2
    assert "im4.jpg': The file is not a picture" in capsys.readouterr().err


def test_hostile_names_are_escaped_in_the_page(tmp_path: Path, monkeypatch: Patch) -> None:
    codes = {key: np.zeros((2, 2), np.uint8) for key in ("q_img", "q_txt", "r_img", "r_txt")}
    path = tmp_path / "<b>x.npz"
    np.savez(path, **codes, q_l=np.eye(2), r_l=np.eye(2), l_kind=np.array(["<i>", "<i>"]))
    assert run(monkeypatch, "evaluate", path, "--plot", tmp_path / "curves.html") == 0
    page = (tmp_path / "curves.html").read_text()
    assert "<b>x.npz" not in page and "<i>, image" not in page


def test_a_shortlist_is_learnt_and_opened(
    world_folder: Path, tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    quickly = partial(
        train_shortlist, settings=OrderSettings(steps=3, hidden=8),
        decoder_settings=DecoderSettings(steps=3, hidden=8), progress=False,
    )  # fmt: skip
    monkeypatch.setattr("hicalm.hashing.shortlist_training.train_shortlist", quickly)
    checkpoint, out = tmp_path / "hicalm", tmp_path / "shortlist"
    save_model(random_model(), checkpoint)
    asked = ("--checkpoint", checkpoint, "--bits", 32, "--out", out)
    assert run(monkeypatch, "shortlist", world_folder, *asked) == 0
    assert "heads for 32 bits" in capsys.readouterr().out
    collection, model = load_collection(world_folder), load_model(checkpoint)
    counts = collection.view_counts, collection.room_counts
    index = build_index(model, view_rows(collection, 0), *counts)
    shortlist = open_shortlist(out, index, content_hash(checkpoint))
    reader = QueryReader(model, FakeEncoder(), None, LevelWeights(), Vocabulary(()))
    query = reader.read("a room")
    assert len(set(shortlist.museums(query, Allowed(np.arange(len(counts[1]))), 3))) == 3

    save_collection(encoded_world(train=0, test=2), tmp_path / "test-only")
    assert run(monkeypatch, "shortlist", tmp_path / "test-only", *asked) != 0
    assert "train" in capsys.readouterr().err
