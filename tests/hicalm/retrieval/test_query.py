"""Queries as they are read: mended words, notes on what is not read, and what the levels weigh."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from hicalm.encoders.query_encoder import QueryFeatures
from hicalm.errors import HicalmError
from hicalm.matching.pauses import pausing
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.grammar_reading import NOT_UNDERSTOOD
from hicalm.reading.query_plan import And, Count, Description, Not, Phrase, Then, asked_phrases
from hicalm.reading.spelling import Vocabulary
from hicalm.retrieval.query import (
    PICTURE_WEIGHTS,
    TEXTS_AT_ONCE,
    UNKNOWN_PICTURE,
    Query,
    QueryReader,
)
from tests.hicalm.anchored import MENTIONED, AnchorEncoder, anchored_model
from tests.hicalm.collections import DIM, FakeEncoder, random_model

WEIGHTS = LevelWeights((0.5, 0.25, 0.25), (0.25, 0.5, 0.25), (0.75, 0.25, 0), plan=0.75)
VOCABULARY = Vocabulary(["horses", "seascapes", "portraits", "red", "rooms", "boats", "birds"])
HORSES, BOATS, RED = (Phrase(text=text) for text in ("horses", "boats", "red"))


class ShortSighted(FakeEncoder):
    """Reads six words of a text, and knows the word "galloping"."""

    whole_words = frozenset({"galloping"})

    def unread_part(self, text: str) -> str:
        return " ".join(text.split()[6:])


class Worded(FakeEncoder):
    """Reads typed phrases otherwise than descriptions."""

    def encode_queries(self, texts: list[str]) -> QueryFeatures:  # type: ignore[override]
        return QueryFeatures(self.encode_texts(texts) + 1, None)


def reader(encoder: FakeEncoder | None = None, reads_attributes: bool = False) -> QueryReader:
    used = encoder or ShortSighted()
    model = anchored_model() if isinstance(used, AnchorEncoder) else random_model()
    return QueryReader(model, used, None, WEIGHTS, VOCABULARY, reads_attributes)  # type: ignore[arg-type]


def test_misspelt_words_are_mended() -> None:
    query = reader().read("Hroses and seasscapes, then porrtraits")
    assert query.corrected == {
        "Hroses": "Horses", "seasscapes": "seascapes", "porrtraits": "portraits",
    }  # fmt: skip
    assert query.text == "Hroses and seasscapes, then porrtraits"  # as it was typed
    assert query.sentences == ("Horses and seascapes", "portraits")
    assert reader().read("galloping horses").corrected == {}  # the encoder knows the word


def test_as_typed_nothing_is_mended() -> None:
    query = reader().read("hroses, then seasscapes", as_typed=True)
    assert query.corrected == {} and query.sentences == ("hroses", "seasscapes")
    mended = reader().read("hroses, then seasscapes")
    assert not np.allclose(query.vectors.paragraph, mended.vectors.paragraph)
    right = reader().read("horses, then seascapes")
    assert np.array_equal(mended.vectors.paragraph, right.vectors.paragraph)
    assert mended.plan == right.plan


@pytest.mark.parametrize("as_typed", [False, True])
@pytest.mark.parametrize("text", ["", "  \n\t", "?! 12", "\x00\x1b", "x" * 20_001])
def test_texts_that_are_no_query_are_refused(text: str, as_typed: bool) -> None:
    with pytest.raises(HicalmError, match=r"^The query (?:is empty|has)"):
        reader().read(text, as_typed)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("有马的房间", "The text encoder reads English; this has words in Han script."),
        ("лошади и boats", "The text encoder reads English; this has words in Cyrillic script."),
        (
            "Bilder mit Pferden und ein Raum",
            "The text encoder reads English; this looks like German.",
        ),
        ("une salle avec des chevaux", "The text encoder reads English; this looks like French."),
    ],
)
def test_what_is_not_english_is_noted(text: str, note: str) -> None:
    assert reader(FakeEncoder()).read(text).notes == (note,)


@pytest.mark.parametrize(
    "text", ["horses", "trompe l'oeil", "a Café in red", "El Greco, then boats"]
)
def test_nothing_is_noted_of_english(text: str) -> None:
    assert reader().read(text).notes == ()


def test_what_lies_beyond_the_encoders_context_is_named() -> None:
    start = "Only the beginning of a long sentence was read; left out: "
    query = reader().read("red boats in front of a harbour with many horses")
    assert query.notes == (f"{start}'harbour with many horses'.",)
    # Each sentence by itself, and what is long is quoted by its beginning.
    long = "a b c d e f " + "horses " * 20
    query = reader().read(f"Red boats. One two three four five six seven. {long}. Birds.")
    quoted = ("horses " * 12)[:80].rstrip()
    assert query.notes == (f"{start}'seven.'.", f"{start}'{quoted} ...'.")


def test_a_plan_that_is_not_understood_is_noted_first() -> None:
    query = reader().read("seascapes" + ", then horses" * 8)
    assert query.plan.is_plain and query.plan_weight == 0
    understood, *cut = query.notes
    assert understood == NOT_UNDERSTOOD and len(cut) == 1


@pytest.mark.parametrize("reads_attributes", [False, True])
def test_what_is_only_unwanted_has_its_plan_alone(reads_attributes: bool) -> None:
    query = reader(AnchorEncoder(), reads_attributes).read("a museum without horses")
    assert query.plan == Not(HORSES, "museum", text=query.text)
    assert query.weights.tolist() == [0, 0, 0] and query.plan_weight == 0.75
    assert query.sentences == ("horses",) and list(query.phrases.vectors) == ["horses"]


@pytest.mark.parametrize(
    ("text", "attributes", "weights", "plan_weight"),
    [
        ("horses", False, (0.5, 0.25, 0.25), 0),
        ("horses", True, (0.125, 0.0625, 0.0625), 0.75),
        ("horses, then boats", False, (0.125, 0.0625, 0.0625), 0.75),
        ("horses, then boats", True, (0.125, 0.0625, 0.0625), 0.75),
        ("horses, and no boats anywhere", False, (0.125, 0.0625, 0.0625), 0.75),
        # Descriptions: of one room, and of several.
        ("Horses run. They are red.", True, (0.25, 0.5, 0.25), 0),
        ("Horses run. They are red.", False, (0.25, 0.5, 0.25), 0),
        (
            "A museum. The first room has horses. They run. The second room has boats.",
            True, (0.75, 0.25, 0), 0,
        ),
    ],
)  # fmt: skip
def test_what_the_levels_and_the_plan_weigh(
    text: str, attributes: bool, weights: tuple[float, ...], plan_weight: float
) -> None:
    query = reader(AnchorEncoder(), attributes).read(text)
    assert query.weights.dtype == np.float32 and query.weights.tolist() == list(weights)
    assert query.plan_weight == plan_weight


def test_without_a_share_of_the_plan_the_levels_have_everything() -> None:
    weights = LevelWeights((0.5, 0.25, 0.25), plan=0)
    read = QueryReader(random_model(), FakeEncoder(), None, weights, VOCABULARY)  # type: ignore[arg-type]
    query = read.read("horses, then boats")
    assert query.weights.tolist() == [0.5, 0.25, 0.25] and query.plan_weight == 0


def test_phrases_are_read_as_typed_and_descriptions_as_descriptions() -> None:
    encoder, texts = Worded(), ["horses", "boats"]
    plain, phrases = (
        reader(encoder).read("Horses run. Boats."),
        reader(encoder).read("horses, then boats"),
    )
    assert isinstance(plain.plan, Description)
    assert np.array_equal(plain.features, encoder.encode_texts(list(plain.sentences)))
    assert np.array_equal(phrases.features, encoder.encode_texts(texts) + 1)
    read = reader(encoder)
    assert np.array_equal(read.encoding_of(phrases)(texts), encoder.encode_texts(texts) + 1)
    assert np.array_equal(read.encoding_of(plain)(texts), encoder.encode_texts(texts))


def test_a_phrase_that_comes_twice_is_encoded_once() -> None:
    encoder = FakeEncoder()
    query = reader(encoder).read("horses, then boats, then horses")
    assert query.sentences == ("horses", "boats", "horses") and encoder.texts_encoded == 2
    assert query.features.shape == (3, DIM)
    assert np.array_equal(query.features[0], query.features[2])
    assert query.vectors.paragraph_counts.tolist() == [3]


def test_unwanted_phrases_are_read_and_are_none_of_the_levels() -> None:
    query = reader(AnchorEncoder(), True).read("red horses, but no birds anywhere")
    assert query.sentences == ("red horses",)
    assert set(query.phrases.vectors) == set(query.phrases.meanings) == {"red horses", "birds"}
    assert query.phrases.known == pytest.approx({"red horses": MENTIONED, "birds": MENTIONED})
    assert {one.kind for one in query.phrases.meanings["red horses"].asked} == {
        "subject",
        "wall_color",
    }


def test_phrases_have_no_meanings_where_attributes_are_not_read() -> None:
    query = reader(AnchorEncoder()).read("red horses")
    assert query.phrases.meanings is None and query.phrases.known == {"red horses": 1.0}
    assert np.linalg.norm(query.phrases.vectors["red horses"]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("plan", "asked"),
    [
        (HORSES, (HORSES,)),
        (Not(HORSES, "museum"), ()),
        (And((HORSES, Not(BOATS, "painting")), "same"), (HORSES,)),
        (Then((Count(2, HORSES), And((BOATS, Not(RED, "room")), "same"))), (HORSES, BOATS)),
        (Not(Then((HORSES, BOATS)), "museum"), ()),
    ],
)
def test_asked_phrases(plan, asked) -> None:
    assert asked_phrases(plan) == asked


def test_a_picture_has_no_words() -> None:
    query = reader().read_picture(np.full((12, 16, 3), 90, np.uint8))
    assert (query.text, query.paragraphs, query.plan, query.phrases) == ("", (), None, None)
    assert query.plan_weight == 0 and query.weights is PICTURE_WEIGHTS
    assert (query.notes, dict(query.corrected)) == ((), {})


def test_a_picture_that_the_encoder_does_not_know_is_said_to_be_such() -> None:
    picture, known = np.full((12, 16, 3), 90, np.uint8), SimpleNamespace()
    for knows in (True, False):
        known.know = lambda features, knows=knows: np.full(len(features), knows)
        own = reader()
        own._known_pictures = known
        query = own.read_picture(picture)
        assert (query.known, query.notes) == (knows, () if knows else (UNKNOWN_PICTURE,))


def test_two_queries_are_never_equal() -> None:
    assert reader().read("horses") != reader().read("horses")


def test_a_long_text_is_encoded_in_batches_between_which_a_short_one_is_read() -> None:
    encoder = Worded()
    read = reader(encoder)
    texts = [f"{'big ' * (number % 5)}horses {number}" for number in range(3 * TEXTS_AT_ONCE + 1)]
    between: list[Query] = []

    def read_another() -> None:
        other = threading.Thread(target=lambda: between.append(read.read("boats")), daemon=True)
        other.start(), other.join(10)

    with pausing(read_another):
        features = read.encode_phrases(texts)
        words, of_words = read.encode_words(texts)
    assert len(between) == 8  # it waited for no lock
    assert np.array_equal(features, encoder.encode_texts(texts) + 1)
    expected, expected_features = encoder.encode_words(texts)
    assert words == expected and np.array_equal(of_words, expected_features)
