"""The plan of a query as a part of the score: its value in every museum, how sure it is, and why.

Where the encoder has attributes and the pictures are those it was taught (the built-in world's),
rooms are read attribute by attribute; any other collection by cosines against background sentences.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.pictures import is_world
from hicalm.errors import HicalmError
from hicalm.explain.explanation import PartContribution, PartShares
from hicalm.explain.owen import owen
from hicalm.explain.query_parts import query_parts
from hicalm.files import hash_files
from hicalm.matching.fit_calibration import FIT_FILE, FitCalibration, unlabelled
from hicalm.matching.plan_game import PlanGame, ReadPhrases, asked_numbers
from hicalm.matching.plan_scorer import (
    AttributeRooms,
    PartRooms,
    PlanScorer,
    QueryPhrases,
    SimilarRooms,
)
from hicalm.matching.plan_value import PlanRooms, room_values
from hicalm.matching.room_matcher import RoomMatcher, object_logits
from hicalm.matching.share_networks import CONFIG_FILE, WEIGHTS_FILE, ShareNetworks
from hicalm.matching.similarity_matcher import Background, SimilarityMatcher
from hicalm.ragged import ranges, starts
from hicalm.reading.query_plan import Description, Phrase, Plan, asked_phrases, phrases
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.query import Query
from hicalm.retrieval.results import PartAnswer

MATCH = "match"  # the folder beside a checkpoint
BUDGET = 800  # subsets of views that are valued where not all are
PHRASE_BUDGET = 256  # subsets of a query's parts that are valued where not all are
MAX_PARAGRAPHS = 8  # of a query, whose subsets are enumerated
ANSWERED = 0.5  # probability from which a part of a query counts as answered
logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PlanRanking:
    """Values plans over a collection. What is worked out for a query is forgotten with it."""

    scorer: PlanScorer
    calibration: FitCalibration
    room_counts: np.ndarray
    view_counts: np.ndarray
    reads_attributes: bool
    hashes: Mapping[str, str] = field(default_factory=dict)  # of the networks' content
    _rooms: WeakKeyDictionary[Query, PlanRooms] = field(default_factory=WeakKeyDictionary)
    _any: WeakKeyDictionary[Query, PlanRooms] = field(default_factory=WeakKeyDictionary)

    def values(self, query: Query) -> np.ndarray:
        """Return the value of a query's plan in every museum, float64 (B,); 0 without a plan."""
        if query.plan is None:
            return np.zeros(len(self.room_counts))
        return self._over(query).value(query.plan)

    def values_of(self, query: Query, rows: np.ndarray) -> np.ndarray:
        """Return the value of a query's plan in some museums (their rows, (M,)), float64 (M,)."""
        return self.values(query)[rows]

    def room_values(self, query: Query, museums: np.ndarray | None = None) -> np.ndarray | None:
        """Return ``matching.plan_value.room_values`` of a query's plan, of all rooms or those of
        museums (rows, (M,)); None without a plan."""
        found = None if query.plan is None else room_values(self._over(query), query.plan)
        if found is None or museums is None:
            return found
        return found[ranges(starts(self.room_counts)[museums], self.room_counts[museums])]

    def best_presence(self, query: Query, rows: np.ndarray) -> float:
        """Return the highest value in some museums (their rows) where any painting is enough."""
        if query.plan is None:
            return 0.0
        if query not in self._any:
            self._any[query] = self.scorer.over_any(self._over(query))
        return float(self._any[query].value(query.plan)[rows].max())

    def fit(self, query: Query, row: int) -> float:
        """Return the fit of a museum, its row, in 0..1: see ``matching.fit_calibration``."""
        value, known = self.values(query)[[row]], knowledge(query)
        presence = self.presence(query)
        return float(self.calibration.fit(value, known, phrase_count(query), presence)[0])

    def presence(self, query: Query, rows: np.ndarray | None = None) -> float:
        """Return the probability, 0..1, that some of the museums (default: all) have what a query
        asks for: see ``matching.fit_calibration``."""
        rows = np.arange(len(self.room_counts)) if rows is None else rows
        best, known = self.best_presence(query, rows), knowledge(query)
        return self.calibration.presence(best, known, phrase_count(query))

    def answers(self, query: Query, row: int, own: MuseumIndex) -> tuple[PartAnswer, ...]:
        """Return how a museum, its row and its own index, answers each part of a query."""
        if query.plan is None:
            return ()
        found = self.scorer.answers(self._over(query), query.plan, row)
        return tuple(_answer(one, query, own) for one in found)

    def room_presence(self, query: Query, room: int) -> dict[str, float]:
        """Return by phrase the probability that a room (its row) shows any of it; {} without."""
        if query.phrases is None:
            return {}
        rooms = self._over(query)
        return {
            text: float(rooms.presence(Phrase(text=text))[room]) for text in query.phrases.vectors
        }

    def game(self, query: Query, row: int) -> "PlanPart":
        """Return the part of a museum's score as a function of its views. The query has a plan."""
        assert query.plan is not None and query.phrases is not None
        first = int(starts(self.room_counts)[row])
        own = slice(first, first + int(self.room_counts[row]))
        game = PlanGame(self.scorer.rooms, own, self.view_counts[own], query.plan)
        return PlanPart(game, query.plan, query.phrases, query.plan_weight, self.view_counts[own])

    def shares(self, query: Query, row: int, read: ReadPhrases) -> PartShares:
        """Return what everything contributed to the part. The query has a plan."""
        part = self.game(query, row)
        rooms, views, errors = part.contributions()
        found, further, error = part.query_contributions(query, read)
        baseline = part.weight * part.game.baseline
        error = float(max(errors.max(initial=0.0), error))
        return PartShares(rooms.tolist(), views.tolist(), found, error, baseline, further)

    def _over(self, query: Query) -> PlanRooms:
        if query not in self._rooms:
            assert query.phrases is not None
            self._rooms[query] = self.scorer.over(query.phrases)
        return self._rooms[query]


