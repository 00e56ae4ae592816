"""The place in a view that answers a phrase, for the browser to outline."""

from dataclasses import asdict
from typing import TypedDict

from demo.address import Address, parse_address
from demo.user_collections import ServedWorkspace
from hicalm.errors import HicalmError
from hicalm.retrieval.answer_place import AnswerPlace, answer_place

LONGEST_PHRASE = 300  # characters


class PlaceRequest(TypedDict):
    """What the page's script asks with (anybody else may send anything): the address on screen, a
    museum, its room and view from 0, and the phrase."""

    address: str
    museum: str
    room: int
    view: int
    phrase: str


def find_place(workspace: ServedWorkspace, wanted: PlaceRequest) -> dict[str, float]:
    """Return ``left``, ``top``, ``width`` and ``height`` of the place in shares (0..1) of the view.

    Empty where none can be told, or it is all of the view: then nothing is outlined.
    """
    try:
        address = parse_address(str(wanted.get("address", "")))
        phrase = Address(query=str(wanted["phrase"])[:LONGEST_PHRASE])
        room, view = int(wanted["room"]), int(wanted["view"])
        at = workspace.at(address)
        place = answer_place(at.heat_map(phrase, str(wanted["museum"]), room, view))
    except (HicalmError, KeyError, TypeError, ValueError, OverflowError):
        return {}
    return {} if place == AnswerPlace(0.0, 0.0, 1.0, 1.0) else asdict(place)
