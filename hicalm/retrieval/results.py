"""What a search answers: museums, their rooms and views with how well each matches.

Apart from ``search``, so that these types can be used without loading torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hicalm.levels import WORDS
from hicalm.reading.query_plan import Plan
from hicalm.retrieval.stages import StageReport


@dataclass(frozen=True, slots=True)
class RoomMatch:
    """How well a room (index from 0) matches: cosines in -1..1 of it and of each of its views."""

    index: int
    similarity: float
    best_view: int
    views: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """How a museum answers a part of the query's plan.

    ``probability`` (0..1) that it does: that a room shows any of it, or that nothing in the museum
    does. ``rooms`` (from 0) are those that answer it, with the view of each that shows it best; for
    what is not to be there, the room that comes nearest to showing it.
    """

    text: str
    op: str
    rooms: tuple[int, ...]
    probability: float
    answered: bool
    views: tuple[int, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return what the API and the command line answer."""
        return {
            "text": self.text,
            "op": self.op,
            "rooms": list(self.rooms),
            "views": list(self.views),
            "probability": self.probability,
            "answered": self.answered,
        }


@dataclass(frozen=True, slots=True)
class MuseumMatch:
    """A museum found: its score is the sum of its parts.

    ``levels`` has them by name: the three levels, ``plan`` where the query has one, and ``words``
    where they were read. ``fit`` (0..1) is the calibrated probability that it shows what was asked
    (of at least half the paintings of a room); None for a picture. ``answers`` say which rooms
    answer which part of the query.
    """

    museum_id: str
    title: str
    score: float
    levels: dict[str, float]
    rooms: tuple[RoomMatch, ...]
    best_room: int
    best_view: int
    fit: float | None = None
    answers: tuple[PartAnswer, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return an entry of the ``results`` that the API and the CLI answer."""
        rooms = [{"index": room.index, "similarity": room.similarity} for room in self.rooms]
        return {
            "museum_id": self.museum_id,
            "title": self.title,
            "score": self.score,
            "levels": self.levels,
            "fit": self.fit,
            "rooms": rooms,
            "answers": [answer.to_json() for answer in self.answers],
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

    ``paragraphs`` and ``plan`` tell how the query was understood, ``notes`` what was not, and
    ``corrected`` which words were taken for others; ``stages`` what each stage did. ``presence``
    (0..1) is the calibrated probability that any museum shows any of what was asked, and ``found``
    whether it is high enough. For a picture both are None, and
    ``found`` is False where it is outside of what the encoder knows.
    """

    query: str
    paragraphs: tuple[tuple[str, ...], ...]
    matches: tuple[MuseumMatch, ...]
    seconds: float
    stages: tuple[StageReport, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    plan: Plan | None = None
    notes: tuple[str, ...] = ()
    corrected: Mapping[str, str] = field(default_factory=dict)
    presence: float | None = None
    found: bool | None = None

    @property
    def fit(self) -> float | None:
        """The fit of the best answer: the highest of any museum shown."""
        fits = [match.fit for match in self.matches if match.fit is not None]
        return max(fits, default=None)

    @property
    def reranked(self) -> int:
        """How many of the matches, the first ones, were re-ranked: their words were read."""
        return sum(WORDS in match.levels for match in self.matches)

    def to_json(self) -> dict[str, object]:
        """Return what the API and the CLI answer."""
        ranked = enumerate(self.matches, start=1)
        return {
            "query": self.query,
            "corrected": dict(self.corrected),
            "plan": None if self.plan is None else self.plan.to_json(),
            "fit": self.fit,
            "presence": self.presence,
            "found": self.found,
            "stages": [report.name for report in self.stages],
            **self.provenance.to_json(),
            "notes": [*self.notes, *self.provenance.notes],
            "results": [{"rank": rank, **match.to_json()} for rank, match in ranked],
        }
