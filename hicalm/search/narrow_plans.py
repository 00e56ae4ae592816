"""Plans valued over the candidates of a search alone, for a collection that is not in memory.

A museum's value, presence and answers are those of ``PlanRanking`` over the whole collection, since
each museum is valued by itself. What is the collection's own, the best presence of any museum, is
taken over the candidates.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hicalm.data.array_files import map_array
from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.explain.explanation import PartShares
from hicalm.files import replacing
from hicalm.matching.fit_calibration import FitCalibration, unlabelled
from hicalm.matching.plan_game import ReadPhrases
from hicalm.matching.plan_scorer import AttributeRooms, PlanScorer, RoomReader, SimilarRooms
from hicalm.matching.room_matcher import RoomMatcher
from hicalm.matching.similarity_matcher import Background, SimilarityMatcher
from hicalm.matching.stored_rooms import StoredRooms
from hicalm.reading.query_plan import asked_phrases
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.query import Query
from hicalm.retrieval.results import PartAnswer
from hicalm.retrieval.stored_index import StoredIndex, full_precision, places
from hicalm.search.plan_ranking import (
    MATCH,
    PlanPart,
    PlanRanking,
    load_match,
    reads_attributes,
)

AT_ONCE = 1_000  # museums that are valued together
REMEMBERED = 4  # queries whose candidates stay read


@dataclass(frozen=True, eq=False)
class NarrowPlans:
    """As ``PlanRanking``, over the museums of each query; ``over`` opens one of some rows (M,).

    ``near`` reads rooms of museums (rows) nearly as ``over`` does: by what is stored of them, or
    by the cosines of vectors (ΣR, D) that are given.
    """

    over: Callable[[np.ndarray], PlanRanking]
    near: Callable[[np.ndarray, np.ndarray | None], RoomReader]
    background: Background | None  # of all rooms, where they are read by cosines
    calibration: FitCalibration
    room_offsets: np.ndarray
    reads_attributes: bool
    hashes: Mapping[str, str] = field(default_factory=dict)
    _last: dict[Query, tuple[np.ndarray, PlanRanking]] = field(default_factory=dict)

    def values_of(self, query: Query, rows: np.ndarray) -> np.ndarray:
        """Return the value of a query's plan in some museums (rows, (M,)), float64 (M,)."""
        if query.plan is None:
            return np.zeros(len(rows))
        if len(rows) <= AT_ONCE:
            return self._remember(query, rows).values(query)
        blocks = blocks_of(rows, AT_ONCE)
        values = np.concatenate([self.over(block).values(query) for block in blocks])
        self._remember(query, np.sort(rows[np.argsort(-values, kind="stable")[:AT_ONCE]]))
        return values

    def rough_values(
        self, query: Query, rows: np.ndarray, vectors: np.ndarray | None = None
    ) -> np.ndarray:
        """Return nearly the value of a query's plan in some museums (rows, (M,)), (M,).

        ``vectors`` (ΣR, D) are those of their rooms, reduced as the query is, where rooms are read
        by cosines.
        """
        if query.plan is None or query.phrases is None:
            return np.zeros(len(rows))
        counts = self.room_offsets[rows + 1] - self.room_offsets[rows]
        found: np.ndarray = (
            PlanScorer(self.near(rows, vectors), counts).over(query.phrases).value(query.plan)
        )
        return found

    def asked_vectors(self, query: Query) -> np.ndarray:
        """Return the vectors among rooms of the phrases that a query's plan asks for, (P, H)."""
        if query.plan is None or query.phrases is None:
            return np.zeros((0, 0), np.float32)
        texts = dict.fromkeys(phrase.text for phrase in asked_phrases(query.plan))
        return np.array([query.phrases.vectors[text] for text in texts], np.float32)

    def shown(self, rooms: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """Return the probabilities that rooms (rows, (K,)) show what has cosines (K,) with them.

        Only where rooms are read by cosines.
        """
        assert self.background is not None
        return self.background.select(rooms).probability(cosines)

    def values(self, query: Query) -> np.ndarray:
        """Return the value of a query's plan in every museum, (B,), which reads all of them."""
        return self.values_of(query, self._everyone)

    def room_values(self, query: Query, museums: np.ndarray | None = None) -> np.ndarray | None:
        """Return ``PlanRanking.room_values``, which reads all museums where none are named."""
        rows = self._everyone if museums is None else museums
        found = [self.over(block).room_values(query) for block in blocks_of(rows, AT_ONCE)]
        values = [one for one in found if one is not None]
        return np.concatenate(values) if values else None

    def best_presence(self, query: Query, rows: np.ndarray) -> float:
        """Return ``PlanRanking.best_presence`` of some museums (rows)."""
        own, local = self._of(query, rows)
        return own.best_presence(query, local)

    def fit(self, query: Query, row: int) -> float:
        """Return the fit of a museum among the candidates it was ranked with."""
        own, local = self._of(query, np.array([row]))
        return own.fit(query, int(local[0]))

    def presence(self, query: Query, rows: np.ndarray) -> float:
        """Return ``PlanRanking.presence`` of some museums (rows)."""
        own, local = self._of(query, rows)
        return own.presence(query, local)

    def answers(self, query: Query, row: int, own: MuseumIndex) -> tuple[PartAnswer, ...]:
        """Return ``PlanRanking.answers``."""
        ranking, local = self._of(query, np.array([row]))
        return ranking.answers(query, int(local[0]), own)

    def room_presence(self, query: Query, room: int) -> dict[str, float]:
        """Return ``PlanRanking.room_presence`` of a room (its row in the collection)."""
        museum = int(np.searchsorted(self.room_offsets, room, side="right")) - 1
        own = self.over(np.array([museum]))
        return own.room_presence(query, room - int(self.room_offsets[museum]))

    def game(self, query: Query, row: int) -> PlanPart:
        """Return ``PlanRanking.game`` of a museum."""
        return self.over(np.array([row])).game(query, 0)

    def shares(self, query: Query, row: int, read: ReadPhrases) -> PartShares:
        """Return ``PlanRanking.shares`` of a museum."""
        return self.over(np.array([row])).shares(query, 0, read)

    @property
    def _everyone(self) -> np.ndarray:
        return np.arange(len(self.room_offsets) - 1)

    def _remember(self, query: Query, rows: np.ndarray) -> PlanRanking:
        while len(self._last) >= REMEMBERED:
            self._last.pop(next(iter(self._last), query), None)
        found = self.over(rows)
        self._last[query] = rows, found
        return found

    def _of(self, query: Query, rows: np.ndarray) -> tuple[PlanRanking, np.ndarray]:
        """Return the ranking that has some museums (rows), and their rows in it: that of the
        query's candidates, or one of them alone."""
        if query in self._last:
            ranked, own = self._last[query]
            found = np.searchsorted(ranked, rows).clip(max=len(ranked) - 1)
            if (ranked[found] == rows).all():
                return own, found
        if len(rows) == 1:
            return self.over(rows), np.zeros(1, np.int64)
        ranked = np.unique(rows)
        return self._remember(query, ranked), np.searchsorted(ranked, rows)


def open_narrow_plans(
    collection: Collection,
    index: StoredIndex,
    checkpoint: Path | None,
    background: Callable[[], np.ndarray],
) -> NarrowPlans:
    """Return the plans of a collection whose vectors are stored.

    The other arguments are those of ``plan_ranking.open_plan_ranking``. Raises HicalmError for
    damaged share networks.
    """
    match = None if checkpoint is None else Path(checkpoint).resolve().parent / MATCH
    offsets, counts = collection.room_offsets, (collection.room_counts, collection.view_counts)
    if match is not None and reads_attributes(collection, match):
        networks, fit, hashes = load_match(match)
        features, ends = collection.features, collection.view_offsets

        def read(rows: np.ndarray) -> PlanRanking:
            rooms, views = places(offsets, rows), places(ends, rows)
            has_objects = "object" in features.fingerprints
            objects = features.rows("object")[views] if has_objects else None
            own = counts[0][rows], counts[1][rooms]
            matcher = RoomMatcher.of(networks, features.rows("view")[views], own[1], objects)
            return PlanRanking(PlanScorer(AttributeRooms(matcher), own[0]), fit, *own, True, hashes)

        def attributes() -> Iterator[np.ndarray]:
            for rows in blocks_of(np.arange(len(counts[0])), AT_ONCE):
                scorer = read(rows).scorer.rooms
                assert isinstance(scorer, AttributeRooms)
                yield scorer.matcher.all_columns().astype(np.float16).transpose(1, 0, 2)

        objects = features.fingerprints.get("object")
        name = _key(hashes[MATCH], objects.label if objects else "")
        path = index.derived / f"attributes-{name}.npy"
        columns = _stored(path, len(index.room), attributes, axis=1)

        def near(rows: np.ndarray, _: np.ndarray | None) -> RoomReader:
            return StoredRooms(columns, places(offsets, rows))

        return NarrowPlans(read, near, None, fit, offsets, True, hashes)
    vectors = background()

    def measure() -> Iterator[np.ndarray]:
        found = Background.of(vectors, index.room)
        yield np.stack([found.mean, found.deviation], axis=1).astype(np.float32)
        yield np.array([[found.middle, found.high]], np.float32)

    path = index.derived / f"background-{_key(vectors.tobytes().hex())}.npy"
    stored = _stored(path, len(index.room) + 1, measure)
    whole = Background(stored[:-1, 0], stored[:-1, 1], *stored[-1].tolist())

    def similar(rows: np.ndarray, own: np.ndarray | None) -> RoomReader:
        assert own is not None
        return SimilarRooms(SimilarityMatcher(whole.select(places(offsets, rows)), own))

    def compare(rows: np.ndarray) -> PlanRanking:
        rooms = places(offsets, rows)
        scorer = PlanScorer(similar(rows, full_precision(index.room[rooms])), counts[0][rows])
        own = counts[0][rows], counts[1][rooms]
        return PlanRanking(scorer, unlabelled(), *own, False)

    return NarrowPlans(compare, similar, whole, unlabelled(), offsets, False)


def blocks_of(rows: np.ndarray, size: int) -> list[np.ndarray]:
    """Return rows (M,) in blocks of at most ``size``, of which there is at least one."""
    return np.array_split(rows, max(1, -(-len(rows) // max(size, 1))))


def _key(*of: str) -> str:
    return hashlib.sha256(" ".join(of).encode()).hexdigest()[:16]


def _stored(
    path: Path, rows: int, make: Callable[[], Iterator[np.ndarray]], axis: int = 0
) -> np.ndarray:
    """Return what is made of all rooms, ``rows`` of them along an axis, and stays beside the
    vectors, mapped.

    In a folder that cannot be written it is made at each start.
    """
    with suppress(OSError, HicalmError):
        found = map_array(path, "f", "c")
        if found.ndim > axis and found.shape[axis] == rows:
            return found
    made = np.concatenate(list(make()), axis)
    with suppress(OSError):
        for old in path.parent.glob(f"{path.name.partition('-')[0]}-*.npy"):
            old.unlink()
        with replacing(path) as temporary:
            np.save(temporary, made)
    return made
