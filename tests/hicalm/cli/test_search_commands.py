"""Searching on the command line: what it prints, and that a mistake is one sentence."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hicalm.data.collection import load_collection, save_collection
from hicalm.models.checkpoints import load_model
from hicalm.models.score_weights import LevelWeights
from hicalm.search.searcher import Searcher
from hicalm.search.stage_models import OTHER_PICTURES
from tests.hicalm.collections import FakeEncoder, encoded_world, ragged_collection, random_model
from tests.hicalm.commands import run
from tests.hicalm.stages import save_stages


@pytest.fixture(scope="module")
def world_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    save_collection(encoded_world(test=3), folder)
    return folder


@pytest.fixture
def fake_models(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Open collections with an untrained model; the list holds every collection opened."""
    opened = []

    def fake_open(collection: Path, checkpoint: Path, encoder: str, index: str = "") -> Searcher:
        opened.append(collection)
        museums = load_collection(collection)
        return Searcher(museums, random_model(), FakeEncoder(), None, LevelWeights())

    monkeypatch.setattr(Searcher, "open", fake_open)
    return opened


Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


def test_explain_prints_one_object(
    world_folder: Path, fake_models: list[Path], monkeypatch: Patch, capsys: Capture
) -> None:
    museum = load_collection(world_folder).museums[1]
    asked = ("explain", "cubist boats", museum.id, "--collection", world_folder)
    assert run(monkeypatch, *asked, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert sum(answer["levels"].values()) == pytest.approx(answer["score"])
    assert sum(room["contribution"] for room in answer["rooms"]) == pytest.approx(answer["score"])
    assert [part["text"] for part in answer["query_parts"]] == ["cubist", "boats"]
    assert run(monkeypatch, *asked) == 0
    shown = capsys.readouterr().out
    assert museum.title in shown and "view level" in shown and '"cubist"' in shown


@pytest.mark.parametrize(
    ("query", "museum", "reason"),
    [("boats", "nowhere", "no museum 'nowhere'"), (" ", "nowhere", "query is empty")],
)
def test_explain_refuses_what_it_cannot_explain(
    world_folder: Path, fake_models: list[Path], monkeypatch: Patch, capsys: Capture,
    query: str, museum: str, reason: str,
) -> None:  # fmt: skip
    asked = ("explain", query, museum, "--collection", world_folder)
    assert run(monkeypatch, *asked) == 2
    assert reason in capsys.readouterr().err


def test_museums_prints_a_specification_a_line(
    world_folder: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    assert run(monkeypatch, "museums", "--json", "--collection", world_folder) == 0
    museums = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert museums == list(encoded_world(test=3).specifications)
    assert set(museums[0]) == {"id", "title", "theme", "split", "rooms"}
    room = museums[0]["rooms"][0]
    assert set(room) == {"name", "wall_color", "floor", "lighting", "objects", "paintings"}
    painting = room["paintings"][0]
    assert set(painting) == {"subject", "style", "palette", "title", "artist"}


def test_museums_without_json_prints_a_museum_a_line(
    world_folder: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    assert run(monkeypatch, "museums", "--collection", world_folder) == 0
    lines = capsys.readouterr().out.splitlines()
    museums = encoded_world(test=3).museums
    assert [line.split()[0] for line in lines] == [museum.id for museum in museums]


def test_search_prints_one_object(
    world_folder: Path, fake_models: list[Path], monkeypatch: Patch, capsys: Capture
) -> None:
    arguments = ("search", 'a room of &lt;horses "</b', "--top", 2, "--json")
    assert run(monkeypatch, *arguments, "--collection", world_folder) == 0
    printed = capsys.readouterr()
    (line,) = printed.out.splitlines()
    answer = json.loads(line)
    (note,) = answer["notes"]
    assert note.startswith("Re-ranking is off") and printed.err == f"note: {note}\n"
    assert list(answer) == [
        "query", "corrected", "plan", "fit", "presence", "found", "stages", "collection", "filters",
        "models", "version", "date", "notes", "results",
    ]  # fmt: skip
    assert answer["plan"] == {"op": "phrase", "text": answer["query"]}
    assert answer["corrected"] == {}
    assert answer["stages"] == ["rank"]
    assert answer["query"] == 'a room of &lt;horses "</b'
    assert len(answer["results"]) == 2
    for result in answer["results"]:
        assert list(result) == [
            "rank", "museum_id", "title", "score", "levels", "fit", "rooms", "answers",
        ]  # fmt: skip
        assert list(result["levels"]) == ["museum", "room", "view"]
        assert sum(result["levels"].values()) == pytest.approx(result["score"], abs=1e-6)
        assert all(list(room) == ["index", "similarity"] for room in result["rooms"])


@pytest.mark.parametrize("as_json", [True, False])
def test_why_other_pictures_are_not_reranked_is_printed(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture, as_json: bool
) -> None:
    photographs = {"source": "files", "root": "photographs"}
    save_collection(replace(encoded_world(test=3), pictures=photographs), tmp_path / "mine")

    def fake_open(collection: Path, checkpoint: Path, encoder: str, index: str = "") -> Searcher:
        museums = load_collection(collection)
        return Searcher(museums, random_model(), FakeEncoder(), None, LevelWeights(), checkpoint)

    monkeypatch.setattr(Searcher, "open", fake_open)
    places = ("--collection", tmp_path / "mine", "--checkpoint", save_stages(tmp_path / "models"))
    asked = ("search", "horses", *places, *(["--json"] if as_json else []))
    assert run(monkeypatch, *asked) == 0
    printed, note = capsys.readouterr(), f"Re-ranking is off: {OTHER_PICTURES}"
    assert printed.err == f"note: {note}\n"
    if as_json:
        answer = json.loads(printed.out)
        assert answer["notes"] == [note] and answer["stages"] == ["rank"]


def test_a_file_of_queries_is_answered_line_by_line_with_one_load(
    world_folder: Path, fake_models: list[Path], tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:  # fmt: skip
    queries = tmp_path / "queries.txt"
    queries.write_bytes("horses\r\n\nblue\x0brooms\x85again\n有海景画的房间".encode())
    arguments = ("search", "--queries", queries, "--json", "--collection", world_folder)
    assert run(monkeypatch, *arguments) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [a["query"] for a in answers] == ["horses", "blue rooms again", "有海景画的房间"]
    assert len(fake_models) == 1


def test_search_without_json_names_the_museums(
    world_folder: Path, fake_models: list[Path], monkeypatch: Patch, capsys: Capture
) -> None:
    assert run(monkeypatch, "search", "horses", "--collection", world_folder) == 0
    out = capsys.readouterr().out
    assert all(museum.id in out for museum in encoded_world(test=3).museums)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("search",), "Give either a query or --queries FILE"),
        (("search", "horses", "--queries", "q.txt"), "Give either a query or --queries FILE"),
        (("search", "--queries", "no such file"), "'no such file' cannot be read"),
        (("search", ""), "The query is empty"),
        (("search", "?!"), "no words"),
        (("search", "x" * 50_000), "50,000 characters"),
        (("search", "horses", "--threads", "0"), "--threads must be at least 1"),
        (("museums", "--collection", "nowhere"), "'nowhere' is not a collection"),
    ],
)
def test_a_mistake_is_one_sentence_on_standard_error(
    arguments: tuple[str, ...], reason: str, world_folder: Path, fake_models: list[Path],
    monkeypatch: Patch, capsys: Capture,
) -> None:  # fmt: skip
    if arguments[0] == "search":
        arguments = (*arguments, "--collection", str(world_folder))
    assert run(monkeypatch, *arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert reason in printed.err
    assert printed.err.count("\n") == 1


def test_a_collection_without_ground_truth_has_no_specifications(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    save_collection(ragged_collection(), tmp_path)
    assert run(monkeypatch, "museums", "--json", "--collection", tmp_path) == 2
    assert "has no specifications" in capsys.readouterr().err


def test_a_collection_without_features_cannot_be_searched(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    arguments = ("--train", 0, "--validation", 0, "--test", 1, "--seed", 4)
    assert run(monkeypatch, "world", tmp_path / "world", *arguments) == 0
    assert len(load_collection(tmp_path / "world").museums) == 1
    checkpoint = ("--checkpoint", tmp_path / "nothing")
    collection = ("--collection", tmp_path / "world")
    assert run(monkeypatch, "search", "horses", *collection, *checkpoint) == 2
    assert "has no view features" in capsys.readouterr().err


def test_an_index_is_made_once_and_searched(
    world_folder: Path, tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    checkpoint, address = save_stages(tmp_path), str(tmp_path / "museums.db")
    asked = "index", world_folder, "--to", address, "--checkpoint", checkpoint, "--vectors"
    assert run(monkeypatch, *asked) == 0
    assert f"3 museums at {address}: 3 written, 0 removed" in capsys.readouterr().out
    assert run(monkeypatch, *asked) == 0
    assert "0 written, 0 removed" in capsys.readouterr().out
    assert run(monkeypatch, *asked, "--anew") == 0
    assert "3 written" in capsys.readouterr().out
    alone = "index", world_folder, "--vectors", "--checkpoint", checkpoint
    for further, written in (((), 0), (("--anew",), 3), ((), 0)):
        assert run(monkeypatch, *alone, *further) == 0
        assert f"{written} written" in capsys.readouterr().out
    museums = load_collection(world_folder)
    models = load_model(checkpoint), FakeEncoder(), None, LevelWeights(), checkpoint
    monkeypatch.setattr(
        Searcher, "open", lambda *given: Searcher(museums, *models, address=given[3])
    )
    assert run(monkeypatch, "search", "horses", "--index", address) == 0
    assert "shortlist" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "pymilvus", None)  # as where the extra is not installed
    assert run(monkeypatch, *asked) == 2
    assert "pip install 'hicalm[scale]'" in capsys.readouterr().err
