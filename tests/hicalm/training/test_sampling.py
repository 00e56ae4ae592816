"""Batches that are drawn: whole and partial descriptions, never of another museum."""

import numpy as np
import torch

from hicalm.data.dataset import TrainingData
from hicalm.training.sampling import Sampler
from hicalm.training.train_config import TrainConfig


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
