"""What the part ``plan`` of a museum's score is due to: rooms, views and the query's phrases.

Rooms and views: with only some of a museum's views its rooms are read anew (``room_matcher``); a
room without views is not there. A museum without rooms is worth what the plan is worth in an empty
museum: 0, or 1 for a plan that only says what is not to be there. That is the baseline. For an
encoder without attributes a room matches as a whole, whichever of its views are left, so its views
share its contribution evenly.

Phrases: those that are not said are dropped from the plan, shortened ones are read anew. As long as
nothing that is asked for is said the plan is worth the baseline. Sizes: R rooms, V views in all, N
subsets of them, n parts of the query.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from hicalm.matching.plan_scorer import AttributeRooms, QueryPhrases, RoomReader
from hicalm.matching.plan_value import MatchPhrase, PlanRooms
from hicalm.matching.room_matcher import Match, RoomMatcher
from hicalm.ragged import starts
from hicalm.reading.query_plan import And, Count, Not, Phrase, Plan, Rooms, Then

ReadPhrases = Callable[[Sequence[str]], QueryPhrases]


class PlanGame:
    """The plan's value in one museum as a function of its views, and of the phrases said."""

    def __init__(
        self, reader: RoomReader, rooms: slice, view_counts: np.ndarray, plan: Plan
    ) -> None:
        """``reader`` reads the collection, of which the museum's rooms are ``rooms``, with
        view_counts (R,)."""
        self._reader, self._rooms, self._plan = reader, rooms, plan
        self._counts, self._starts = view_counts, starts(view_counts)
        self._matcher = reader.matcher.room(rooms) if isinstance(reader, AttributeRooms) else None

    def values(self, phrases: QueryPhrases, present: np.ndarray) -> np.ndarray:
        """Return the plan's value with only these views, bool (N, V) -> float64 (N,)."""
        there = np.logical_or.reduceat(present, self._starts, axis=1)  # (N, R)
        copies, count = there.shape
        if self._matcher is None:
            match = _tiled(self._own(phrases), there)
        else:
            match = self._with_views(self._matcher, phrases, present)
        sizes = np.full(copies, count)
        return PlanRooms(match, sizes, there.reshape(-1), sizes).value(self._plan)

    def _with_views(
        self, matcher: RoomMatcher, phrases: QueryPhrases, present: np.ndarray
    ) -> MatchPhrase:
        """Return the match of N copies of the rooms with only these views, bool (N, V).

        A room is read once with each different subset of its views.
        """
        copies, count = len(present), len(self._counts)
        padded = np.zeros((copies, count, int(self._counts.max())), bool)
        padded[:, np.arange(padded.shape[2]) < self._counts[:, None]] = present
        rooms = np.tile(np.arange(count), copies)
        views = padded.reshape(copies * count, -1)
        keys = np.column_stack([rooms, np.packbits(views, axis=1)])
        _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        inverse = inverse.reshape(-1)
        match = AttributeRooms(matcher.with_views(rooms[first], views[first])).bind(phrases)

        def spread(wanted: Phrase, without: Sequence[Phrase]) -> Match:
            found = match(wanted, without)
            return Match(found.share[inverse], found.presence[inverse])

        return spread

    def phrase_values(self, said: Sequence[Mapping[int, str]], read: ReadPhrases) -> np.ndarray:
        """Return the value of the plan with its phrases as ``said``, float64 (N,): by number their
        words that are said; those that are missing are not said."""
        texts = list(dict.fromkeys(text for words in said for text in words.values()))
        if not texts:
            return np.full(len(said), self.baseline)
        phrases = read(texts)
        match = self._own(phrases) if self._matcher is None else self._bound(phrases)
        count = len(self._counts)
        sizes = np.array([count])
        rooms = PlanRooms(match, sizes, np.ones(count, bool), sizes)
        asked = asked_numbers(self._plan)
        values = np.full(len(said), self.baseline)
        for row, words in enumerate(said):
            left = pruned(self._plan, words)
            if left is not None and (not asked or asked & words.keys()):
                values[row] = rooms.value(left)[0]
        return values

    @property
    def baseline(self) -> float:
        """The plan's value in a museum without rooms: 1 where something is only not to be there."""
        count = len(self._counts)
        nothing = Match(np.zeros(count), np.zeros(count))
        sizes = np.array([count])
        rooms = PlanRooms(lambda wanted, without: nothing, sizes, np.zeros(count, bool), sizes)
        return float(rooms.value(self._plan)[0])

    def _bound(self, phrases: QueryPhrases) -> MatchPhrase:
        assert self._matcher is not None
        return AttributeRooms(self._matcher).bind(phrases)

    def _own(self, phrases: QueryPhrases) -> MatchPhrase:
        match = self._reader.bind(phrases)

        def own(wanted: Phrase, without: Sequence[Phrase]) -> Match:
            found = match(wanted, without)
            return Match(found.share[self._rooms], found.presence[self._rooms])

        return own


def asked_numbers(plan: Plan) -> frozenset[int]:
    """Return the numbers, from 0 in the order of the query, of phrases under no *not*."""
    return frozenset(_asked(plan, 0)[0])


def _asked(plan: Plan, first: int) -> tuple[list[int], int]:
    if isinstance(plan, Phrase):
        return [first], first + 1
    found: list[int] = []
    for child in plan.children:
        own, first = _asked(child, first)
        found += own
    return ([] if isinstance(plan, Not) else found), first


def pruned(plan: Plan, words: Mapping[int, str]) -> Plan | None:
    """Return a plan with only some phrases, by number, each in the words given; None: nothing."""
    return _pruned(plan, words, 0)[0]


def _pruned(plan: Plan, words: Mapping[int, str], first: int) -> tuple[Plan | None, int]:
    if isinstance(plan, Phrase):
        said = words.get(first)
        return (None if said is None else Phrase(text=said)), first + 1
    if isinstance(plan, Rooms):
        return plan, first
    if isinstance(plan, Not | Count):
        part, first = _pruned(plan.part, words, first)
        return (None if part is None else replace(plan, part=part)), first
    parts: list[Plan] = []
    for child in plan.children:
        part, first = _pruned(child, words, first)
        if part is not None:
            parts.append(part)
    if len(parts) < 2:
        return (parts[0] if parts else None), first
    return replace(cast(And | Then, plan), parts=tuple(parts)), first


def _tiled(match: MatchPhrase, there: np.ndarray) -> MatchPhrase:
    """Return the match of N copies of rooms, of which those of ``there`` (N, R) are there."""

    def tiled(wanted: Phrase, without: Sequence[Phrase]) -> Match:
        found = match(wanted, without)
        return Match((found.share * there).reshape(-1), (found.presence * there).reshape(-1))

    return tiled
