"""Columns of a collection's museums: what is needed of all of them at once, without their texts.

Ids and values of attributes are compared by keys of 64 bits, the beginning of their BLAKE2b hash:
of a million museums two share one by chance in 1 of 37 million collections.
Sizes: B museums, R rooms, A attributes.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, overload

import numpy as np
import orjson

from hicalm.data.museums import Museum

COLUMNS = (
    *("id_bytes", "id_ends", "id_keys", "id_rows"),
    *("rooms", "views", "sentences", "splits", "values"),
)
MOST_TEXTS = 1_000  # different texts of an attribute that are counted; of more, none are


class PackedTexts(Sequence[str]):
    """Texts one after the other: ``packed`` uint8 (bytes of UTF-8), and where each ends (N,)."""

    def __init__(self, packed: np.ndarray, ends: np.ndarray) -> None:
        self._packed, self._ends = packed, ends

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        begin = int(self._ends[row - 1]) if row else 0
        return self._packed[begin : int(self._ends[row])].tobytes().decode()


@dataclass(frozen=True)
class MuseumColumns:
    """The columns, in memory or mapped, see ``columns_of``.

    ``arrays`` are ``id_bytes`` and ``id_ends`` (B,), ``id_keys`` (B,) rising with the ``id_rows``
    (B,) of each, ``rooms`` (B,), ``views`` (ΣR,), ``sentences`` (ΣP,), ``splits`` (B,) and
    ``values`` (A, B), keys as uint64. ``texts`` counts the texts that an attribute has, where they
    are few; ``content`` is a hash of all that is known of the museums without their texts.
    """

    arrays: Mapping[str, np.ndarray]
    attributes: tuple[str, ...]
    texts: Mapping[str, Mapping[str, int]]
    content: str

    @cached_property
    def ids(self) -> Sequence[str]:
        """The ids of the museums (B,), in their order."""
        return PackedTexts(self.arrays["id_bytes"], self.arrays["id_ends"])

    @property
    def duplicates(self) -> int:
        """How many museums share the id of another one."""
        keys = self.arrays["id_keys"]
        return int((keys[1:] == keys[:-1]).sum())

    def rows(self, ids: Sequence[str]) -> np.ndarray:
        """Return the rows of museums (M,), -1 for an id that none has."""
        return self.rows_of(np.array([key_of(one) for one in ids], np.uint64))

    def rows_of(self, wanted: np.ndarray) -> np.ndarray:
        """Return the rows of museums by the keys of their ids, uint64 (M,); -1 for a key that none
        has."""
        keys = self.arrays["id_keys"]
        if not len(keys):
            return np.full(len(wanted), -1)
        places = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
        return np.where(keys[places] == wanted, self.arrays["id_rows"][places], -1)

    def keys_of(self, rows: np.ndarray) -> np.ndarray:
        """Return the keys of the ids of museums, by their rows (M,): uint64 (M,)."""
        return np.array([key_of(self.ids[row]) for row in rows.tolist()], np.uint64)

    def having(self, name: str, wanted: Iterable[Any]) -> np.ndarray:
        """Return which museums have one of some values of an attribute, bool (B,).

        A museum without the attribute has the value None.
        """
        keys = np.array([key_of(value) for value in wanted], np.uint64)
        if name in self.attributes:
            return np.isin(self.arrays["values"][self.attributes.index(name)], keys)
        return np.full(len(self.arrays["rooms"]), np.uint64(key_of(None)) in keys)

    def in_split(self, wanted: Iterable[Any]) -> np.ndarray:
        """Return which museums are of one of some splits, bool (B,)."""
        return np.isin(self.arrays["splits"], [np.uint64(key_of(one)) for one in wanted])


def columns_of(museums: Iterable[Museum]) -> MuseumColumns:
    """Return the columns of museums, which are read once, one after the other."""
    ids, id_ends, id_keys = bytearray(), array("q"), array("Q")
    rooms, views, sentences, splits = array("q"), array("q"), array("q"), array("Q")
    values: dict[str, array[int]] = {}
    texts: dict[str, Counter[str]] = {}
    missing, digest = key_of(None), hashlib.sha256()
    for row, museum in enumerate(museums):
        ids += museum.id.encode()
        id_ends.append(len(ids))
        id_keys.append(key_of(museum.id))
        rooms.append(len(museum.rooms))
        views.extend([room.views for room in museum.rooms])
        sentences.extend([len(paragraph) for paragraph in museum.paragraphs])
        splits.append(key_of(museum.split))
        for name in museum.attributes.keys() - values.keys():
            values[name], texts[name] = array("Q", [missing]) * row, Counter()
        for name, column in values.items():
            value = museum.attributes.get(name)
            column.append(key_of(value))
            if isinstance(value, str) and len(texts[name]) <= MOST_TEXTS:
                texts[name][value] += 1
        digest.update(known_of(museum))
    keys = np.array(id_keys, np.uint64)
    order = np.argsort(keys, kind="stable")
    names = sorted(values)
    arrays: dict[str, np.ndarray] = {
        "id_bytes": np.frombuffer(bytes(ids), np.uint8),
        "id_ends": np.array(id_ends, np.int64),
        "id_keys": keys[order],
        "id_rows": order,
        "rooms": np.array(rooms, np.int64),
        "views": np.array(views, np.int64),
        "sentences": np.array(sentences, np.int64),
        "splits": np.array(splits, np.uint64),
        "values": np.array([values[name] for name in names], np.uint64).reshape(
            len(names), len(rooms)
        ),
    }
    few = {name: dict(found) for name, found in texts.items() if len(found) <= MOST_TEXTS}
    return MuseumColumns(arrays, tuple(names), few, digest.hexdigest()[:16])


def known_of(museum: Museum) -> bytes:
    """Return what is known of a museum without its names and texts."""
    counts = [room.views for room in museum.rooms]
    return orjson.dumps([museum.id, museum.split, museum.attributes, counts])


def key_of(value: Any) -> int:
    """Return the key of an id or of a value of JSON; equal ones, as 1 and 1.0, have the same."""
    return _text_key(value) if isinstance(value, str) else _hashed(_plain(value))


@lru_cache(maxsize=1 << 14)
def _text_key(text: str) -> int:
    return _hashed(text)


def _hashed(value: Any) -> int:
    content = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")


def _plain(value: Any) -> Any:
    """Return a value as the one that all values equal to it have in common."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
        return int(value) if abs(value) < 2**53 else value
    return value