@dataclass(frozen=True)
class PlanPart:
    """The part ``plan`` of one museum's score for one query."""

    game: PlanGame
    plan: Plan
    phrases: QueryPhrases
    weight: float
    view_counts: np.ndarray

    def values(self, present: np.ndarray) -> np.ndarray:
        """Return the part with only these views, bool (N, V) -> float64 (N,)."""
        return self.weight * self.game.values(self.phrases, present)

    def contributions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the shares of rooms (R,) and of views (V,), and the views' standard errors."""
        found = owen(self.view_counts, lambda present: self.values(present)[:, None], BUDGET)
        return found.group[:, 0], found.member[:, 0], found.error[:, 0]

    def gradient_times_input(self, zero: np.ndarray) -> np.ndarray:
        """Return what the part loses without each view, (V,), which stands for a gradient here.

        A room is read through sorted cosines: its gradient would say what a small change does to
        the best views alone.
        """
        views = int(self.view_counts.sum())
        whole = self.values(np.ones((1, views), bool))
        return whole - self.values(~np.eye(views, dtype=bool))

    def query_contributions(
        self, query: Query, read: ReadPhrases
    ) -> tuple[list[float], tuple[PartContribution, ...], float]:
        """Return the shares of the query's parts, then those of phrases that are not wanted, each
        as a whole; and the largest standard error."""
        leaves = phrases(self.plan)
        parts = query_parts(query.paragraphs)
        if not leaves:  # limits alone: a museum is worth the same whatever is said
            return [0.0] * len(parts), (), 0.0
        asked = sorted(asked_numbers(self.plan)) or list(range(len(leaves)))
        others = [number for number in range(len(leaves)) if number not in asked]
        numbers = [asked[part.paragraph] for part in parts] + others
        counts = np.unique(numbers, return_counts=True)[1]
        order = np.argsort(numbers, kind="stable")
        texts = [part.text for part in parts] + [leaves[number].text for number in others]
        whole = {number: leaves[number].text for number in range(len(leaves))}

        def value(present: np.ndarray) -> np.ndarray:
            said = [_said(row, order, numbers, texts, whole) for row in present]
            return self.weight * self.game.phrase_values(said, read)[:, None]

        found = owen(counts, value, PHRASE_BUDGET, MAX_PARAGRAPHS)
        member = np.empty(len(order))
        member[order] = found.member[:, 0]
        further = tuple(
            PartContribution(leaves[number].text, float(share), len(query.paragraphs) + place)
            for place, (number, share) in enumerate(zip(others, member[len(parts) :], strict=True))
        )
        return member[: len(parts)].tolist(), further, float(found.error.max(initial=0.0))


