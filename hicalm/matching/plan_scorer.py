"""The value of a query's plan in the museums of a collection, and which rooms answer its parts.

Rooms are read by attributes where the encoder has anchors (``room_matcher``), and otherwise by
cosines against background sentences (``similarity_matcher``). Sizes: B museums, M rooms in all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import numpy as np

from hicalm.matching.phrase_meaning import PhraseMeaning
from hicalm.matching.plan_value import MatchPhrase, PlanRooms, best_rooms, things_asked
from hicalm.matching.room_matcher import Match, RoomMatcher
from hicalm.matching.similarity_matcher import SimilarityMatcher
from hicalm.ragged import starts
from hicalm.reading.query_plan import And, Description, Not, Phrase, Plan, Rooms, Scope


@dataclass(frozen=True, eq=False)
class QueryPhrases:
    """The phrases of a query by their texts: what they ask for, and their vectors (H,) among rooms.

    ``meanings`` is None for an encoder without anchors. ``known`` (0..1) says how surely a phrase
    names anything that the encoder knows; 1 where that cannot be told. ``details`` are the vectors
    among single views.
    """

    meanings: Mapping[str, PhraseMeaning] | None
    vectors: Mapping[str, np.ndarray]
    known: Mapping[str, float]
    details: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartRooms:
    """A part of a plan in a museum: the rooms (from 0) that answer it, or, for what is not to be
    there, the one that comes nearest to showing it; ``probability`` 0..1 that it is answered."""

    part: Plan
    rooms: tuple[int, ...]
    probability: float


class RoomReader(Protocol):
    """Reads the rooms of a collection, one museum after the other, for the phrases of a query."""

    def bind(self, phrases: QueryPhrases) -> MatchPhrase:
        """Return how all rooms match the phrases of one query."""


class AttributeRooms:
    """Rooms read attribute by attribute."""

    def __init__(self, matcher: RoomMatcher) -> None:
        self.matcher = matcher

    def bind(self, phrases: QueryPhrases) -> MatchPhrase:
        """Return how all rooms match the phrases of one query."""
        meanings = phrases.meanings or {}

        @cache
        def match(text: str, without: tuple[str, ...]) -> Match:
            return self.matcher.match(meanings[text], [meanings[other] for other in without])

        return lambda wanted, without: match(wanted.text, tuple(one.text for one in without))


class SimilarRooms:
    """Rooms read by the cosines of their vectors."""

    def __init__(self, matcher: SimilarityMatcher) -> None:
        self.matcher = matcher

    def bind(self, phrases: QueryPhrases) -> MatchPhrase:
        """Return how all rooms match the phrases of one query."""
        vectors = phrases.vectors

        @cache
        def match(text: str, without: tuple[str, ...]) -> Match:
            return self.matcher.match(vectors[text], [vectors[other] for other in without])

        return lambda wanted, without: match(wanted.text, tuple(one.text for one in without))


class PlanScorer:
    """Values plans over one collection."""

    def __init__(self, rooms: RoomReader, room_counts: np.ndarray) -> None:
        self.rooms = rooms
        self._room_counts, self._starts = room_counts, starts(room_counts)
        self._there = np.ones(int(room_counts.sum()), bool)

    def over(self, phrases: QueryPhrases) -> PlanRooms:
        """Return the collection's rooms as the plan of a query sees them."""
        return PlanRooms(
            self.rooms.bind(phrases), self._room_counts, self._there, self._room_counts
        )

    def over_any(self, rooms: PlanRooms) -> PlanRooms:
        """Return the rooms as seen where any painting is enough: by presence, not by share."""

        def match(wanted: Phrase, without: Sequence[Phrase]) -> Match:
            presence = rooms.match(wanted, without).presence
            return Match(presence, presence)

        return PlanRooms(match, self._room_counts, self._there, self._room_counts)

    def answers(self, rooms: PlanRooms, plan: Plan, museum: int) -> tuple[PartRooms, ...]:
        """Return how a museum (its row) answers each part of a plan."""
        first = int(self._starts[museum])
        own = slice(first, first + int(self._room_counts[museum]))
        if isinstance(plan, And) and plan.rooms == "any":
            return tuple(one for part in plan.parts for one in self.answers(rooms, part, museum))
        if isinstance(plan, Rooms):
            value = float(rooms.value(plan)[museum])
            return (PartRooms(plan, (), value),)
        if isinstance(plan, Description):
            return tuple(
                _one(rooms, Phrase(text=sentence), own)
                for paragraph in plan.paragraphs
                for sentence in paragraph
            )
        if isinstance(plan, Not) and plan.of == "museum":
            value = float(rooms.value(plan)[museum])
            nearest: tuple[int, ...] = ()
            if plan.part.scope == Scope.ROOM:
                nearest = (int(rooms.presence(plan.part)[own].argmax()),)
            return (PartRooms(plan, nearest, value),)
        if plan.scope == Scope.ROOM:
            return (_one(rooms, plan, own),)
        things = things_asked(plan, own.stop - own.start + 1)
        shares = np.stack([rooms.share(thing)[own] for thing, _ in things], axis=1)
        placed = best_rooms(shares, [before for _, before in things])
        if placed is None:  # fewer rooms than things: each by its best room, whatever the others
            return tuple(_one(rooms, thing, own) for thing in dict.fromkeys(t for t, _ in things))
        found: dict[Plan, list[int]] = {}
        for (thing, _), room in zip(things, placed, strict=True):
            found.setdefault(thing, []).append(room)
        return tuple(_placed(rooms, thing, own, numbers) for thing, numbers in found.items())


def _one(rooms: PlanRooms, part: Plan, own: slice) -> PartRooms:
    return _placed(rooms, part, own, [int(rooms.share(part)[own].argmax())])


def _placed(rooms: PlanRooms, part: Plan, own: slice, numbers: list[int]) -> PartRooms:
    presence = float(rooms.presence(part)[own][numbers].min())
    return PartRooms(part, tuple(numbers), presence)
