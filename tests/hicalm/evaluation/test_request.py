"""The evaluation of imported collections and of several seeds, from the command line."""

import csv
import json
import pickle
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.cli import main
from hicalm.data.collection import load_collection, save_collection
from hicalm.errors import HicalmError
from hicalm.evaluation import comparison as comparison_module
from hicalm.evaluation.comparison import over_seeds
from hicalm.evaluation.metric_tables import markdown_tables, metrics_csv
from hicalm.evaluation.model_runs import find_methods
from hicalm.evaluation.plots import cumulative_shares, save_rank_plot
from hicalm.evaluation.user_queries import user_query_metrics
from hicalm.models.checkpoints import load_model, save_model
from hicalm.retrieval.embed import embed_collection
from hicalm.retrieval.queries import description_queries
from hicalm.retrieval.scorers import ModelScorer, MuseumScorer
from hicalm.retrieval.scoring import MUSEUM_ONLY, LevelWeights
from hicalm.training.seed_runs import new_run_folders
from tests.hicalm.collections import encoded_world, random_model
from tests.hicalm.importers.layouts import ART_WIDTH, make_museums3k
from tests.hicalm.museums import query_batch

MODELS = {
    "hicalm": {"art_dim": ART_WIDTH},
    "hierartex": {"text": "avg", "vision": "avg"},
    "flat": {"kind": "flat"},
    "merge-max": {"merge": "max"},
    "merge-mean-sum": {"merge": "mean-sum"},
    **{name: {"vision": name} for name in ("dan", "vsformer", "mvcnn", "mvcnn-sa")},
}
TESTS = 5  # museums of the test split
WIDTH = 8  # of the features, which VSFormer's heads must divide


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["hicalm", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code or 0


def save_random(folder: Path, encoder: str, seed: int = 0, **changes: object) -> None:
    model = random_model(encoder=encoder, **{"view_dim": WIDTH, "text_dim": WIDTH} | changes)
    torch.manual_seed(seed)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    save_model(model, folder)


@pytest.fixture(scope="module")
def museums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An imported collection: no ground truth, no encoder, rooms of any number."""
    base = tmp_path_factory.mktemp("published")
    torch.manual_seed(0)
    make_museums3k(base / "files", 8)
    for path in (base / "files").rglob("*.pt"):  # features that tell the museums apart
        width = ART_WIDTH if "wikiart" in str(path) else WIDTH
        torch.save(torch.randn(len(torch.load(path)), width).half(), path)
    splits = {"train": torch.arange(2), "val": torch.tensor([2]), "test": torch.arange(3, 8)}
    (base / "files" / "indices_museum_dataset.pkl").write_bytes(pickle.dumps(splits))
    with pytest.MonkeyPatch.context() as patch:
        asked = ("import", "museums3k", base / "files", "--out", base / "museums")
        assert run(patch, *asked) == 0
    return base / "museums"


@pytest.fixture(scope="module")
def encoder(museums: Path) -> str:
    fingerprint = load_collection(museums).features.fingerprints["view"]
    return f"{fingerprint.name} {fingerprint.hash}"


@pytest.fixture(scope="module")
def models(encoder: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All published models, one of them in three runs, and folders with something else."""
    folder = tmp_path_factory.mktemp("models")
    for name, changes in MODELS.items():
        save_random(folder / name, encoder, **changes)
    for number in (2, 0, 10):
        save_random(folder / "several" / f"seed-{number}", encoder, seed=number)
    save_random(folder / "foreign", "other cafe")
    save_random(folder / "wide", "", text_dim=WIDTH + 1)
    (folder / "half" / "seed-1").mkdir(parents=True)
    (folder / "notes.txt").write_text("something else")
    return folder


def test_all_published_models_are_evaluated_on_an_imported_collection(
    museums: Path, models: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    files = {kind: tmp_path / "new" / f"metrics.{kind}" for kind in ("json", "csv", "markdown")}
    options = [part for kind, path in files.items() for part in (f"--{kind}", path)]
    asked = ("evaluate", "--collection", museums, "--checkpoints", models)
    assert run(monkeypatch, *asked, *options, "--plot", tmp_path / "plot.html") == 0
    shown = capsys.readouterr()
    metrics = json.loads(files["json"].read_text())
    assert set(metrics["methods"]) == {*MODELS, "several", "clip-mean"}
    assert "foreign is left out. The model reads features of the encoder other" in shown.err
    assert "wide is left out. The model reads sentence features of width 9" in shown.err
    assert metrics["museums"] == TESTS and metrics["queries"] == {"full": TESTS}
    for values in metrics["methods"].values():
        assert list(values) == ["full", "museum_to_text", "concepts"]
        assert set(values["full"]) == {"R@1", "R@5", "R@10", "median_rank", "mean_rank"}
        assert set(values["concepts"]["museum_to_text"]) == {"3", "5", "10", "15"}
    assert shown.out == files["markdown"].read_text()
    for table in shown.out.split("\n\n")[:2]:
        assert len({line.count("|") for line in table.splitlines()}) == 1
    assert "paraphrase" not in shown.out and "| hicalm-museum |" not in shown.out
    assert re.search(r"\| several +\| [\d.]+ ± [\d.]+ / ", shown.out)
    rows = list(csv.DictReader(files["csv"].open()))
    (mean,) = [r for r in rows if (r["method"], r["measure"]) == ("several", "full/mean_rank")]
    assert float(mean["value"]) == metrics["methods"]["several"]["full"]["mean_rank"]
    assert float(mean["deviation"]) == metrics["spread"]["several"]["full"]["mean_rank"]
    assert mean["tries"] == "3" and metrics["tries"] == {"several": 3}
    page = (tmp_path / "plot.html").read_text(encoding="utf-8")
    assert "plotly.js v" in page and not re.search(r"<script[^>]+src=", page)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "plot.html"]


@pytest.mark.parametrize("name", MODELS)
def test_figures_are_those_of_the_embeddings(
    name: str, museums: Path, models: Path, tmp_path: Path, monkeypatch
) -> None:
    out = tmp_path / "figures.json"
    asked = ("evaluate", "--collection", museums, "--checkpoint", models / name, "--json", out)
    assert run(monkeypatch, *asked) == 0
    vectors = embed_collection(load_model(models / name), load_collection(museums).split("test"))
    text, view = (vectors[side] / np.linalg.norm(vectors[side], axis=1, keepdims=True)
                  for side in ("text_museum", "view_museum"))  # fmt: skip
    metrics = json.loads(out.read_text())["methods"]
    assert list(metrics) == [name]
    for direction, scores in (("full", text @ view.T), ("museum_to_text", view @ text.T)):
        ranks = [1 + sum(row[j] > row[i] for j in range(TESTS)) for i, row in enumerate(scores)]
        assert metrics[name][direction]["mean_rank"] == pytest.approx(sum(ranks) / TESTS)
        assert metrics[name][direction]["median_rank"] == sorted(ranks)[TESTS // 2]
        for k in (1, 5, 10):
            assert metrics[name][direction][f"R@{k}"] == sum(r <= k for r in ranks) / TESTS


def test_methods_lengths_split_and_stop_words_can_be_chosen(
    museums: Path, models: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    out, stop = tmp_path / "figures.json", tmp_path / "stop.txt"
    asked = ("evaluate", "--collection", museums, "--checkpoints", models, "--json", out)
    chosen = ("--model", "clip-mean", "--model", "dan")
    assert run(monkeypatch, *asked, *chosen, "--lengths", "full,room", "--no-concepts") == 0
    metrics = json.loads(out.read_text())
    assert list(metrics["methods"]) == ["clip-mean", "dan"]
    assert list(metrics["methods"]["dan"]) == ["full", "museum_to_text", "room"]
    assert "concepts" not in capsys.readouterr().out
    stop.write_text("Rembrandt\n")  # what else is said of the test museums is about their rooms
    by_words = []
    for extra in ((), ("--stop-words", stop)):
        assert run(monkeypatch, *asked, *chosen[:2], *extra) == 0
        by_words.append(json.loads(out.read_text())["methods"]["clip-mean"]["concepts"])
    assert by_words[0] != by_words[1]
    assert run(monkeypatch, *asked, "--split", "train", *chosen) == 0
    assert json.loads(out.read_text())["museums"] == 2


def test_user_queries_are_judged_by_their_table(
    museums: Path, models: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    torch.manual_seed(1)
    texts = [torch.randn(2 + n % 2, WIDTH) for n in range(6)]
    table = torch.tensor([[1, 0, 0, 1, 0], [0, 1, 0, 0, 0]])
    torch.save(texts, tmp_path / "queries.pt")
    torch.save(table, tmp_path / "table.pt")
    out, both = tmp_path / "figures.json", ("--user-queries", tmp_path / "queries.pt",
                                            "--relevance", tmp_path / "table.pt")  # fmt: skip
    asked = ("evaluate", "--collection", museums, "--checkpoint", models / "dan", "--json", out)
    assert run(monkeypatch, *asked, *both) == 0
    assert "user queries R@1" in capsys.readouterr().out
    model, museums_ = load_model(models / "dan"), load_collection(museums).split("test")
    view = embed_collection(model, museums_)["view_museum"]
    with torch.no_grad():  # one after the other, so that no length can depend on another's
        text = torch.cat([model.encode_text(query_batch([one])).museum for one in texts]).numpy()
    view, text = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (view, text))
    expected = user_query_metrics(text @ view.T, np.repeat(table.numpy(), 3, axis=0))
    metrics = json.loads(out.read_text())
    assert metrics["methods"]["dan"]["user_queries"] == pytest.approx(expected)
    assert metrics["queries"]["user_queries"] == 6
    assert run(monkeypatch, *asked, *both[:2]) == 2
    assert "belong together" in capsys.readouterr().err


def test_a_short_query_is_not_emptied_by_the_published_fault(museums: Path, encoder: str) -> None:
    collection = load_collection(museums).split("test")
    models = [
        random_model(view_dim=WIDTH, text_dim=WIDTH, encoder=encoder, quirks=quirks)
        for quirks in ((), ("zeroed-last-sentence",))
    ]
    plain, faulty = (MuseumScorer(model, collection) for model in models)
    queries = description_queries(collection, ("full", "sentence"))
    single, full = queries["sentence"], queries["full"]
    np.testing.assert_array_equal(plain.scores(single, False), faulty.scores(single, False))
    assert np.abs(plain.scores(full, True) - faulty.scores(full, True)).max() > 1e-4


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--model", "nobody"), "no model 'nobody' to evaluate: found clip-mean, dan"),
        (("--lengths", "full,word"), "Unknown length 'word': choose among full, room, sentence"),
        (("--queries", "q.jsonl"), "no ground truth"),
        (("--no-concepts", "--stop-words", "s.txt"), "plays no part"),
        (("--stop-words", "missing.txt"), "word a line"),
        (("--split", "holiday"), "no museums of the split 'holiday'"),
        (("--checkpoints", "missing"), "no folder 'missing'"),
        (("--checkpoint", "missing"), "no trained model in 'missing'"),
        (("--lengths", "room", "--plot", "p.html"), "add 'full' to --lengths"),
        (("--model", "foreign"), "No model can be evaluated. foreign is left out. The model reads"),
    ],
)
def test_what_cannot_be_evaluated_gets_one_sentence(
    arguments, reason: str, museums: Path, models: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("evaluate", "--collection", museums, "--checkpoints", models)
    assert run(monkeypatch, *asked, *arguments) == 2
    assert reason in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_world_ranks_by_levels_and_without_its_encoder_leaves_paraphrases_out(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    save_collection(encoded_world(test=4), tmp_path / "world")
    for name in ("hicalm", "mine"):
        save_model(random_model(encoder="fake f00d"), tmp_path / "models" / name)
    files = ("--json", tmp_path / "f.json", "--ranks", tmp_path / "r.json")
    asked = ("evaluate", "--collection", tmp_path / "world", "--checkpoints", tmp_path / "models")
    assert run(monkeypatch, *asked, *files) == 0
    assert "Paraphrased queries are left out." in capsys.readouterr().err
    metrics = json.loads((tmp_path / "f.json").read_text())["methods"]
    assert list(metrics) == ["hicalm", "hicalm-museum", "clip-mean", "mine"]
    assert list(metrics["mine"]) == ["full", "museum_to_text", "room", "sentence", "concepts"]
    assert metrics["mine"] == metrics["hicalm"]  # both by levels, with the same weights
    ranks = json.loads((tmp_path / "r.json").read_text())
    assert np.median(ranks["ranks"]["mine"]["room"]) == metrics["mine"]["room"]["median_rank"]


def test_naming_a_file_of_ranks_changes_no_metric(
    museums: Path, models: Path, tmp_path: Path, monkeypatch
) -> None:
    asked = ("evaluate", "--collection", museums, "--checkpoints", models, "--no-concepts")
    plain, ranked = tmp_path / "plain.json", tmp_path / "ranked.json"
    assert run(monkeypatch, *asked, "--json", plain) == 0
    assert run(monkeypatch, *asked, "--json", ranked, "--ranks", tmp_path / "ranks.json") == 0
    assert ranked.read_text() == plain.read_text()
    ranks = json.loads((tmp_path / "ranks.json").read_text())["ranks"]["hicalm"]
    assert set(ranks) == {"full", "room", "sentence"}  # of all texts, whatever was compared
    found = json.loads(plain.read_text())["methods"]["hicalm"]["full"]
    assert np.mean(ranks["full"]) == pytest.approx(found["mean_rank"])


def test_a_missing_model_is_refused_before_anything_is_scored(
    museums: Path, models: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setattr(comparison_module, "load_model", lambda _: pytest.fail("scored"))
    asked = ("evaluate", "--collection", museums, "--checkpoints", models, "--model", "flat")
    assert run(monkeypatch, *asked, "--ranks", tmp_path / "ranks.json") == 2
    assert "The ranks need a model called 'hicalm'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_fast_museum_scores_are_those_of_all_levels() -> None:
    world = encoded_world(test=5)
    for changes in ({}, {"vision": "dan"}, {"merge": "max"}, {"kind": "flat"}):
        model = random_model(**changes)
        queries = description_queries(world)
        for name, batch in queries.items():
            expected = ModelScorer(model, world).scores(batch, MUSEUM_ONLY)
            own = MuseumScorer(model, world).scores(batch, whole=name == "full")
            np.testing.assert_allclose(own, expected, atol=2e-6)


def test_models_without_levels_rank_by_the_museum_vector(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models, tmp_path / "m")
    for folder in (tmp_path / "m").iterdir():
        if folder.is_dir():
            LevelWeights().save(folder)
            LevelWeights().save(folder / "seed-0") if (folder / "seed-0").is_dir() else None
    found = {method.name: method for method in find_methods(tmp_path / "m", ())}
    assert {name for name, method in found.items() if method.by_levels} == {
        "hicalm", "several", "foreign", "wide",
    }  # fmt: skip
    assert found["hicalm-museum"].runs == found["hicalm"].runs
    assert [folder.name for folder in found["several"].runs] == ["seed-0", "seed-2", "seed-10"]
    (only,) = find_methods(None, [tmp_path / "m" / "several"])
    assert (only.name, len(only.runs)) == ("several", 3)
    with pytest.raises(HicalmError, match="Two models are called 'dan'"):
        find_methods(tmp_path / "m", [models / "dan"])


def test_mean_and_spread_by_hand() -> None:
    seeds = [{"full": {"R@1": 0.1, "pair": [1, 2]}}, {"full": {"R@1": 0.4, "pair": [3, 6]}}]
    assert over_seeds(seeds, max) == {"full": {"R@1": 0.4, "pair": [3, 6]}}
    shares = {"R@1": 0.25, "R@5": 0.5, "R@10": 1.0, "median_rank": 1.5, "mean_rank": 2.25}
    spread = dict.fromkeys(shares, 0.125)
    methods = {"=cmd|x": {"full": shares, "museum_to_text": shares}}
    metrics = {"methods": methods, "tries": {"=cmd|x": 3}}
    metrics["spread"] = {"=cmd|x": {"full": spread, "museum_to_text": spread}}
    shown = markdown_tables(metrics)
    assert "| 25.0 ± 12.5 / 50.0 ± 12.5 / 100.0 ± 12.5 (1.5) |" in shown
    assert "| text to museum | 2.25 ± 0.12 |" in shown and "=cmd\\|x" in shown
    rows = metrics_csv(metrics).splitlines()
    assert rows[0] == "method,tries,measure,value,deviation"
    assert rows[1] == "'=cmd|x,3,full/R@1,0.25,0.125"


def test_every_seed_has_a_run_in_a_folder_of_its_own(tmp_path: Path, monkeypatch, capsys) -> None:
    save_collection(encoded_world(train=4, validation=2, test=2), tmp_path / "world")
    asked = ("train", tmp_path / "world", "--no-art", "--model", "hierartex", "--epochs", 1)
    runs = tmp_path / "runs"
    several = (*asked, "--preset", "published", "--seed", 7)
    assert run(monkeypatch, *several, "--out", runs / "three") == 0
    assert sorted(p.name for p in (runs / "three").iterdir()) == ["seed-7", "seed-8", "seed-9"]
    assert run(monkeypatch, *several, "--out", runs / "one", "--seeds", 1) == 0
    first, second = (load_model(runs / "three" / name) for name in ("seed-7", "seed-8"))
    one = load_model(runs / "one")
    weight = "vision.view_layer.weight"
    torch.testing.assert_close(first.state_dict()[weight], one.state_dict()[weight])
    assert not torch.equal(first.state_dict()[weight], second.state_dict()[weight])
    capsys.readouterr()
    out = tmp_path / "f.json"
    found = ("--collection", tmp_path / "world", "--checkpoints", runs, "--json", out)
    assert run(monkeypatch, "evaluate", *found) == 0
    assert json.loads(out.read_text())["tries"] == {"three": 3}
    for seeds, folder, reason in (
        (1, "three", "holds runs with several seeds"),
        (2, "one", "a run with a single seed"),
        (0, "new", "at least 1"),
    ):  # fmt: skip
        assert run(monkeypatch, *several, "--out", runs / folder, "--seeds", seeds) == 2
        assert reason in capsys.readouterr().err
    assert new_run_folders(tmp_path / "new", 7, 1) == [tmp_path / "new"]


def test_the_plot_is_a_step_for_every_rank_and_shows_names_as_they_are(tmp_path: Path) -> None:
    places, shares = cumulative_shares(np.array([3, 1, 1, 9]))
    assert places.tolist() == [1, 3, 9] and shares.tolist() == [0.5, 0.75, 1]
    save_rank_plot({"<b>mine</b>": np.array([2, 2, 5])}, 10, tmp_path / "plot.html")
    page = (tmp_path / "plot.html").read_text(encoding="utf-8")
    assert "<b>mine" not in page and "&lt;b&gt;mine" in page
