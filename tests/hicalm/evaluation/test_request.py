"""The evaluation of imported collections and of several seeds, from the command line."""

import csv
import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.data.collection import load_collection, save_collection
from hicalm.evaluation import comparison as comparison_module
from hicalm.evaluation import evaluate_pieces
from hicalm.evaluation import labelled as labelled_module
from hicalm.evaluation.product import Answer
from hicalm.evaluation.user_queries import user_query_metrics
from hicalm.models.checkpoints import load_model, save_model
from hicalm.retrieval.embed import embed_collection
from hicalm.retrieval.queries import description_queries
from hicalm.retrieval.scorers import MuseumScorer
from hicalm.search import evaluation_scorer
from tests.hicalm.collections import FakeEncoder, encoded_world, random_model
from tests.hicalm.commands import run
from tests.hicalm.evaluation.answers import answer
from tests.hicalm.evaluation.published import MODELS, TESTS, WIDTH
from tests.hicalm.museums import query_batch
from tests.hicalm.pieces import in_turn

COLOURS = ("white", "red", "blue", "green")


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
    monkeypatch.setattr(evaluate_pieces, "do_pieces", partial(in_turn, [], 99))
    assert run(monkeypatch, *asked, "--json", tmp_path / "ray.json", "--ray", "local") == 0
    assert json.loads((tmp_path / "ray.json").read_text()) == metrics
    assert capsys.readouterr() == shown
    assert not (museums / "evaluate.part").exists()


@pytest.mark.parametrize("name", MODELS)
def test_metrics_are_those_of_the_embeddings(
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
    assert run(monkeypatch, *asked, *both, "--first-user-queries", 2, "--no-concepts") == 0
    assert json.loads(out.read_text())["queries"]["user_queries"] == 2
    assert run(monkeypatch, *asked, *both[:2]) == 2
    assert "belong together" in capsys.readouterr().err
    assert run(monkeypatch, *asked, "--first-user-queries", 2) == 2
    assert "plays no part without --user-queries" in capsys.readouterr().err


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
        (("--absent", "a.jsonl"), "labelled queries are judged. Leave out --absent"),
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
    assert "Labelled queries are left out." in capsys.readouterr().err
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
    monkeypatch.setattr(comparison_module, "open_model", lambda *_: pytest.fail("scored"))
    asked = ("evaluate", "--collection", museums, "--checkpoints", models, "--model", "flat")
    assert run(monkeypatch, *asked, "--ranks", tmp_path / "ranks.json") == 2
    assert "The ranks need a model called 'hicalm'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


class FakeProduct:
    """Ranks the first museums first, with a fit of .9 where a query begins with a letter to m."""

    def __init__(self, museums: int) -> None:
        self.museums = museums

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        sure = [0.9 if text[0] <= "m" else 0.1 for text in texts]
        return [answer([fit] * 3, fit > 0.5, museums=self.museums) for fit in sure]


def test_the_product_is_compared_on_labelled_queries_with_how_sure_it_is(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    save_collection(encoded_world(test=6), tmp_path / "world")
    save_model(random_model(encoder="fake f00d"), tmp_path / "models" / "hicalm")
    lines = [{"query": f"{w} room", "split": "test", "room": {"wall_color": w}} for w in COLOURS]
    (tmp_path / "walls.jsonl").write_text("\n".join(map(json.dumps, lines)))
    absent = [{"query": q, "split": "test", "kind": "rooms"} for q in ("a lift", "terraces")]
    (tmp_path / "absent.jsonl").write_text("\n".join(map(json.dumps, absent)))
    monkeypatch.setattr(labelled_module, "encoder_of", lambda _: FakeEncoder())
    monkeypatch.setattr(
        evaluation_scorer.SearchedProduct,
        "open",
        lambda collection, checkpoint: FakeProduct(len(collection.museums)),
    )
    asked = ("evaluate", "--collection", tmp_path / "world", "--checkpoints", tmp_path / "models")
    asked += ("--queries", tmp_path / "walls.jsonl", "--absent", tmp_path / "absent.jsonl")
    files = ("--json", tmp_path / "f.json", "--plot", tmp_path / "p.html")
    assert run(monkeypatch, *asked, *files) == 0
    shown, metrics = capsys.readouterr(), json.loads((tmp_path / "f.json").read_text())
    assert list(metrics["methods"]) == ["default", "hicalm", "hicalm-museum", "clip-mean"]
    assert list(metrics["methods"]["default"]) == ["walls"]
    assert list(metrics["paired"]["walls"]) == ["hicalm", "hicalm-museum", "clip-mean"]
    differences = metrics["paired"]["walls"]["hicalm"]
    own, other = (metrics["methods"][name]["walls"]["nDCG@5"] for name in ("default", "hicalm"))
    assert differences["difference"] == pytest.approx(own - other)
    certainty, order = metrics["certainty"], metrics["order"]
    assert certainty["absent_refused"]["rooms"] == {"share": 0.5, "queries": 2}
    assert order == {"lists": len(COLOURS) + 2, "rising": 0.0, "first_agrees": 1.0}
    assert "HiCALM Explorer (default) against" in shown.out
    assert "AUROC of presence" in shown.out and "share relevant" in shown.out
    assert "museums shown: how many" in (tmp_path / "p.html").read_text(encoding="utf-8")
    done: list[int] = []
    monkeypatch.setattr(evaluate_pieces, "TEXTS", 4)  # the six texts in two pieces
    monkeypatch.setattr(evaluate_pieces, "do_pieces", partial(in_turn, done, 99))
    assert run(monkeypatch, *asked, *files[:2], "--ray", "local") == 0
    assert done == [3, 2, 1, 0]
    assert json.loads((tmp_path / "f.json").read_text()) == metrics
    assert run(monkeypatch, *asked, *files[:2], "--model", "default") == 0
    assert list(json.loads((tmp_path / "f.json").read_text())["methods"]) == ["default"]
