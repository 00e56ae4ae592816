"""Search a collection: encode once, query often. The app, the API and the CLI see only this."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from hicalm.data.collection import Collection, Fingerprint
from hicalm.data.home import ZERO_SHOT, is_zero_shot
from hicalm.encoders.art_expert import ArtExpert
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.published import MissingEncoder
from hicalm.errors import HicalmError
from hicalm.explain.alignment import Counterparts, align_rooms
from hicalm.explain.explainer import Explainer
from hicalm.explain.explanation import Explanation
from hicalm.explain.score_game import PartGame, ScoreGame
from hicalm.hosa.pointing import room_evidence, view_heat_map
from hicalm.hosa.rerank import RoomScorer, Sentences, read_sentences
from hicalm.levels import PLAN, WORDS
from hicalm.matching.background import background_vectors
from hicalm.models import DualEncoder
from hicalm.models.checkpoints import content_hash
from hicalm.models.score_weights import LevelWeights
from hicalm.models.zero_shot import ZeroShot
from hicalm.reading.grammar_reading import parser
from hicalm.reading.plan_tagger import shipped_tagger, tagger_hashes
from hicalm.retrieval.evidence import Evidence, HeatMap
from hicalm.retrieval.index import check_encoder
from hicalm.retrieval.known_pictures import KnownPictures
from hicalm.retrieval.methods import DEFAULT, HOSA, VTM_UCH, Ranking
from hicalm.retrieval.query import Query
from hicalm.retrieval.results import SearchResult
from hicalm.retrieval.scoring import item_cosines
from hicalm.retrieval.stages import RERANK
from hicalm.retrieval.stored_query import open_reader
from hicalm.search.method_ranker import RankingMethods, code_scores
from hicalm.search.museum_filters import Filters, allowed_museums
from hicalm.search.museum_matches import museum_match
from hicalm.search.opening import hold, open_all, open_engine, open_plans
from hicalm.search.pipeline import Pipeline, Ranked
from hicalm.search.provenance import provenance_of
from hicalm.search.reranker import Reranker
from hicalm.search.stage_models import open_codes, open_stages
from hicalm.world.world_pictures import open_pictures

MAX_RESULTS = 10_000


class Searcher:
    """A collection's museums in a model's space, with the encoder that reads queries."""

    def __init__(
        self,
        collection: Collection,
        model: DualEncoder,
        encoder: Encoder,
        art_expert: ArtExpert | None,
        weights: LevelWeights,
        checkpoint: Path | None = None,
        known_pictures: KnownPictures | None = None,
        address: str = "",
    ) -> None:
        """``known_pictures`` are those that the encoder knows; None: this collection's, if any.

        ``address`` is that of an index which names the candidates, see ``candidates``.
        """
        collection.features.check_fingerprint("view", Fingerprint.of(encoder))
        check_encoder(collection, model)
        if art_expert is not None:
            collection.features.check_fingerprint("art", Fingerprint.of(art_expert))
        self.collection, self.pictures = collection, open_pictures(collection)
        self.model, self.weights = model, weights
        self.encoder, self.art_expert = encoder, art_expert
        self._view_features, self._index = hold(collection, model, checkpoint, address)
        self.checkpoint = checkpoint  # its folder; beside it lie the models to compare with
        self._checkpoint_hash = None if checkpoint is None else content_hash(checkpoint)
        beside = None if is_zero_shot(checkpoint) else checkpoint
        background = partial(background_vectors, model, encoder)
        self._plans = open_plans(collection, self._index, beside, background)
        self.known_pictures = known_pictures or KnownPictures.of(collection, self._view_features)
        reads = self.reads_attributes, self.known_pictures
        self._reader = open_reader(collection, model, encoder, art_expert, weights, *reads)
        engine = open_engine(address, collection, self._index, self._plans, checkpoint)
        found = open_stages(collection, self._index, beside, engine)
        self._stage_models = found
        ids = collection.columns.ids
        self._pipeline = Pipeline(self._index, ids, self._plans, found.candidates, found.reranker)
        self._words_read: WeakKeyDictionary[Query, frozenset[int]] = WeakKeyDictionary()
        self._ranking_methods = RankingMethods(
            collection, model, weights, beside, self._index, self._other_methods(beside)
        )
        self._explainer = Explainer(self._reader, collection, self._index, self._view_features)

    @classmethod
    def open(
        cls, collection: Path | Collection, checkpoint: Path, encoder: str = "", address: str = ""
    ) -> "Searcher":
        """Load the models, and the collection if it is a folder (seconds), as ``opening.open_all``.

        Of an index at ``address``, also raises HicalmError where it does not fit.
        """
        shipped_tagger()  # the first query would wait for it otherwise
        return cls(*open_all(collection, checkpoint, encoder), address=address)

    def prepare(self) -> None:
        """Make what only some queries need, and the first of them would wait for (a second)."""
        parser()
        self._stage_models.prepare()

    def over(self, collection: Collection) -> "Searcher":
        """Return a searcher of another collection by the same models, which it shares.

        Without training, what is made of a collection is made anew. Raises HicalmError for features
        of another encoder.
        """
        model, weights = self.model, self.weights
        if isinstance(model, ZeroShot):
            model = ZeroShot.of(collection, self.encoder)
            weights = LevelWeights.load(Path(ZERO_SHOT), collection)
        own = self.art_expert, weights, self.checkpoint, self.known_pictures
        return Searcher(collection, model, self.encoder, *own)

    def read(self, query: str, as_typed: bool = False) -> Query:
        """Read a text, with misspelt words mended unless it is to be searched as typed. Raises
        HicalmError for an empty, too long or wordless one."""
        return self._reader.read(query, as_typed)

    def read_picture(self, image: np.ndarray) -> Query:
        """Read a picture, uint8 RGB (h, w, 3). Raises HicalmError if it is none, or not read."""
        return self._reader.read_picture(image)

    @property
    def words_note(self) -> str:
        """Why no free words are read here, in a sentence; empty where they are."""
        return self.encoder.reason if isinstance(self.encoder, MissingEncoder) else ""

    @property
    def pictures_note(self) -> str:
        """Why no pictures are read here, in a sentence; empty where they are."""
        return self._reader.pictures_note

    def read_view(self, museum_id: str, room: int, view: int) -> Query:
        """Read one of the collection's own views. Raises HicalmError if unknown."""
        row = self._index.views_of(self.collection.room_row(museum_id, room, view)).start + view
        return self._reader.read_view(self._view_features[row : row + 1].astype(np.float32))

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that a search can go through here, in their order."""
        return self._pipeline.stages

    @property
    def default_stages(self) -> tuple[str, ...]:
        """The stages of every search that names none: of the page, of programs, of explanations."""
        return self._pipeline.default

    @property
    def rerank_note(self) -> str:
        """Why there is no re-ranking here, in a sentence; empty where there is."""
        return self._stage_models.rerank_note

    def search(
        self,
        query: str,
        top: int = 10,
        filters: Filters | None = None,
        stages: Sequence[str] | None = None,
        as_typed: bool = False,
    ) -> SearchResult:
        """Rank the museums for a text, as ``read`` and ``rank``, with the time that it took."""
        started = time.perf_counter()
        result = self.rank(self.read(query, as_typed), top, filters, stages)
        return replace(result, seconds=time.perf_counter() - started)

    def rank(
        self,
        query: Query,
        top: int = 10,
        filters: Filters | None = None,
        stages: Sequence[str] | None = None,
    ) -> SearchResult:
        """Rank the museums for a query that was read.

        ``filters`` keeps museums by ``rooms`` (least, most) and by any attribute (allowed values);
        ``stages`` are some of those of this searcher; None: the default ones. Raises HicalmError
        for filters that leave nothing and for stages that are not there.
        """
        started = time.perf_counter()
        if not 1 <= top <= MAX_RESULTS:
            raise HicalmError(f"Ask for 1 to {MAX_RESULTS:,} results, not {top:,}.")
        allowed, notes = allowed_museums(self.collection, filters or {}, query.plan)
        wanted = self.default_stages if stages is None else stages
        found = self._pipeline.run(query, self._reader.encode_words, allowed, top, wanted)
        presence = None if query.plan is None else self._plans.presence(query, found.rows)
        matches = tuple(
            museum_match(self.collection, self._index, self._plans, query, found, place)
            for place in range(min(top, len(found.rows)))
        )
        seconds = time.perf_counter() - started
        provenance = provenance_of(
            self.collection,
            self.encoder,
            self._checkpoint_hash,
            tagger_hashes() | {**self._stage_models.hashes, **self._plans.hashes},
            filters or {},
            [report.name for report in found.reports],
            [self.rerank_note] if self.rerank_note else [],
        )
        is_found = None if query.known else False
        if presence is not None:
            is_found = presence >= self._plans.calibration.found_from
        return SearchResult(
            query=query.text,
            paragraphs=query.paragraphs,
            matches=matches,
            seconds=seconds,
            stages=found.reports,
            provenance=provenance,
            plan=query.plan,
            notes=(*query.notes, *notes),
            corrected=query.corrected,
            presence=presence,
            found=is_found,
        )

    def explain(self, query: Query, museum_id: str, words: bool | None = None) -> Explanation:
        """Say what each room, view and part of the query contributed to a museum's score.

        ``words``: whether the score has that part; None: as the default stages rank the whole
        collection, so that the score is the one that ``rank`` gives. Raises HicalmError for an
        unknown museum, for a query of too many sentences, and for words that cannot be read.
        """
        explanation = self._explainer.explain(query, museum_id)
        if query.plan_weight:
            row = self.collection.row(museum_id)
            shares = self._plans.shares(query, row, self._reader.read_phrases)
            explanation = explanation.with_part(PLAN, shares)
        if not self._reads_words(query, museum_id, words):
            return explanation
        row, encode = self.collection.row(museum_id), self._reader.encode_words
        return explanation.with_part(WORDS, self._reranker.shares(query, encode, row))

    def presence(self, query: Query, museum_id: str, room: int) -> dict[str, float]:
        """Return by phrase of a query the probability (0..1) that a room shows any of it.

        Empty for a picture. Raises HicalmError for an unknown museum or room.
        """
        return self._plans.room_presence(query, self.collection.room_row(museum_id, room))

    @property
    def has_evidence(self) -> bool:
        """Whether a HOSA model can point at what answers a query."""
        return self._stage_models.rooms is not None

    def evidence(self, query: Query, museum_id: str, room: int) -> Evidence:
        """Return which views of a room answer the words of a query.

        Raises HicalmError for an unknown museum or room, for a picture, which has no words, and
        where no HOSA model fits the collection.
        """
        rooms, sentences = self._room_scorer, self._sentences(query)
        nodes = rooms.room(self.collection.room_row(museum_id, room))
        return room_evidence(rooms.model, nodes, sentences)

    def heat_map(self, query: Query, museum_id: str, room: int, view: int) -> HeatMap:
        """Return which cells of a view answer the words of a query (a tenth of a second).

        Raises HicalmError as ``evidence``, for an unknown view, and for an encoder without a map of
        features.
        """
        rooms, sentences = self._room_scorer, self._sentences(query)
        self.collection.room_row(museum_id, room, view)
        cells = self._reader.encode_cells(self.pictures.picture(museum_id, room, view))
        return view_heat_map(rooms.model, cells, sentences)

    @property
    def reads_attributes(self) -> bool:
        """Whether rooms are read attribute by attribute, not by cosines alone."""
        return self._plans.reads_attributes

    def plan_values(self, query: Query) -> np.ndarray:
        """Return the value of a query's plan in every museum, float64 (B,), in 0..1."""
        return self._plans.values(query)

    def candidates(self, query: Query, filters: Filters | None = None) -> np.ndarray | None:
        """Return the rows (M,), rising, of the museums that ``rank`` scores by default, where an
        index names them; None where it scores all. Raises HicalmError as ``rank``."""
        allowed = allowed_museums(self.collection, filters or {}, query.plan)[0]
        return self._pipeline.candidates(query, allowed)

    def room_values(self, query: Query, museums: np.ndarray | None = None) -> np.ndarray | None:
        """Return ``matching.plan_value.room_values`` of all rooms, or those of museums (rows)."""
        return self._plans.room_values(query, museums)

    def best_presence(self, query: Query) -> float:
        """Return the highest value of a query's plan where any painting is enough, in 0..1."""
        return self._plans.best_presence(query, np.arange(len(self.collection.museums)))

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods that can rank the museums; the first is the one of ``rank``."""
        return self._ranking_methods.names

    def ranking(self, query: Query, method: str) -> Ranking:
        """Rank all museums for a text by one of ``methods``; a first use may take a second.

        Raises HicalmError for a picture and for an unknown method.
        """
        return self._ranking_methods.rank(method, query)

    def default_scores(self, query: Query) -> np.ndarray:
        """Return the score that ``rank`` gives every museum by default, float64 (B,).

        Museums that ``rank`` does not list, for their number of rooms, score below all others.
        """
        found = self._ranked(query)
        scores = np.full(len(self.collection.museums), found.scores.min() - 1)
        scores[found.rows] = found.scores
        return scores

    def game(self, query: Query, museum_id: str, words: bool | None = None) -> ScoreGame:
        """Return a museum's score as a function of which of its views are there.

        ``words`` as in ``explain``. Raises HicalmError for an unknown museum and for words that
        cannot be read.
        """
        levels, row = self._explainer.game(query, museum_id), self.collection.row(museum_id)
        further: dict[str, PartGame] = {}
        if query.plan_weight:
            further[PLAN] = self._plans.game(query, row)
        if self._reads_words(query, museum_id, words):
            further[WORDS] = self._reranker.game(query, self._reader.encode_words, row)
        return ScoreGame(levels, further)

    def similarities(
        self, query: Query, level: str, museums: np.ndarray | None = None
    ) -> np.ndarray:
        """Return ``retrieval.scoring.item_cosines`` of all museums, or of some (rows, (M,))."""
        return item_cosines(query.vectors, self._index, level, museums)

    def align_rooms(self, first: str, second: str) -> Counterparts:
        """Pair the rooms of two museums by how much alike they are, as ``alignment.align_rooms``.
        Raises HicalmError for an unknown museum."""
        rows = [self.collection.row(museum) for museum in (first, second)]
        return align_rooms(*(self._index.select(np.array([row])).room for row in rows))

    def _other_methods(self, beside: Path | None) -> dict[str, Callable[[Query], np.ndarray]]:
        """Return what scores museums by more than one model's levels, as far as it is here."""
        found: dict[str, Callable[[Query], np.ndarray]] = {DEFAULT: self.default_scores}
        if self.has_evidence:
            found[HOSA] = self._hosa_scores
        codes = open_codes(self.collection, beside)
        if codes is not None:
            found[VTM_UCH] = partial(code_scores, codes)
        return found

    def _hosa_scores(self, query: Query) -> np.ndarray:
        everyone = np.arange(len(self.collection.museums))
        return self._room_scorer.scores(everyone, self._sentences(query))

    def _ranked(self, query: Query) -> Ranked:
        """Return the collection as the default stages rank it, within the limits of the plan."""
        allowed, _ = allowed_museums(self.collection, {}, query.plan)
        encode, top = self._reader.encode_words, len(allowed.rows)
        return self._pipeline.run(query, encode, allowed, top, self.default_stages)

    def _reads_words(self, query: Query, museum_id: str, words: bool | None) -> bool:
        """Tell whether a museum's score has the part ``words``."""
        if words is not None or RERANK not in self.default_stages:
            return bool(words)
        if query not in self._words_read:
            found = self._ranked(query)
            places = (p for p in range(len(found.rows)) if WORDS in found.levels(p))
            self._words_read[query] = frozenset(int(found.rows[place]) for place in places)
        return self.collection.row(museum_id) in self._words_read[query]

    @property
    def _reranker(self) -> Reranker:
        """Re-ranking by words. Raises HicalmError where there is none."""
        if self._stage_models.reranker is None:
            raise HicalmError(self.rerank_note)
        return self._stage_models.reranker

    @property
    def _room_scorer(self) -> RoomScorer:
        """HOSA over the rooms. Raises HicalmError where no model fits the collection."""
        if self._stage_models.rooms is None:
            raise HicalmError("There is no HOSA model here that fits this collection's encoder.")
        return self._stage_models.rooms

    def _sentences(self, query: Query) -> Sentences:
        model = self._room_scorer.model
        return read_sentences(model, query.paragraphs, self._reader.encode_words)
