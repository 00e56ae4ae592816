"""The game of a query's parts: what is said anew, and that the shares add up."""

import numpy as np
import pytest

from hicalm.explain import query_game, query_parts
from hicalm.explain.query_game import QueryGame
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.spelling import Vocabulary
from hicalm.retrieval.query import QueryReader
from hicalm.retrieval.scoring import encode_queries
from tests.hicalm.collections import FakeEncoder, random_model
from tests.hicalm.explain.brute import shares_by_orders
from tests.hicalm.explain.test_museum_game import HIDDEN, unit

TWO_ROOMS = (
    "a first room with portraits in red, then a room of abstract paintings in primary colours"
)


def make_reader(**changes: object) -> QueryReader:
    return QueryReader(
        random_model(HIDDEN, **changes), FakeEncoder(), None, LevelWeights(), Vocabulary(())
    )


def places(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    rows = [unit(random.standard_normal((count, HIDDEN))) for count in (1, 3, 9)]
    return rows[0][0], rows[1], rows[2]


def score(reader: QueryReader, paragraphs: list[list[str]], weights: np.ndarray) -> float:
    """Score a query from scratch, as the search does, with the weights of another one."""
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    counts = np.array([len(paragraph) for paragraph in paragraphs])
    features = reader.encode_texts(sentences)
    vectors = encode_queries(reader.model, features, counts, np.array([len(paragraphs)]))
    museum, rooms, views = places()
    levels = [
        float(vectors.museum[0] @ museum),
        (vectors.paragraph @ rooms.T).max(axis=1).mean(),
        (vectors.sentence @ views.T).max(axis=1).mean(),
    ]
    return float(weights @ np.array(levels))


@pytest.mark.parametrize("changes", [{}, {"kind": "flat"}])
def test_phrases_agree_with_all_orders_of_shortened_queries(changes):
    reader = make_reader(**changes)
    query = reader.read(TWO_ROOMS)
    game = QueryGame(reader.model, query, reader.encode_texts)
    texts = [part.text for part in game.parts]
    assert len(texts) == 4

    def value(present: frozenset) -> np.ndarray:
        said = [[texts[p] for p in part if p in present] for part in ((0, 1), (2, 3))]
        paragraphs = [[" ".join(phrases)] for phrases in said if phrases]
        return np.float64(score(reader, paragraphs, query.weights) if paragraphs else 0)

    shares = game.contributions(*places())
    assert shares.member[:, 0] == pytest.approx(shares_by_orders([2, 2], value), abs=1e-6)


def test_sentences_agree_with_all_orders():
    reader = make_reader()
    query = reader.read("Ships sail and boats float and birds fly. Trees and dogs and cats. Stars.")
    game = QueryGame(reader.model, query, reader.encode_texts)
    sentences = [part.text for part in game.parts]
    assert len(sentences) == 3  # more phrases than are encoded, so whole sentences

    def value(present: frozenset) -> np.ndarray:
        said = [sentence for number, sentence in enumerate(sentences) if number in present]
        return np.float64(score(reader, [said], query.weights) if said else 0)

    shares = game.contributions(*places())
    assert shares.member[:, 0] == pytest.approx(shares_by_orders([3], value), abs=1e-6)


def test_a_long_description_is_estimated_and_adds_up():
    reader = make_reader()
    text = " ".join(
        f"In room {room} there is a painting. It shows number {room}. The floor is wood {room}."
        for room in range(1, 12)
    )
    query = reader.read(text)
    shares = QueryGame(reader.model, query, reader.encode_texts).contributions(*places())
    whole = score(reader, [list(paragraph) for paragraph in query.paragraphs], query.weights)
    assert len(query.paragraphs) > query_game.MAX_PARAGRAPHS
    assert shares.member.sum() == pytest.approx(whole, abs=1e-6)
    assert shares.error.any()


def test_passages_of_a_long_description_agree_with_all_orders(monkeypatch):
    monkeypatch.setattr(query_parts, "MAX_PARTS", 3)
    reader = make_reader()
    text = "First room: ships. Boats. Birds. Then a room of trees. Dogs."
    query = reader.read(text)
    game = QueryGame(reader.model, query, reader.encode_texts)
    said = [list(paragraph) for paragraph in query.paragraphs]
    assert [part.sentences for part in game.parts] == [(0, 1), (2,), (3, 4)]

    def value(present: frozenset) -> np.ndarray:
        first = said[0][:2] * (0 in present) + said[0][2:] * (1 in present)
        paragraphs = [own for own in (first, said[1] if 2 in present else []) if own]
        return np.float64(score(reader, paragraphs, query.weights) if paragraphs else 0)

    shares = game.contributions(*places())
    assert shares.member[:, 0] == pytest.approx(shares_by_orders([2, 1], value), abs=1e-6)


def test_texts_are_encoded_once_for_all_museums():
    encoder = FakeEncoder()
    reader = QueryReader(random_model(HIDDEN), encoder, None, LevelWeights(), Vocabulary(()))
    game = QueryGame(reader.model, reader.read(TWO_ROOMS), reader.encode_texts)
    game.contributions(*places(1))
    encoded = encoder.texts_encoded
    game.contributions(*places(2))
    assert encoder.texts_encoded == encoded == 2 + 4  # the sentences, and each phrase alone
