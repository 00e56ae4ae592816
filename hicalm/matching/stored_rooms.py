"""Rooms read by what is stored of their attributes: nearly as ``room_matcher`` reads their views.

Kinds of one painting that are asked for together count as if they were independent of each other,
where the joint network looks whether the same views show them. So this finds candidates. Sizes: M
rooms, A attribute values.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np

from hicalm.matching.phrase_meaning import Asked, PhraseMeaning
from hicalm.matching.plan_scorer import QueryPhrases
from hicalm.matching.plan_value import MatchPhrase
from hicalm.matching.room_matcher import LEAST, UNREAD, Match


class StoredRooms:
    """Rooms by the share and the presence of every attribute: a query asks for a few of them."""

    def __init__(self, columns: np.ndarray, rooms: np.ndarray) -> None:
        """``columns`` (A, N, 2) are those of a collection, in memory or mapped, and ``rooms`` (M,)
        which of its rooms are read."""
        self._columns, self._rooms = columns, rooms

    def bind(self, phrases: QueryPhrases) -> MatchPhrase:
        """Return how all rooms nearly match the phrases of one query."""
        meanings = phrases.meanings or {}

        @cache
        def match(text: str, without: tuple[str, ...]) -> Match:
            return self._match(meanings[text], [meanings[other] for other in without])

        return lambda wanted, without: match(wanted.text, tuple(one.text for one in without))

    def _match(self, wanted: PhraseMeaning, unwanted: Sequence[PhraseMeaning]) -> Match:
        if not wanted.asked:
            nothing = np.full(len(self._rooms), UNREAD, np.float32)
            return Match(nothing, nothing)
        share, presence = self._having(wanted.asked)
        for other in unwanted:
            if other.asked:
                left = 1 - self._having(other.asked).share
                share, presence = share * left, presence * left
        return Match(share, presence)

    def _having(self, asked: Sequence[Asked]) -> Match:
        found = np.ones((len(self._rooms), 2), np.float32)
        for one in asked:
            own = zip(one.columns.tolist(), one.mix.tolist(), strict=True)
            mean = sum(mix * self._columns[n][self._rooms].astype(np.float32) for n, mix in own)
            values = np.clip(mean, LEAST, 1) ** one.weight  # (M, 2)
            found *= values if one.of_paintings else values[:, :1]
        return Match(found[:, 0], found[:, 1])
