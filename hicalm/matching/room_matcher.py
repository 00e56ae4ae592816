"""How far rooms show a phrase: the share of their paintings that are as it asks for.

Views are read attribute by attribute (their cosines with the encoder's anchors), rooms by the
networks of ``share_networks``. With a phrase that asks for paintings of some kinds and for a look
of the room, in the notation of ``phrase_meaning``:

    share(phrase) = share of paintings * product over what the room is to have of p ^ weight

where the share of paintings is the single network's for one kind, the joint network's for several,
and p what the single network gives; several values of a kind add up by their mix. ``presence`` is
the same with the probability of any painting in place of the share. Sizes: M rooms, V views of the
longest, A attribute values.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from hicalm.data.collection import Collection
from hicalm.encoders.attributes import anchors, kind_slices
from hicalm.geometry import unit
from hicalm.matching.pauses import pause
from hicalm.matching.phrase_meaning import Asked, PhraseMeaning
from hicalm.matching.share_networks import ShareNetworks, kind_inputs
from hicalm.matching.view_table import ViewTable

# A view's cosine with an anchor as a probability that it shows the attribute: a logistic fit on
# validation views against what hangs in front of them gave slopes of 28 to 31 for the three kinds.
VIEW_SLOPE, VIEW_MIDDLE = 30.0, 0.21
SURE = 0.5  # weight from which something counts as asked for
LEAST = 1e-6  # keeps powers and quotients finite
UNREAD = 1e-3  # share of rooms for a phrase of which nothing is understood


class Match(NamedTuple):
    """Of each room: the expected share of what was asked for, and the probability of any; (M,)."""

    share: np.ndarray
    presence: np.ndarray


class RoomMatcher:
    """Rooms of which the attributes are read; a subset of views makes another one."""

    def __init__(self, networks: ShareNetworks, table: ViewTable) -> None:
        """``table`` holds the activations of all views (M, V, A), see ``activations``."""
        self._networks, self._table = networks, table
        self._columns: dict[int, np.ndarray] = {}  # read when first asked for: (M, 2) a column

    @classmethod
    def of(
        cls,
        networks: ShareNetworks,
        views: np.ndarray,
        view_counts: np.ndarray,
        objects: np.ndarray | None = None,
    ) -> "RoomMatcher":
        """Read views: features (ΣV, D) in rooms of view_counts (M,); objects logits (ΣV, O)."""
        return cls(networks, ViewTable.of(activations(views, objects), view_counts))

    def room(self, rows: slice) -> "RoomMatcher":
        """Return the matcher of some rooms alone, such as those of a museum."""
        return RoomMatcher(self._networks, self._table.rooms(rows))

    def with_views(self, rooms: np.ndarray, present: np.ndarray) -> "RoomMatcher":
        """Return the matcher of rooms (N,) of these with some of their views: bool (N, V)."""
        return RoomMatcher(self._networks, self._table.with_views(rooms, present))

    @property
    def there(self) -> np.ndarray:
        """Which rooms have a view, bool (M,)."""
        return self._table.there

    def read_all(self) -> None:
        """Read all attributes of all rooms at once, which is faster than one after the other."""
        found = self.all_columns()
        self._columns = {column: found[:, column] for column in range(found.shape[1])}

    def all_columns(self) -> np.ndarray:
        """Return the share and the presence of every attribute in every room, (M, A, 2)."""
        return self._single(np.arange(self._table.values.shape[2]))

    def match(self, wanted: PhraseMeaning, unwanted: Sequence[PhraseMeaning] = ()) -> Match:
        """Match rooms with a phrase; a painting that satisfies one of ``unwanted`` counts not.

        share(wanted, not u) = share(wanted) * (1 - share(wanted and u) / share(wanted))
        """
        pause()
        if not wanted.asked:
            nothing = np.full(len(self._table), UNREAD, np.float32)
            return Match(nothing * self.there, nothing * self.there)
        found = self._match(wanted.asked)
        share, presence = found
        for other in unwanted:
            if not other.asked:
                continue
            both = self._match((*wanted.asked, *other.asked)).share
            left = np.clip(1 - both / np.maximum(found.share, LEAST), 0, 1)
            share, presence = share * left, presence * left
        return Match(share * self.there, presence * self.there)

    def _match(self, asked: Sequence[Asked]) -> Match:
        of_paintings = [one for one in asked if one.of_paintings]
        if sum(one.weight > SURE for one in of_paintings) > 1:
            found = self._networks.joint.probabilities(self.joint_inputs(of_paintings))
            share, presence = found[:, 0], found[:, 1]
        else:
            share = presence = np.ones(len(self._table), np.float32)
            for one in of_paintings:
                share = share * self._having(one, 0)
                presence = presence * self._having(one, 1)
        for one in asked:
            if not one.of_paintings:
                share, presence = share * self._having(one, 0), presence * self._having(one, 0)
        return Match(share, presence)

    def joint_inputs(self, asked: Sequence[Asked]) -> np.ndarray:
        """Return what the joint network reads of every room, float32 (M, 10)."""
        shares = np.stack([self._having(one, 0) for one in asked], axis=1)
        views = np.stack([self._seen(one) for one in asked], axis=2)  # (M, V, n)
        together = np.stack([views.prod(axis=2), views.min(axis=2)], axis=2)
        statistics = self._table.statistics(together)[:, :, :-1]
        inputs = [shares.prod(axis=1)[:, None], shares.min(axis=1)[:, None]]
        return np.concatenate([*inputs, statistics.reshape(len(shares), -1)], axis=1)

    def _having(self, one: Asked, output: int) -> np.ndarray:
        """Return the share (or, output 1, the presence) of one thing asked for, (M,)."""
        missing = [int(c) for c in one.columns if int(c) not in self._columns]
        if missing:
            found = self._single(np.array(missing))
            self._columns |= {column: found[:, i] for i, column in enumerate(missing)}
        values = sum(
            mix * self._columns[int(column)][:, output]
            for column, mix in zip(one.columns, one.mix, strict=True)
        )
        return np.clip(values, LEAST, 1) ** one.weight

    def _single(self, columns: np.ndarray) -> np.ndarray:
        """Return shares and presences (M, k, 2) of attribute columns (k,)."""
        statistics = self._table.statistics(self._table.of_columns(columns))
        found = self._networks.single.probabilities(kind_inputs(columns, statistics))
        return found.reshape(len(statistics), len(columns), 2)

    def _seen(self, one: Asked) -> np.ndarray:
        """Return how probably each view shows one thing asked for, (M, V)."""
        cosines = self._table.of_columns(one.columns)
        shown = expit(VIEW_SLOPE * (cosines - VIEW_MIDDLE))
        return np.clip(shown @ one.mix, LEAST, 1) ** one.weight


def activations(views: np.ndarray, objects: np.ndarray | None = None) -> np.ndarray:
    """Return the attributes of views, float32 (ΣV, A): cosines with the encoder's anchors.

    Of the objects the built-in encoder sees nothing (see its card): where an object expert has
    looked, ``objects`` float (ΣV, O) are its logits, and its probabilities are taken.
    """
    found = unit(np.asarray(views, np.float32)) @ anchors().numpy().T
    if objects is not None:
        found[:, kind_slices()["object"]] = expit(np.asarray(objects, np.float32))
    return found


def object_logits(collection: Collection) -> np.ndarray | None:
    """Return the object expert's logits (ΣV, O), float32; None where no expert has looked."""
    if "object" not in collection.features.fingerprints:
        return None
    return collection.features.get("object")
