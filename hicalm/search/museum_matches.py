"""What is said of a museum found: its rooms and views, its fit, and which room answers what.

Sizes: R rooms and V views of the museum.
"""

import numpy as np

from hicalm.data.collection import Collection
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.query import Query
from hicalm.retrieval.results import MuseumMatch, RoomMatch
from hicalm.retrieval.stored_index import AnyIndex
from hicalm.search.narrow_plans import NarrowPlans
from hicalm.search.pipeline import Ranked
from hicalm.search.plan_ranking import PlanRanking


def museum_match(
    collection: Collection,
    index: AnyIndex,
    plans: PlanRanking | NarrowPlans,
    query: Query,
    found: Ranked,
    place: int,
) -> MuseumMatch:
    """Return the museum at a place, from 0, of what was found for a query.

    It is shown by the room that answers the first part of the query's plan, or else by its room
    that is most similar to the query.
    """
    row = int(found.rows[place])
    museum, own = collection.museums[row], index.select(np.array([row]))
    rooms = tuple(_room_match(query, own, room) for room in range(len(own.room)))
    answers = plans.answers(query, row, own)
    shown = next((one for one in answers if one.rooms and one.op != "not"), None)
    best = max(rooms, key=lambda match: match.similarity)
    return MuseumMatch(
        museum_id=museum.id,
        title=museum.title,
        score=float(found.scores[place]),
        levels=found.levels(place),
        rooms=rooms,
        best_room=best.index if shown is None else shown.rooms[0],
        best_view=best.best_view if shown is None else shown.views[0],
        fit=None if query.plan is None else plans.fit(query, row),
        answers=answers,
    )


def _room_match(query: Query, own: MuseumIndex, room: int) -> RoomMatch:
    vectors, views = query.vectors, own.view[own.views_of(room)]
    similarities = (vectors.sentence @ views.T).max(axis=0)  # (V,)
    similarity = float((vectors.paragraph @ own.room[room]).max())
    return RoomMatch(room, similarity, int(similarities.argmax()), tuple(similarities.tolist()))
