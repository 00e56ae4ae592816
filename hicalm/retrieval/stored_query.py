"""What reads a collection's queries: any words or, where the encoder is missing, its own texts."""

import numpy as np

from hicalm.data.collection import Collection
from hicalm.encoders.art_expert import ArtExpert
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.published import MissingEncoder
from hicalm.models import DualEncoder
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.query_text import check_query
from hicalm.reading.spelling import Vocabulary
from hicalm.retrieval.known_pictures import KnownPictures
from hicalm.retrieval.query import Query, QueryReader
from hicalm.retrieval.scoring import encode_queries
from hicalm.retrieval.stored_texts import StoredTexts, WordsNotRead
from hicalm.retrieval.words import usual_words


def open_reader(
    collection: Collection,
    model: DualEncoder,
    encoder: Encoder,
    art_expert: ArtExpert | None,
    weights: LevelWeights,
    reads_attributes: bool,
    known_pictures: KnownPictures | None,
) -> QueryReader:
    """Return what reads a collection's queries; the arguments are those of ``QueryReader``."""
    if isinstance(encoder, MissingEncoder):
        return StoredQueryReader(collection, model, encoder, weights)
    words = usual_words(collection)
    reads = reads_attributes, known_pictures
    return QueryReader(model, encoder, art_expert, weights, words, *reads)


class StoredQueryReader(QueryReader):
    """Reads the texts of a collection, by their stored features, where the encoder is missing."""

    def __init__(
        self,
        collection: Collection,
        model: DualEncoder,
        encoder: MissingEncoder,
        weights: LevelWeights,
    ) -> None:
        super().__init__(model, encoder, None, weights, Vocabulary(()))
        self._reason = encoder.reason
        self._texts, self._stored = StoredTexts(collection), collection.features.rows("sentence")

    def read(self, text: str, as_typed: bool = False) -> Query:
        """Read a text of the collection, or its name: see ``retrieval.stored_texts``.

        It has no plan: nothing can be said of its phrases. Raises WordsNotRead for any other text,
        and HicalmError for an empty, too long or wordless one.
        """
        asked = check_query(text)
        place = self._texts.find(asked)
        if place is None:
            raise WordsNotRead(self._reason, self._texts.with_words(asked))
        found = self._texts.paragraphs(place)
        counts = np.array([len(rows) for _, rows in found])
        features = np.asarray(self._stored[np.concatenate([rows for _, rows in found])], np.float32)
        vectors = encode_queries(self.model, features, counts, np.array([len(found)]))
        weights = self._weights.of(len(found), int(counts.sum()))
        return Query(asked, tuple(own for own, _ in found), vectors, weights, features)

    def encoding_of(self, query: Query) -> None:
        """Return None: parts of a stored text cannot be encoded."""
