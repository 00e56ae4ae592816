"""Explanations of a collection's museums: the two games of a query and a museum put together."""

from weakref import WeakKeyDictionary

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.rows import Rows
from hicalm.errors import HicalmError
from hicalm.explain.explanation import (
    Explanation,
    PartContribution,
    RoomContribution,
    ViewContribution,
)
from hicalm.explain.museum_game import MuseumGame, Parts
from hicalm.explain.query_game import QueryGame
from hicalm.levels import LEVELS
from hicalm.retrieval.query import Query, QueryReader
from hicalm.retrieval.stored_index import AnyIndex

MAX_SENTENCES = 1000  # of a query, which take seconds; Museums3k's descriptions have 170
PICTURE = "the picture"  # the only part of a query that is one


class Explainer:
    """Explains why museums of a collection have their score."""

    def __init__(
        self, reader: QueryReader, collection: Collection, index: AnyIndex, views: Rows
    ) -> None:
        """``views`` (ΣV, D) are the features that the index was built of, in memory or stored."""
        self._reader, self._collection, self._index, self._views = reader, collection, index, views
        self._query_games: WeakKeyDictionary[Query, QueryGame] = WeakKeyDictionary()

    def explain(self, query: Query, museum_id: str) -> Explanation:
        """Explain a museum's score for a query.

        Raises HicalmError for an unknown museum and for a query of too many sentences.
        """
        if len(query.sentences) > MAX_SENTENCES:
            raise HicalmError(
                f"The query has {len(query.sentences):,} sentences, but contributions are computed "
                f"for {MAX_SENTENCES:,} at most. Shorten it to see them."
            )
        game, row = self.game(query, museum_id), self._collection.row(museum_id)
        shares = game.contributions()
        levels = shares.room.sum(axis=0)
        baseline = float(game.baseline.sum())
        parts, part_error = self._query_parts(query, row, game, float(levels.sum()))
        return Explanation(
            query=query.text,
            museum_id=museum_id,
            title=self._collection.museums[row].title,
            score=baseline + float(levels.sum()),
            baseline=baseline,
            levels=_by_level(levels + game.baseline),
            similarity=game.museum_cosine,
            rooms=_rooms(game, shares),
            query_parts=parts,
            error=float(max(shares.error.max(), part_error)),
        )

    def game(self, query: Query, museum_id: str) -> MuseumGame:
        """Return the museum's score as a function of its views. Raises HicalmError if unknown."""
        row = self._collection.row(museum_id)
        counts = self._index.view_counts[self._index.rooms_of(row)]
        views = self._views[self._index.views_of_museum(row)].astype(np.float32, copy=False)
        standards = self._index.standards
        own = None if standards is None else standards.select(np.array([row]))
        return MuseumGame(self._reader.model, views, counts, query, own)

    def _query_parts(
        self, query: Query, row: int, museum: MuseumGame, difference: float
    ) -> tuple[tuple[PartContribution, ...], float]:
        if not query.paragraphs:
            return (PartContribution(PICTURE, difference, 0),), 0.0
        if query not in self._query_games:
            encode = self._reader.encoding_of(query)
            self._query_games[query] = QueryGame(self._reader.model, query, encode)
        game, own = self._query_games[query], self._index.select(np.array([row]))
        shares = game.contributions(own.museum[0], own.room, own.view, museum.weights)
        contributions = zip(game.parts, shares.member[:, 0].tolist(), strict=True)
        parts = tuple(PartContribution(p.text, value, p.paragraph) for p, value in contributions)
        return parts, float(shares.error.max())


def _by_level(values: np.ndarray) -> dict[str, float]:
    return dict(zip(LEVELS, values.tolist(), strict=True))


def _rooms(game: MuseumGame, shares: Parts) -> tuple[RoomContribution, ...]:
    similarities = game.view_cosines.max(axis=0).tolist()
    counts, stops = game.view_counts.tolist(), np.cumsum(game.view_counts).tolist()
    rooms = []
    for room, (stop, count) in enumerate(zip(stops, counts, strict=True)):
        views = tuple(
            ViewContribution(
                number,
                float(shares.view[row].sum()),
                similarities[row],
                _by_level(shares.view[row]),
            )
            for number, row in enumerate(range(stop - count, stop))
        )
        own = game.room_cosines[:, room].tolist()
        rooms.append(
            RoomContribution(
                room,
                float(shares.room[room].sum()),
                max(own),
                _by_level(shares.room[room]),
                tuple(own),
                views,
            )
        )
    return tuple(rooms)
