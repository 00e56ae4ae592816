"""What an explanation says. Apart from the computation, so that it is used without loading torch.

A *similarity* is a cosine in -1..1 of two vectors that the model compares anyway: how much alike
they are, whatever else the museum holds. A *contribution* is a share of this museum's score: what
would be missing without this room (or view, or part of the query), averaged over what else may be
missing. Contributions add up, similarities do not.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ViewContribution:
    """A view (index from 0): its share of its room's contribution, and its similarity."""

    index: int
    contribution: float
    similarity: float
    levels: dict[str, float]  # its contribution at each level; they add up to it


@dataclass(frozen=True, slots=True)
class RoomContribution:
    """A room (index from 0): its share of the score. Its views add up to its contribution.

    ``similarity`` is that of the query's best paragraph; ``similarities`` (P,) of every paragraph.
    """

    index: int
    contribution: float
    similarity: float
    levels: dict[str, float]  # its contribution at each level; they add up to it
    similarities: tuple[float, ...]
    views: tuple[ViewContribution, ...]


@dataclass(frozen=True, slots=True)
class PartContribution:
    """A sentence or phrase of the query: its share of the score."""

    text: str
    contribution: float
    paragraph: int  # the paragraph of the query that it belongs to, from 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a museum has its score for a query.

    The level parts add up to ``score``; the rooms' contributions, and those of the query's parts,
    to ``score - baseline``. ``baseline`` is the score of the museum with no rooms.
    ``similarity`` is that of the query's and the museum's vectors. ``error`` is the largest
    standard error of a contribution; 0 where all were enumerated.
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
