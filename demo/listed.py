"""Rooms and views themselves, ranked: what the results list where they list no museums."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from demo.address import Address
from demo.explorer import Explorer
from demo.verdict import percent
from hicalm.data.collection import Museum
from hicalm.reading.query_plan import Description, asked_phrases
from hicalm.retrieval.stages import RANK


class Listed(NamedTuple):
    """A room, by the view of it that fits best, or a view: both from 0; ``value`` in words."""

    museum: Museum
    room: int
    view: int
    value: str
    phrase: str  # of the query, that it answers best; "" for a picture or a description


def listed(explorer: Explorer, address: Address) -> list[Listed]:
    """Return the best rooms or views of an address, as many as it lists.

    Rooms come in the order of how well they answer what is asked of a room or, for a picture and
    where nothing is asked of one, of their similarity; views in that of their similarity. Only
    museums that pass the filters take part, and the one of a view that is searched by does not.
    Raises HicalmError as ``Explorer.find``.
    """
    level, museums = address.listed, explorer.collection.museums
    values, said = _values(explorer, address)
    plan = explorer.find(address).plan
    asked = () if plan is None or isinstance(plan, Description) else asked_phrases(plan)
    phrases = [phrase.text for phrase in asked]
    counts = [len(m.rooms) if level == "room" else sum(r.views for r in m.rooms) for m in museums]
    allowed = _allowed(explorer, address)
    values = np.where(np.repeat(allowed, counts), values, -np.inf)
    firsts = np.cumsum([0, *counts])
    found = []
    for row in np.argsort(-values, kind="stable")[: address.top]:
        if not np.isfinite(values[row]):
            break
        number = int(np.searchsorted(firsts, row, side="right")) - 1
        museum, place = museums[number], int(row - firsts[number])
        if level == "room":
            phrase = _phrase(explorer, address, museum.id, place, phrases)
            search = Address(query=phrase) if phrase else address
            room, view = explorer.best_view(search, museum.id, place)
        else:
            views = np.cumsum([0, *(one.views for one in museum.rooms)])
            room = int(np.searchsorted(views, place, side="right")) - 1
            view = int(place - views[room])
            phrase = _phrase(explorer, address, museum.id, room, phrases)
        found.append(Listed(museum, room, view, said(float(values[row])), phrase))
    return found


def _phrase(
    explorer: Explorer, address: Address, museum: str, room: int, phrases: Sequence[str]
) -> str:
    """Return the phrase that a room answers best."""
    if len(phrases) < 2:
        return "".join(phrases)
    present = explorer.presence(address, museum, room)
    return max(phrases, key=lambda phrase: present.get(phrase, 0.0))


def _values(explorer: Explorer, address: Address) -> tuple[np.ndarray, Callable[[float], str]]:
    """Return the value of every room or view, and how one is said."""
    answers = explorer.room_values(address) if address.listed == "room" else None
    if answers is not None:
        return answers, lambda value: f"probability {percent(value)}"
    return explorer.similarities(address, address.listed), lambda value: f"similarity {value:.2f}"


def _allowed(explorer: Explorer, address: Address) -> np.ndarray:
    """Return which museums take part, bool (B,)."""
    museums = explorer.collection.museums
    liked = address.like[0] if address.like else ""
    if not address.filters:
        return np.array([museum.id != liked for museum in museums])
    everything = replace(address.results(), top=len(museums), stages=(RANK,))
    passing = {match.museum_id for match in explorer.find(everything).matches}
    return np.array([museum.id in passing and museum.id != liked for museum in museums])
