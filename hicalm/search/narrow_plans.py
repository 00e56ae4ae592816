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

from hicalm.data.collection import Collection
from hicalm.explain.explanation import PartShares
from hicalm.files import replacing
from hicalm.matching.fit_calibration import FitCalibration, unlabelled
from hicalm.matching.plan_game import ReadPhrases
from hicalm.matching.plan_scorer import AttributeRooms, PlanScorer, RoomReader, SimilarRooms
from hicalm.matching.room_matcher import RoomMatcher
from hicalm.matching.similarity_matcher import Background, SimilarityMatcher
from hicalm.matching.stored_rooms import StoredRooms
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.query import Query
from hicalm.retrieval.results import PartAnswer
from hicalm.retrieval.stored_index import places
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
    """As ``PlanRanking``, over the museums of each query; ``over`` opens one of some rows (M,)."""

    over: Callable[[np.ndarray], PlanRanking]
    rooms: RoomReader  # all of them, by what is stored: nearly as ``over`` reads them
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
        blocks = np.array_split(rows, -(-len(rows) // AT_ONCE))
        values = np.concatenate([self.over(block).values(query) for block in blocks])
        self._remember(query, np.sort(rows[np.argsort(-values, kind="stable")[:AT_ONCE]]))
        return values

    def rough_values(self, query: Query) -> np.ndarray:
        """Return nearly the value of a query's plan in every museum, (B,), by what is stored."""
        if query.plan is None or query.phrases is None:
            return np.zeros(len(self.room_offsets) - 1)
        whole = PlanScorer(self.rooms, np.diff(self.room_offsets))
        return whole.over(query.phrases).value(query.plan)

    def values(self, query: Query) -> np.ndarray:
        """Return the value of a query's plan in every museum, (B,), which reads all of them."""
        return self.values_of(query, np.arange(len(self.room_offsets) - 1))

    def room_values(self, query: Query) -> np.ndarray | None:
        """Return ``PlanRanking.room_values``, which reads all museums."""
        museums = np.arange(len(self.room_offsets) - 1)
        blocks = np.array_split(museums, -(-len(museums) // AT_ONCE))
        found = [self.over(block).room_values(query) for block in blocks]
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

    def answers(
        self, query: Query, row: int, rooms: slice, index: MuseumIndex
    ) -> tuple[PartAnswer, ...]:
        """Return ``PlanRanking.answers``; ``rooms`` are those of ``index``."""
        own, local = self._of(query, np.array([row]))
        return own.answers(query, int(local[0]), rooms, index)

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
        return self.over(rows), np.arange(len(rows))


def open_narrow_plans(
    collection: Collection,
    index: MuseumIndex,
    checkpoint: Path | None,
    background: Callable[[], np.ndarray],
    folder: Path,
) -> NarrowPlans:
    """Return the plans of a collection whose vectors are stored in a folder.

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
            for rows in _blocks(len(counts[0])):
                scorer = read(rows).scorer.rooms
                assert isinstance(scorer, AttributeRooms)
                yield scorer.matcher.all_columns().astype(np.float16)

        objects = features.fingerprints.get("object")
        name = _key(hashes[MATCH], objects.label if objects else "")
        columns = _stored(folder / f"attributes-{name}.npy", attributes)
        return NarrowPlans(read, StoredRooms(columns), fit, offsets, True, hashes)
    vectors = background()

    def measure() -> Iterator[np.ndarray]:
        found = Background.of(vectors, index.room)
        marks = np.full((2, len(found.mean)), [[found.middle], [found.high]])
        yield np.stack([found.mean, found.deviation, *marks], axis=1)

    stored = _stored(folder / f"background-{_key(vectors.tobytes().hex())}.npy", measure)
    marks = float(stored[0, 2]), float(stored[0, 3])
    whole = Background(stored[:, 0], stored[:, 1], *marks)

    def compare(rows: np.ndarray) -> PlanRanking:
        rooms = places(offsets, rows)
        own = counts[0][rows], counts[1][rooms]
        matcher = SimilarityMatcher(whole.select(rooms), index.room[rooms])
        return PlanRanking(PlanScorer(SimilarRooms(matcher), own[0]), unlabelled(), *own, False)

    everything = SimilarRooms(SimilarityMatcher(whole, index.room))
    return NarrowPlans(compare, everything, unlabelled(), offsets, False)


def _blocks(museums: int) -> Iterator[np.ndarray]:
    for first in range(0, museums, AT_ONCE):
        yield np.arange(first, min(first + AT_ONCE, museums))


def _key(*of: str) -> str:
    return hashlib.sha256(" ".join(of).encode()).hexdigest()[:16]


def _stored(path: Path, make: Callable[[], Iterator[np.ndarray]]) -> np.ndarray:
    """Return what is made of all rooms (ΣR, ...), and stays beside the vectors, mapped.

    In a folder that cannot be written it is made at each start.
    """
    with suppress(OSError, EOFError, ValueError):
        return np.load(path, mmap_mode="c")
    made = np.concatenate(list(make()))
    with suppress(OSError):
        for old in path.parent.glob(f"{path.name.partition('-')[0]}-*.npy"):
            old.unlink()
        with replacing(path) as temporary:
            np.save(temporary, made)
    return made
