"""Training: a planted signal is learned, runs repeat and resume exactly, draws are sound."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.data.batches import INTRODUCTION
from hicalm.data.dataset import in_discovered_rooms
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS
from hicalm.models import make_model
from hicalm.models.checkpoints import load_model
from hicalm.models.score_weights import LevelWeights
from hicalm.retrieval.index import build_index
from hicalm.retrieval.scoring import encode_queries, level_cosines
from hicalm.training.hicalm_training import HicalmRun, scored_levels, train
from hicalm.training.objective import Objective, level_similarities
from hicalm.training.sampling import Sampler
from hicalm.training.state import STATE_FILE
from hicalm.training.train_config import TrainConfig
from tests.hicalm.interruption import interrupted_after
from tests.hicalm.museums import planted_data, tiny_config

QUICK = TrainConfig.preset("explorer", epochs=4, batch_size=8, view_weight=0.5)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def run(out: Path, config: TrainConfig = QUICK, **options: object) -> dict:
    data = planted_data(24, seed=0)
    model = tiny_config(dropout=0.1)
    options = {"device": "cpu", "progress": False} | options
    return train(data, planted_data(8, seed=1), model, config, out, **options)


def weights(folder: Path) -> torch.Tensor:
    return torch.cat([value.flatten() for value in load_model(folder).state_dict().values()])


@pytest.mark.parametrize("kind", ["hicalm", "flat"])
def test_a_planted_signal_is_learned(tmp_path: Path, kind: str) -> None:
    data = planted_data(20, seed=0)
    model = tiny_config(kind=kind, hidden=32)
    config = TrainConfig.preset("explorer", epochs=60, batch_size=20, learning_rate=1e-2)
    metrics = train(data, data, model, config, tmp_path, device="cpu", progress=False)
    assert metrics["best"]["full"]["R@1"] == 1
    if kind == "hicalm":
        assert metrics["best"]["sentence by room"]["R@1"] > 0.9


@pytest.mark.parametrize("preset", ["published", "explorer", "descriptions"])
def test_the_same_seed_gives_the_same_weights(tmp_path: Path, preset: str) -> None:
    config = TrainConfig.preset(preset, epochs=2, batch_size=8)
    for name in ("first", "second"):
        run(tmp_path / name, config)
    run(tmp_path / "other", replace(config, seed=1))
    assert torch.equal(weights(tmp_path / "first"), weights(tmp_path / "second"))
    assert not torch.equal(weights(tmp_path / "first"), weights(tmp_path / "other"))


def test_resuming_continues_to_the_same_result(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    with interrupted_after(1):
        run(tmp_path / "parts")
    state = torch.load(tmp_path / "parts" / STATE_FILE, weights_only=True)
    assert len(state["history"]) == 1
    parts = run(tmp_path / "parts")
    assert [epoch["loss"] for epoch in parts["history"]] == [e["loss"] for e in whole["history"]]
    states = [
        torch.load(tmp_path / name / STATE_FILE, weights_only=True) for name in ("whole", "parts")
    ]
    for name, value in states[0]["model"].items():
        assert torch.equal(value, states[1]["model"][name])
    assert torch.equal(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


def test_the_folder_holds_model_state_and_metrics(tmp_path: Path) -> None:
    metrics = run(tmp_path, card="# A model card\n")
    names = ["README.md", "config.json", "last.pt", "metrics.json", "model.safetensors"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert json.loads((tmp_path / "metrics.json").read_text()) == metrics
    assert metrics["history"][-1]["learning_rate"] < 1e-4


def test_the_criterion_orders_epochs(tmp_path: Path) -> None:
    data, metrics = planted_data(4, seed=0), {"R@1": 0.1, "R@5": 0.3, "R@10": 0.2, "MRR": 0.4}
    for criterion, value in metrics.items():
        config = TrainConfig.preset("published", criterion=criterion)
        one = HicalmRun(data, data, tiny_config(), config, tmp_path, "cpu", None)
        assert one.selection_key({"full": metrics})[0] == value
        lower = dict.fromkeys(metrics, 0.0)  # the museum's vector alone
        assert one.selection_key({"full by levels": metrics, "full": lower})[0] == value
    with pytest.raises(HicalmError, match=r"criterion"):
        TrainConfig.preset("published", criterion="R@3")


def test_another_run_in_the_folder_is_refused(tmp_path: Path) -> None:
    with interrupted_after(1):
        run(tmp_path)
    with pytest.raises(HicalmError, match="other options or data"):
        run(tmp_path, replace(QUICK, seed=5))
    state = torch.load(tmp_path / STATE_FILE, weights_only=True)
    torch.save({"identity": state["identity"], "history": []}, tmp_path / STATE_FILE)
    with pytest.raises(HicalmError, match="is damaged: start over with --no-resume"):
        run(tmp_path)
    (tmp_path / STATE_FILE).write_bytes(b"damaged")
    with pytest.raises(HicalmError, match="cannot be read: start over with --no-resume"):
        run(tmp_path)
    assert len(run(tmp_path, resume=False)["history"]) == QUICK.epochs


def test_paragraphs_encoded_once_give_the_loss_of_paragraphs_encoded_twice() -> None:
    data = planted_data(museums=5, seed=1)
    config = TrainConfig.preset("published")
    drawn = Sampler(data, config).draw(np.arange(5), np.random.default_rng(0))
    room_rows = ~np.repeat(drawn.is_introduction.numpy(), drawn.sentence_counts.numpy())
    twice = replace(
        drawn,
        room_sentences=drawn.sentences[torch.from_numpy(room_rows)],
        room_sentence_counts=drawn.sentence_counts[~drawn.is_introduction],
    )
    torch.manual_seed(0)
    model, objective = make_model(tiny_config()), Objective(config)
    once, apart = objective(model, drawn), objective(model, twice)
    assert once.keys() == apart.keys() == {"museum", "room", "total"}
    for level in once:
        torch.testing.assert_close(once[level], apart[level])


ADDED = {"museum_weight": 0.0, "room_weight": 0.0, "view_weight": 0.0, "score_weight": 1.0}
ATTENTION = {"text": "attention", "vision": "attention"}
DETAIL = ATTENTION | {"detail": 4}


@pytest.mark.parametrize("changes", [{}, ATTENTION, DETAIL])
def test_the_score_that_is_trained_is_the_one_of_the_search(changes: dict) -> None:
    data = planted_data(5, seed=1)
    model = make_model(tiny_config(**changes)).eval()
    batch = data.batch(np.arange(5))
    with torch.no_grad():
        text, vision = model.encode_text_levels(batch), model.encode_vision(batch)
        found = level_similarities(text, batch, vision, batch)
    index = build_index(model, data.views, data.view_counts, data.room_counts)
    introduction = data.paragraph_room == INTRODUCTION
    texts = data.sentences, data.sentence_counts, data.paragraph_counts, introduction
    expected = level_cosines(encode_queries(model, *texts), index)
    for number, level in enumerate(LEVELS):
        np.testing.assert_allclose(found[level], expected[:, :, number], atol=1e-6)


@pytest.mark.parametrize("changes", [{}, DETAIL])
def test_levels_added_up_are_learned_with_their_weights(tmp_path: Path, changes: dict) -> None:
    data = in_discovered_rooms(planted_data(20, seed=0))
    model = tiny_config(hidden=32, **changes)
    config = TrainConfig.preset("descriptions", epochs=25, batch_size=20, learning_rate=1e-2,
                                validation_queries=5, **ADDED)  # fmt: skip
    metrics = train(data, data, model, config, tmp_path, device="cpu", progress=False)
    assert metrics["best"]["full by levels"]["R@1"] == 1
    assert set(metrics["best"]["loss"]) == {"score", "total"}
    learned = metrics["best"]["level_weights"]
    assert sum(learned.values()) == pytest.approx(1)
    weights = LevelWeights.load(tmp_path)
    assert weights.description == weights.phrase == pytest.approx(tuple(learned.values()))
    known = load_model(tmp_path).known_texts  # those of training, as the best epoch reads them
    introduction = data.paragraph_room == INTRODUCTION
    texts = data.sentences, data.sentence_counts, data.paragraph_counts, introduction
    own = encode_queries(load_model(tmp_path), *texts)
    np.testing.assert_allclose(known.museum, own.museum, atol=1e-3)
    np.testing.assert_allclose(known.sentence, own.sentence, atol=1e-3)
    assert known.room_counts.tolist() == own.paragraph_counts.tolist()


def test_the_losses_of_levels_and_of_their_sum_go_together() -> None:
    data = planted_data(5, seed=1)
    config = TrainConfig.preset("explorer", score_weight=2.0)
    drawn = Sampler(data, config).draw(np.arange(5), np.random.default_rng(0))
    torch.manual_seed(0)
    model, objective = make_model(tiny_config()), Objective(config)
    both, without = (
        objective(model, drawn),
        Objective(replace(config, score_weight=0))(model, drawn),
    )
    assert set(both) == {*LEVELS, "score", "total"}
    for level in LEVELS:
        torch.testing.assert_close(both[level], without[level])
    torch.testing.assert_close(both["total"], without["total"] + 2 * both["score"])


def test_texts_of_unknown_rooms_are_not_trained_against_them(tmp_path: Path) -> None:
    data = in_discovered_rooms(planted_data(5, seed=0))
    with pytest.raises(HicalmError, match="so texts cannot be trained against their rooms: set"):
        train(data, data, tiny_config(), QUICK, tmp_path)


def test_museums_of_one_room_have_no_level_of_rooms() -> None:
    assert scored_levels(planted_data(5, seed=0)) == LEVELS
    assert scored_levels(planted_data(5, seed=0, rooms=1)) == ("museum", "view")
