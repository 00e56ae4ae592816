"""What an explanation says. Apart from the computation, so that it is used without loading torch.

A *similarity* is a cosine in -1..1 of two vectors that the model compares anyway: how much alike
they are, whatever else the museum holds. A *contribution* is a share of this museum's score: what
would be missing without this room (or view, or part of the query), averaged over what else may be
missing. Contributions add up, similarities do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import Any


@dataclass(frozen=True, slots=True)
class ViewContribution:
    """A view (index from 0): its share of its room's contribution, and its similarity."""

    index: int
    contribution: float
    similarity: float
    levels: dict[str, float]  # its contribution to each part of the score; they add up to it

    def with_part(self, name: str, share: float) -> "ViewContribution":
        """Return the view with its share of a further part of the score."""
        levels = self.levels | {name: share}
        return replace(self, contribution=self.contribution + share, levels=levels)


@dataclass(frozen=True, slots=True)
class RoomContribution:
    """A room (index from 0): its share of the score. Its views add up to its contribution.

    ``similarity`` is that of the query's best paragraph; ``similarities`` (P,) of every paragraph.
    """

    index: int
    contribution: float
    similarity: float
    levels: dict[str, float]  # its contribution to each part of the score; they add up to it
    similarities: tuple[float, ...]
    views: tuple[ViewContribution, ...]

    def with_part(self, name: str, share: float, views: Sequence[float]) -> "RoomContribution":
        """Return the room with its share of a further part of the score, and its views' (V,)."""
        return replace(
            self,
            contribution=self.contribution + share,
            levels=self.levels | {name: share},
            views=tuple(
                view.with_part(name, own) for view, own in zip(self.views, views, strict=True)
            ),
        )


@dataclass(frozen=True, slots=True)
class PartContribution:
    """A sentence or phrase of the query: its share of the score."""

    text: str
    contribution: float
    paragraph: int  # the paragraph of the query that it belongs to, from 0


@dataclass(frozen=True, slots=True)
class PartShares:
    """What everything contributed to one further part of the score, one that is no level.

    Shares of the R rooms (R,), of the V views, room after room (V,), and of the n parts of the
    query (n,). The rooms' and the query's add up to the part less ``baseline``, which is its value
    for a museum with no rooms; a room's views add up to the room. ``error`` is the largest standard
    error of a share.
    """

    rooms: Sequence[float]
    views: Sequence[float]
    query_parts: Sequence[float]
    error: float = 0.0
    baseline: float = 0.0
    further: tuple["PartContribution", ...] = ()  # of the query: what the levels do not read


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a museum has its score for a query.

    The parts of the score, in ``levels`` by their names, add up to ``score``; the rooms'
    contributions, and those of the query's parts, to ``score - baseline``. ``baseline`` is the
    score of the museum with no rooms. ``similarity`` is that of the query's and the museum's
    vectors. ``error`` is the largest standard error of a contribution; 0 where all were enumerated.
    """

    query: str
    museum_id: str
    title: str
    score: float
    baseline: float
    levels: dict[str, float]
    similarity: float
    rooms: tuple[RoomContribution, ...]
    query_parts: tuple[PartContribution, ...]
    error: float

    def with_part(self, name: str, shares: PartShares) -> "Explanation":
        """Return the explanation of a score with a further part, which adds to everything."""
        added = shares.baseline + sum(shares.rooms)
        views, rooms = iter(shares.views), []
        for room, share in zip(self.rooms, shares.rooms, strict=True):
            rooms.append(room.with_part(name, share, [next(views) for _ in room.views]))
        query_parts = tuple(
            replace(part, contribution=part.contribution + share)
            for part, share in zip(self.query_parts, shares.query_parts, strict=True)
        )
        query_parts += shares.further
        return replace(
            self,
            score=self.score + added,
            baseline=self.baseline + shares.baseline,
            levels=self.levels | {name: added},
            rooms=tuple(rooms),
            query_parts=query_parts,
            error=hypot(self.error, shares.error),
        )

    def best_views(self, count: int = 3) -> list[tuple[RoomContribution, ViewContribution]]:
        """Return the views that carried the most, each with its room, the strongest first."""
        views = [(room, view) for room in self.rooms for view in room.views]
        return sorted(views, key=lambda pair: -pair[1].contribution)[:count]

    def to_json(self) -> dict[str, Any]:
        """Return what the API and the command line answer."""
        return {
            "query": self.query,
            "museum_id": self.museum_id,
            "title": self.title,
            "score": self.score,
            "baseline": self.baseline,
            "levels": self.levels,
            "similarity": self.similarity,
            "error": self.error,
            "rooms": [
                {
                    "index": room.index,
                    "contribution": room.contribution,
                    "similarity": room.similarity,
                    "levels": room.levels,
                    "similarities": list(room.similarities),
                    "views": [
                        {
                            "index": view.index,
                            "contribution": view.contribution,
                            "similarity": view.similarity,
                            "levels": view.levels,
                        }
                        for view in room.views
                    ],
                }
                for room in self.rooms
            ],
            "query_parts": [
                {"text": part.text, "contribution": part.contribution, "paragraph": part.paragraph}
                for part in self.query_parts
            ],
        }