def _answer(one: PartRooms, query: Query, own: MuseumIndex) -> PartAnswer:
    assert query.phrases is not None
    among_views = query.phrases.details or query.phrases.vectors
    vectors = [among_views[phrase.text] for phrase in phrases(one.part)]
    views = tuple(
        int((np.stack(vectors) @ own.view[own.views_of(room)].T).max(axis=0).argmax())
        for room in one.rooms
    )
    return PartAnswer(
        one.part.text, one.part.op, one.rooms, one.probability, one.probability >= ANSWERED, views
    )


def _said(
    present: np.ndarray,
    order: np.ndarray,
    numbers: list[int],
    texts: list[str],
    whole: dict[int, str],
) -> dict[int, str]:
    """Return the words said of each phrase, by number, with only some parts (in ``order``)."""
    left: dict[int, list[str]] = {}
    for place in np.sort(order[present]):
        left.setdefault(numbers[place], []).append(texts[place])
    sizes = {number: numbers.count(number) for number in left}
    return {
        number: whole[number] if len(words) == sizes[number] else " ".join(words)
        for number, words in left.items()
    }


def phrase_count(query: Query) -> int:
    """Return how many phrases the plan of a query has; 1 for a query without one."""
    return 1 if query.plan is None else max(1, len(phrases(query.plan)))


def knowledge(query: Query) -> float:
    """Return how surely a query names what the encoder knows: by its least known phrase.

    Of a description the mean: not every sentence of one speaks of what can be seen.
    """
    if query.plan is None or query.phrases is None:
        return 1.0
    known = query.phrases.known
    if isinstance(query.plan, Description):
        return float(np.mean(list(known.values()))) if known else 1.0
    wanted = [phrase.text for phrase in asked_phrases(query.plan) or phrases(query.plan)]
    return min((known[text] for text in wanted), default=1.0)


def open_plan_ranking(
    collection: Collection,
    index: MuseumIndex,
    checkpoint: Path | None,
    background: Callable[[], np.ndarray],
) -> PlanRanking:
    """Return the plan ranking of a collection.

    ``background`` gives the vectors of the background sentences (G, H) in the model's space, and is
    asked for them where rooms are read by cosines. Damaged share networks are left out.
    """
    folder = None if checkpoint is None else Path(checkpoint).resolve().parent / MATCH
    try:
        if folder is not None and reads_attributes(collection, folder):
            return _by_attributes(collection, folder)
    except HicalmError as error:
        logger.warning("left out: %s", error)
    vectors = Background.of(background(), index.room)
    rooms = SimilarRooms(SimilarityMatcher(vectors, index.room))
    counts = collection.room_counts, collection.view_counts
    return PlanRanking(PlanScorer(rooms, counts[0]), unlabelled(), *counts, False)


def reads_attributes(collection: Collection, folder: Path) -> bool:
    """Tell whether the share networks of a folder were made for a collection's encoder and
    pictures. Raises HicalmError for damaged ones."""
    fingerprint = collection.features.fingerprints.get("view")
    if not is_world(collection) or fingerprint is None:
        return False
    if not (folder / CONFIG_FILE).is_file():
        return False
    return ShareNetworks.load(folder).encoder == fingerprint.label


def load_match(folder: Path) -> tuple[ShareNetworks, FitCalibration, dict[str, str]]:
    """Return the share networks of a folder, their calibration, and the hash of both, by name.

    Raises HicalmError for damaged files.
    """
    fit = FitCalibration.load(folder) if (folder / FIT_FILE).is_file() else unlabelled()
    content = hash_files([folder / name for name in (CONFIG_FILE, WEIGHTS_FILE, FIT_FILE)])
    return ShareNetworks.load(folder), fit, {MATCH: content}


def _by_attributes(collection: Collection, folder: Path) -> PlanRanking:
    """Return the plan ranking by the share networks of a folder. Raises HicalmError for damaged
    files."""
    networks, fit, hashes = load_match(folder)
    views = collection.features.get("view")
    objects = object_logits(collection)
    matcher = RoomMatcher.of(networks, views, collection.view_counts, objects)
    matcher.read_all()
    counts = collection.room_counts, collection.view_counts
    scorer = PlanScorer(AttributeRooms(matcher), counts[0])
    return PlanRanking(scorer, fit, *counts, True, hashes)
