"""What a search answers: museums, their rooms and views with how well each matches.

Apart from ``search``, so that these types can be used without loading torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hicalm.levels import WORDS
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
    """A museum found: its score is the sum of its parts.

    ``levels`` has them by name: the three levels, and ``words`` where the words were read.
    """

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
class Provenance:
    """What else a search depends on, so that it can be repeated.

    ``models`` has content hashes: of the checkpoint, of the encoders that read the collection and
    the query, and of the models of the stages that ran. ``date`` is UTC, in ISO form, to the
    second. ``notes`` are sentences about what is not there.
    """

    collection: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    date: str = ""
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the entries of the same names."""
        return {
            "collection": self.collection,
            "filters": dict(self.filters),
            "models": dict(self.models),
            "version": self.version,
            "date": self.date,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Museums in the order of their scores.

    ``paragraphs`` tells how the query was understood, ``stages`` what each stage did.
    """

    query: str
    paragraphs: tuple[tuple[str, ...], ...]
    matches: tuple[MuseumMatch, ...]
    seconds: float
    stages: tuple[StageReport, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def reranked(self) -> int:
        """How many of the matches, the first ones, were re-ranked: their words were read."""
        return sum(WORDS in match.levels for match in self.matches)

    def to_json(self) -> dict[str, object]:
        """Return what the API and the CLI answer."""
        ranked = enumerate(self.matches, start=1)
        return {
            "query": self.query,
            "stages": [report.name for report in self.stages],
            **self.provenance.to_json(),
            "results": [{"rank": rank, **match.to_json()} for rank, match in ranked],
        }
