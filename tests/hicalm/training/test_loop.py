"""Training: a planted signal is learned, runs repeat and resume exactly, draws are sound."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.data.dataset import TrainingData
from hicalm.errors import HicalmError
from hicalm.models import make_model
from hicalm.models.checkpoints import load_model
from hicalm.training.hicalm_training import Objective, train
from hicalm.training.sampling import Sampler
from hicalm.training.state import STATE_FILE
from hicalm.training.train_config import TrainConfig
from hicalm.training.validation import ranking_metrics
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


def test_another_run_in_the_folder_is_refused(tmp_path: Path) -> None:
    with interrupted_after(1):
        run(tmp_path)
    with pytest.raises(HicalmError, match="other options or data"):
        run(tmp_path, replace(QUICK, seed=5))
    (tmp_path / STATE_FILE).write_bytes(b"damaged")
    with pytest.raises(HicalmError, match="cannot be read"):
        run(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 1}, "at least 2, not 1"),
        ({"full": 0.9}, "must add up to 1"),
        ({"loss": "triplet"}, "choose one of infonce, hinge"),
        ({"learning_rate": 0.0}, "above 0"),
        ({"shuffle": 2.0}, "shuffle must be at most 1, not 2.0"),
        ({"speed": 1}, "Unknown option 'speed' in TrainConfig"),
    ],
)
def test_bad_options_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(HicalmError, match=message):
        TrainConfig.preset("explorer", **changes)


def numbered_data() -> TrainingData:
    """Two museums of two rooms whose only feature is the row's own number."""
    return TrainingData(
        views=np.arange(8.0).reshape(8, 1),
        view_counts=[2, 2, 3, 1],
        room_counts=[2, 2],
        sentences=np.arange(11.0).reshape(11, 1),
        sentence_counts=[1, 2, 3, 1, 2, 2],
        paragraph_counts=[3, 3],
        paragraph_room=[-1, 0, 1, -1, 2, 3],
        phrases=np.arange(100.0, 104.0).reshape(4, 1),
        phrase_room=[3, 0, 1, 2],
        phrase_id=[7, 7, 8, 9],
    )


def test_published_draws_are_the_full_museums() -> None:
    data = numbered_data()
    museums = np.array([1, 0])
    drawn = Sampler(data, TrainConfig.preset("published")).draw(museums, np.random.default_rng(0))
    full = data.batch(museums)
    for name in ("views", "view_counts", "sentences", "sentence_counts", "paragraph_counts"):
        assert torch.equal(getattr(drawn, name), getattr(full, name))
    assert drawn.sentences.flatten().tolist() == [6, 7, 8, 9, 10, 0, 1, 2, 3, 4, 5]
    # the rooms' texts are the paragraphs of the museums' texts: they are not drawn twice
    assert len(drawn.room_sentences) == len(drawn.room_sentence_counts) == 0
    assert drawn.described_room.tolist() == [0, 1, 2, 3]
    assert full.paragraph_room.tolist() == [-1, 0, 1, -1, 2, 3]
    assert not drawn.same_room.any()


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


def test_a_phrase_is_not_pushed_from_another_room_it_is_true_of() -> None:
    shares = {"full": 0, "subset": 0, "room": 0, "sentences": 0, "phrase": 1}
    shares |= {"room_paragraph": 0, "room_subset": 0, "room_sentence": 0, "room_phrase": 1}
    sampler = Sampler(numbered_data(), TrainConfig.preset("explorer", **shares))
    drawn = sampler.draw(np.array([0, 1]), np.random.default_rng(0))
    assert drawn.room_sentences.flatten().tolist() == [101, 102, 103, 100]
    expected = torch.zeros(4, 4, dtype=torch.bool)
    expected[0, 3] = expected[3, 0] = True  # rooms 0 and 3 share phrase 7
    assert torch.equal(drawn.same_room, expected)
    chosen = drawn.sentences.flatten().tolist()
    assert drawn.same_museum[0, 1] == (chosen[0] == 101)
    assert drawn.same_museum[1, 0] == (chosen[1] == 100)


def test_partial_draws_stay_within_their_museum_and_room() -> None:
    data = numbered_data()
    config = TrainConfig.preset("explorer", full=0, subset=0.5, phrase=0.15)
    sampler, rng = Sampler(data, config), np.random.default_rng(0)
    museum_of_sentence = np.repeat([0, 1], [6, 5])
    room_of_view = np.repeat([0, 1, 2, 3], data.view_counts)
    for _ in range(50):
        drawn = sampler.draw(np.array([0, 1]), rng)
        owner = np.repeat(np.repeat([0, 1], drawn.paragraph_counts), drawn.sentence_counts)
        rows = drawn.sentences.flatten().numpy().astype(int)
        spoken = rows < 100
        assert (museum_of_sentence[rows[spoken]] == owner[spoken]).all()
        views = drawn.views.flatten().numpy().astype(int)
        assert (room_of_view[views] == np.repeat([0, 1, 2, 3], drawn.view_counts)).all()
        assert len(drawn.text.sentence_counts) >= 2
        assert len(drawn.vision.view_counts) == 4


def test_inconsistent_data_is_refused() -> None:
    data = numbered_data()
    with pytest.raises(HicalmError, match="room_counts must hold"):
        replace(data, room_counts=[2, 3])
    with pytest.raises(HicalmError, match="phrase_room must lie below"):
        replace(data, phrase_room=[0, 1, 2, 4])


def test_ranks_count_ties_against_the_query() -> None:
    similarity = torch.tensor([[0.9, 0.1, 0.5], [0.5, 0.5, 0.1]])
    found = ranking_metrics(similarity, torch.tensor([2, 0]))  # the second of a tie, both times
    assert found == {"R@1": 0, "R@5": 1, "R@10": 1, "MRR": 0.5}
