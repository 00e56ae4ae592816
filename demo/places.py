"""The place in a view that answers a phrase, for the browser to outline."""

from dataclasses import asdict

from demo.address import Address
from demo.evidence import HeatMapRequest, asked_view
from demo.user_collections import ServedWorkspace
from hicalm.errors import HicalmError
from hicalm.retrieval.answer_place import AnswerPlace, answer_place

LONGEST_PHRASE = 300  # characters


class PlaceRequest(HeatMapRequest):
    """What the page's script asks with: a view, and the ``phrase`` that it answers."""

    phrase: str


def find_place(workspace: ServedWorkspace, wanted: PlaceRequest) -> dict[str, float]:
    """Return ``left``, ``top``, ``width`` and ``height`` of the place in shares (0..1) of the view.

    Empty where none can be told, or it is all of the view: then nothing is outlined.
    """
    try:
        own, _, museum, room, view = asked_view(workspace, wanted)
        phrase = Address(query=str(wanted.get("phrase", ""))[:LONGEST_PHRASE])
        place = answer_place(own.heat_map(phrase, museum, room, view))
    except HicalmError:
        return {}
    return {} if place == AnswerPlace(0.0, 0.0, 1.0, 1.0) else asdict(place)
