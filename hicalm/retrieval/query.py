"""A query as the model reads it: typed words, a picture, or one of the collection's views."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import torch

from hicalm.data.batches import ViewBatch
from hicalm.encoders.art_expert import ArtExpert
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.published import MissingEncoder
from hicalm.encoders.query_encoder import QueryFeatures
from hicalm.errors import HicalmError
from hicalm.geometry import normalise
from hicalm.matching.pauses import pause
from hicalm.matching.phrase_meaning import phrase_meaning, text_probabilities
from hicalm.matching.plan_scorer import QueryPhrases
from hicalm.models import DualEncoder
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.plan_reading import read_query
from hicalm.reading.query_plan import Description, Phrase, Plan, asked_phrases, phrases
from hicalm.reading.query_text import check_query
from hicalm.reading.scripts import reading_note
from hicalm.reading.spelling import Vocabulary, apply, corrections
from hicalm.retrieval.known_pictures import KnownPictures
from hicalm.retrieval.scoring import QueryVectors, encode_queries

# A picture is a single view: it is compared with views first, and with their rooms.
PICTURE_WEIGHTS = np.array([0.0, 0.25, 0.75], np.float32)
SMALLEST_PICTURE = 8  # pixels a side
REMEMBERED_PHRASES = 32  # sets of them
TEXTS_AT_ONCE = 16  # encoded; then other queries may be
UNKNOWN_PICTURE = (
    "The picture is outside of what the encoder knows, so what is listed only comes nearest."
)
LONGEST_SHOWN = 80  # characters of what is quoted in a note
NO_ART_EXPERT = (
    "Pictures cannot be searched by here: the model also reads features of an art expert that came "
    "with the collection and is not here itself."
)


@dataclass(frozen=True, eq=False)
class Query:
    """One query in the model's space.

    ``text`` and ``paragraphs`` (each a tuple of sentences) say how words were understood and are
    empty for a picture. ``vectors`` hold one query (Q = 1); ``weights`` float32 (3,) are those of
    the levels, and ``plan_weight`` that of the plan's value; ``features`` float32 (S, D) are the
    encoder's, of its sentences. ``plan`` says what is asked of the rooms, ``phrases`` how its
    phrases were read, ``notes`` what was not understood, ``corrected`` which words were taken for
    others. ``known`` is False for a picture outside of what the encoder knows. Two queries that
    were read are never equal.
    """

    text: str
    paragraphs: tuple[tuple[str, ...], ...]
    vectors: QueryVectors
    weights: np.ndarray
    features: np.ndarray
    plan: Plan | None = None
    plan_weight: float = 0.0
    phrases: QueryPhrases | None = None
    notes: tuple[str, ...] = ()
    corrected: Mapping[str, str] = field(default_factory=dict)
    known: bool = True

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences in order."""
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph)


