"""How well one room answers the part of a query that speaks of one room: a share in [0, 1].

A painting *satisfies* a part where both it and its room are as asked for. Then

    share(phrase)           the gain of the room (see `hicalm.world.predicates`);
    share(not a painting)   the share of the paintings that do not satisfy the part;
    share(not a room)       1 where the share of the part is 0, else 0;
    share(and, same room)   the smallest share of its parts, where each phrase counts only the
                            paintings that satisfy no part that is a *not* of a painting.

So "portraits, none of them cubist" has in a room the share of its paintings that are portraits and
not cubist. A room without paintings has share 0 wherever paintings are counted.
"""

from collections.abc import Mapping
from typing import Any

from hicalm.world.expressions import And, Expression, Not, Phrase
from hicalm.world.predicates import room_gain

Room = Mapping[str, Any]


def room_share(expression: Expression, room: Room, without: tuple[Expression, ...] = ()) -> float:
    """Return the share in [0, 1] of a room for a part that speaks of one room, as defined above.

    Paintings that satisfy one of ``without`` do not count.
    """
    if isinstance(expression, Phrase):
        if not without:
            return room_gain(expression.predicate, room)
        return _share_of_paintings(expression, room, without)
    if isinstance(expression, Not):
        if expression.of == "painting":
            return _share_of_paintings(None, room, (*without, expression.part))
        return float(room_share(expression.part, room) == 0)
    assert isinstance(expression, And)  # nothing else speaks of one room
    unwanted = [p for p in expression.parts if isinstance(p, Not) and p.of == "painting"]
    without = (*without, *(part.part for part in unwanted))
    others = [part for part in expression.parts if part not in unwanted]
    smallest = min((room_share(part, room, without) for part in others), default=1.0)
    # Where no phrase counts the paintings that are left, they count themselves.
    return min(smallest, _share_of_paintings(None, room, without)) if without else smallest


def _share_of_paintings(
    wanted: Expression | None, room: Room, without: tuple[Expression, ...]
) -> float:
    """Return the share that satisfy ``wanted`` (None: all do) and none of ``without``."""
    paintings = room["paintings"]
    counted = sum(
        (wanted is None or _satisfies(painting, room, wanted))
        and not any(_satisfies(painting, room, part) for part in without)
        for painting in paintings
    )
    return counted / len(paintings) if paintings else 0.0


def _satisfies(painting: Mapping[str, Any], room: Room, expression: Expression) -> bool:
    """Tell whether a painting and its room are as a part that speaks of one room asks for."""
    if isinstance(expression, Phrase):
        predicate = expression.predicate
        return predicate.allows_painting(painting) and predicate.allows_room(room)
    if isinstance(expression, Not):
        if expression.of == "painting":
            return not _satisfies(painting, room, expression.part)
        return room_share(expression.part, room) == 0
    assert isinstance(expression, And)
    return all(_satisfies(painting, room, part) for part in expression.parts)
