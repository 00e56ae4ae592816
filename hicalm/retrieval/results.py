"""What a search answers: museums, their rooms and views with how well each matches.

Apart from ``search``, so that these types can be used without loading torch.
"""

from dataclasses import dataclass

from hicalm.retrieval.stages import StageReport


@dataclass(frozen=True, slots=True)
class RoomMatch:
    """How well a room (index from 0) matches: cosines in -1..1 of it and of each of its views."""

    index: int
    similarity: float
    best_view: int
    views: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class MuseumMatch:
    """A museum found: its score is the sum of its three level parts."""

    museum_id: str
    title: str
    score: float
    levels: dict[str, float]
    rooms: tuple[RoomMatch, ...]
    best_room: int
    best_view: int

    def to_json(self) -> dict[str, object]:
        """Return an entry of the ``results`` that the API and the CLI answer."""
        rooms = [{"index": room.index, "similarity": room.similarity} for room in self.rooms]
        return {
            "museum_id": self.museum_id,
            "title": self.title,
            "score": self.score,
            "levels": self.levels,
            "rooms": rooms,
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Museums in the order of the last of the ``stages``, each with HiCALM's score.

    ``paragraphs`` tells how the query was understood.
    """

    query: str
    paragraphs: tuple[tuple[str, ...], ...]
    matches: tuple[MuseumMatch, ...]
    seconds: float
    stages: tuple[StageReport, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return what the API and the CLI answer."""
        return {"query": self.query, "results": [match.to_json() for match in self.matches]}