class QueryReader:
    """Reads queries with an encoder and a model; safe to call from several threads."""

    def __init__(
        self,
        model: DualEncoder,
        encoder: Encoder,
        art_expert: ArtExpert | None,
        weights: LevelWeights,
        vocabulary: Vocabulary,
        reads_attributes: bool = False,
        known_pictures: KnownPictures | None = None,
    ) -> None:
        """``vocabulary`` has the words that misspelt ones may stand for; ``reads_attributes`` says
        whether the collection's rooms are read by the attributes of the built-in encoder;
        ``known_pictures`` which pictures the encoder knows: None: all."""
        self.model = model
        self._encoder, self._art_expert, self._weights = encoder, art_expert, weights
        self._vocabulary, self._reads_attributes = vocabulary, reads_attributes
        self._known_pictures = known_pictures
        # Tokenizers and open_clip models keep state during a call.
        self._lock = threading.Lock()
        # Explaining a list of museums asks for the same parts of the query for each of them.
        self._read_last = lru_cache(maxsize=REMEMBERED_PHRASES)(self._read_distinct)

    @property
    def pictures_note(self) -> str:
        """Why pictures cannot be read here, in a sentence; empty where they can."""
        if isinstance(self._encoder, MissingEncoder):
            return self._encoder.reason
        if self.model.config.art_dim and self._art_expert is None:
            return NO_ART_EXPERT
        return ""

    def encode_texts(self, texts: list[str]) -> np.ndarray:
        """Return the encoder's features of texts, float32 (N, D)."""
        return self._in_batches(
            lambda own: QueryFeatures(self._encoder.encode_texts(own), None), texts
        ).features

    def encode_phrases(self, texts: list[str]) -> np.ndarray:
        """Return the encoder's features of typed phrases, float32 (N, D)."""
        return self._in_batches(self._encoder.encode_queries, texts).features

    def _in_batches(
        self, encode: Callable[[list[str]], QueryFeatures], texts: list[str]
    ) -> QueryFeatures:
        """Encode texts, a few at a time: whoever reads a short query meanwhile waits for these."""
        rows = sorted(range(len(texts)), key=lambda row: len(texts[row]))  # like lengths together
        found = []
        for start in range(0, max(len(rows), 1), TEXTS_AT_ONCE):
            pause()
            own = [texts[row] for row in rows[start : start + TEXTS_AT_ONCE]]
            with self._lock:
                found.append(encode(own))
        back = np.argsort(rows)
        features = np.concatenate([one.features for one in found])[back]
        read = [one.probabilities for one in found if one.probabilities is not None]
        return QueryFeatures(features, np.concatenate(read)[back] if read else None)

    def encoding_of(self, query: Query) -> Callable[[list[str]], np.ndarray] | None:
        """Return how the texts of a query are encoded: as typed phrases, or as a description.

        None where they cannot be.
        """
        plain = isinstance(query.plan, Description)
        return self.encode_texts if plain else self.encode_phrases

    def encode_words(self, texts: Sequence[str]) -> tuple[list[list[str]], np.ndarray]:
        """Return the words of texts and their features, float32 (ΣW, D)."""
        words, features = [], []
        for start in range(0, max(len(texts), 1), TEXTS_AT_ONCE):
            pause()
            with self._lock:
                own, found = self._encoder.encode_words(texts[start : start + TEXTS_AT_ONCE])
            words += own
            features.append(found)
        return words, np.concatenate(features)

    def encode_cells(self, picture: np.ndarray) -> np.ndarray:
        """Return the features of a picture's cells, float32 (h, w, D).

        Raises HicalmError for an encoder that has none.
        """
        with self._lock:
            return self._encoder.encode_cells([picture])[0]

    def read(self, text: str, as_typed: bool = False) -> Query:
        """Read a text, with misspelt words mended unless it is to be searched as typed.

        Raises HicalmError for an empty, too long or wordless one.
        """
        typed = check_query(text)
        mended = {} if as_typed else corrections(typed, self._vocabulary, self._encoder.whole_words)
        searched = apply(typed, mended)
        reading = read_query(searched)
        plan = reading.plan
        if isinstance(plan, Description):
            paragraphs = plan.paragraphs
        else:
            # What only limits the number of rooms has no phrase; its words weigh nothing.
            named = asked_phrases(plan) or phrases(plan) or (Phrase(text=searched),)
            paragraphs = tuple((phrase.text,) for phrase in named)
        sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
        features, read = self._read_plan(plan, sentences)
        counts = np.array([len(paragraph) for paragraph in paragraphs])
        vectors = encode_queries(self.model, features, counts, np.array([len(paragraphs)]))
        weights, plan_weight = self._weights_of(plan, len(paragraphs), len(sentences))
        notes = (*reading.notes, *self._notes(searched, sentences))
        return Query(
            typed, paragraphs, vectors, weights, features, plan, plan_weight, read, notes, mended
        )

    def _weights_of(self, plan: Plan, paragraphs: int, sentences: int) -> tuple[np.ndarray, float]:
        """Return the weights of the levels and of the plan; a description has its levels alone."""
        if isinstance(plan, Description):
            return self._weights.of(paragraphs, sentences), 0.0
        share = self._weights.plan if self._reads_attributes or not plan.is_plain else 0.0
        levels = self._weights.of(1, 1) * np.float32(1 - share)
        # The levels of a plan that only says what is not wanted would speak for what it is without.
        return levels * np.float32(bool(asked_phrases(plan))), share

    def _read_plan(self, plan: Plan, sentences: list[str]) -> tuple[np.ndarray, QueryPhrases]:
        """Return the features of sentences (S, D), and all phrases of the plan as they are read."""
        if isinstance(plan, Description):
            texts, features = list(dict.fromkeys(sentences)), self.encode_texts(sentences)
            features = features[[sentences.index(text) for text in texts]]
            probabilities = text_probabilities(features) if self._reads_attributes else None
            read = self._phrases(texts, features, probabilities)
        else:
            own = list(dict.fromkeys(phrase.text for phrase in phrases(plan)))
            texts = own or sentences  # what only limits the number of rooms has no phrase
            features, probabilities = self._encode_phrases(texts)
            read = self._phrases(own, features, probabilities)
        rows = {text: row for row, text in enumerate(texts)}
        return features[[rows[sentence] for sentence in sentences]], read

    def read_phrases(self, texts: Sequence[str]) -> QueryPhrases:
        """Read typed phrases, each different one once; those read last are remembered."""
        return self._read_last(tuple(dict.fromkeys(texts)))

    def _read_distinct(self, texts: tuple[str, ...]) -> QueryPhrases:
        return self._phrases(list(texts), *self._encode_phrases(list(texts)))

    def _encode_phrases(self, texts: list[str]) -> tuple[np.ndarray, np.ndarray | None]:
        found = self._in_batches(self._encoder.encode_queries, texts)
        if found.probabilities is None and self._reads_attributes:
            return found.features, text_probabilities(found.features)
        return found.features, found.probabilities

    def _phrases(
        self, texts: list[str], features: np.ndarray, probabilities: np.ndarray | None
    ) -> QueryPhrases:
        if not texts:
            return QueryPhrases({} if self._reads_attributes else None, {}, {})
        vectors = dict(zip(texts, self._room_vectors(features), strict=True))
        details = dict(zip(texts, self._details(features), strict=True))
        if probabilities is None or not self._reads_attributes:
            return QueryPhrases(None, vectors, dict.fromkeys(texts, 1.0), details)
        meanings = {t: phrase_meaning(p) for t, p in zip(texts, probabilities, strict=True)}
        known = dict(zip(texts, probabilities.max(axis=1).tolist(), strict=True))
        return QueryPhrases(meanings, vectors, known, details)

    @torch.inference_mode()
    def _room_vectors(self, features: np.ndarray) -> np.ndarray:
        """Return each text alone as the model places it among rooms, normalised (N, H)."""
        ones = torch.ones(len(features), dtype=torch.long)
        found = self.model.encode_paragraphs(torch.as_tensor(features).float(), ones)
        return normalise(found).numpy()

    @torch.inference_mode()
    def _details(self, features: np.ndarray) -> np.ndarray:
        """Return each text alone as the model places it among views, normalised (N, H)."""
        return normalise(self.model.encode_sentences(torch.as_tensor(features).float())).numpy()

    def _notes(self, text: str, sentences: list[str]) -> tuple[str, ...]:
        """Return what the encoder does not read of a text."""
        script = reading_note(text)
        unread = [self._encoder.unread_part(sentence) for sentence in sentences]
        cut = [
            f"Only the beginning of a long sentence was read; left out: '{_shortened(part)}'."
            for part in unread
            if part
        ]
        return (*([script] if script else []), *cut)

    def read_picture(self, image: np.ndarray) -> Query:
        """Read a picture, uint8 RGB (h, w, 3). Raises HicalmError if it is none, and where what
        reads pictures is missing."""
        if self.pictures_note:
            raise HicalmError(self.pictures_note)
        image = np.asarray(image)
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise HicalmError("A picture must be an RGB image of 8 bits per channel.")
        if min(image.shape[:2]) < SMALLEST_PICTURE:
            raise HicalmError(
                f"The picture is {image.shape[1]} x {image.shape[0]} pixels; "
                f"it needs at least {SMALLEST_PICTURE} x {SMALLEST_PICTURE}."
            )
        with self._lock:
            feature = self._encoder.encode_images([image])
            known = self._known_pictures is None or bool(self._known_pictures.know(feature)[0])
            if self._art_expert is not None:
                feature = np.concatenate([feature, self._art_expert.encode_images([image])], axis=1)
        query = self.read_view(feature)
        return query if known else replace(query, known=False, notes=(UNKNOWN_PICTURE,))

    @torch.inference_mode()
    def read_view(self, feature: np.ndarray) -> Query:
        """Read a view's features (1, D), as a museum of one room with one view."""
        one = torch.ones(1, dtype=torch.long)
        views = ViewBatch(views=torch.as_tensor(feature), view_counts=one, room_counts=one)
        embedding = self.model.encode_vision(views)
        vectors = QueryVectors(
            museum=normalise(embedding.museum).numpy(),
            paragraph=normalise(embedding.room).numpy(),
            sentence=normalise(embedding.view_room).numpy(),
            paragraph_counts=np.ones(1, int),
            sentence_counts=np.ones(1, int),
            are_texts=False,
        )
        return Query("", (), vectors, PICTURE_WEIGHTS, np.zeros((0, 0), np.float32))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN].rstrip() + " ..."
