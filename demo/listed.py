"""Rooms and views themselves, ranked: what the results list where they list no museums."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from demo.address import Address
from demo.verdict import percent
from demo.workspace import Workspace
from hicalm.data.collection import Collection, Museum
from hicalm.levels import LEVELS
from hicalm.ragged import ranges, starts
from hicalm.reading.query_plan import Description, asked_phrases
from hicalm.search.museum_filters import allowed_museums


class Listed(NamedTuple):
    """A room, by the view of it that fits best, or a view: both from 0; ``value`` in words."""

    museum: Museum
    room: int
    view: int
    value: str
    phrase: str  # of the query, that it answers best; "" for a picture or a description


def listed(workspace: Workspace, address: Address) -> list[Listed]:
    """Return the best rooms or views of an address, as many as it lists.

    Rooms come in the order of how well they answer what is asked of a room or, for a picture and
    where nothing is asked of one, of their similarity; views in that of their similarity. Only
    museums that pass the filters take part, and the one of a view that is searched by does not;
    where an index names candidates, only they. Raises HicalmError as ``Workspace.find``.
    """
    museums = workspace.candidates(address)
    values, said = _values(workspace, address, museums)
    plan = workspace.find(address).plan
    asked = () if plan is None or isinstance(plan, Description) else asked_phrases(plan)
    phrases = [phrase.text for phrase in asked]
    found = []
    for row, (owner, room, view) in best_rows(workspace, address, address.listed, values, museums):
        museum = workspace.collection.museums[owner]
        phrase = _phrase(workspace, address, museum.id, room, phrases)
        if address.listed == "room":
            search = Address(query=phrase) if phrase else address
            _, view = workspace.best_view(search, museum.id, room)
        found.append(Listed(museum, room, view, said(float(values[row])), phrase))
    return found


def best_rows(
    workspace: Workspace,
    address: Address,
    level: str,
    values: np.ndarray,
    museums: np.ndarray | None = None,
) -> list[tuple[int, list[int]]]:
    """Return the rows of the best items of a level by their values (N,), as many as an address
    lists, each with what ``items_of`` says of it.

    ``museums`` are those whose items they are, as in ``items_of``. Only museums that pass the
    filters take part, and the one of a view that is searched by does not. Raises
    HicalmError as ``Workspace.find``.
    """
    collection, items = workspace.collection, items_of(workspace.collection, level, museums)
    allowed = np.ones(len(collection.museums), bool)
    if address.filters:
        passing, _ = allowed_museums(collection, address.filters, workspace.find(address).plan)
        allowed = np.isin(np.arange(len(allowed)), passing.rows)
    if address.like:  # no answer to itself
        allowed[collection.row(address.like[0])] = False
    order = np.argsort(-values, kind="stable")
    best = order[allowed[items[order, 0]]][: address.top]
    return list(zip(best.tolist(), items[best].tolist(), strict=True))


def items_of(collection: Collection, level: str, museums: np.ndarray | None = None) -> np.ndarray:
    """Return what each item of a level is, in the order of the collection or of some museums (rows,
    (M,)): its museum (row), room and view from 0, integers (N, 3); -1 where the level has none."""
    rows = np.arange(len(collection.museums)) if museums is None else museums
    rooms = collection.room_counts[rows]
    counts = rooms, collection.view_counts[ranges(collection.room_offsets[rows], rooms)]
    items = np.full((len(rows), 3), -1)
    items[:, 0] = rows
    for column, own in list(enumerate(counts, start=1))[: LEVELS.index(level)]:
        firsts = np.repeat(starts(own), own)
        items = np.repeat(items, own, axis=0)
        items[:, column] = np.arange(len(items)) - firsts
    return items


def _phrase(
    workspace: Workspace, address: Address, museum: str, room: int, phrases: Sequence[str]
) -> str:
    """Return the phrase that a room answers best."""
    if len(phrases) < 2:
        return "".join(phrases)
    present = workspace.presence(address, museum, room)
    return max(phrases, key=lambda phrase: present.get(phrase, 0.0))


def _values(
    workspace: Workspace, address: Address, museums: np.ndarray | None
) -> tuple[np.ndarray, Callable[[float], str]]:
    """Return the value of every room or view, or of those of museums (rows), and how it is said."""
    answers = workspace.room_values(address, museums) if address.listed == "room" else None
    if answers is not None:
        return answers, lambda value: f"probability {percent(value)}"
    found = workspace.similarities(address, address.listed, museums)
    return found, lambda value: f"similarity {value:.2f}"
