"""Explanations with numbers of one's own."""

from collections.abc import Sequence

from hicalm.explain.explanation import (
    Explanation,
    PartContribution,
    RoomContribution,
    ViewContribution,
)
from hicalm.levels import LEVELS


def make_explanation(
    rooms: Sequence[tuple[float, float, float]],
    parts: Sequence[tuple[str, float, int]] = (),
    baseline: float = 0.0,
    views: int = 4,
    error: float = 0.0,
) -> Explanation:
    """Return an explanation of rooms with these contributions by level.

    The baseline is of the museum level; the first view of a room carries all that it brings.
    """
    by_level = [dict(zip(LEVELS, room, strict=True)) for room in rooms]
    levels = {level: sum(room[level] for room in by_level) for level in LEVELS}
    levels["museum"] += baseline
    return Explanation(
        query="red horses" if parts else "",
        museum_id="museum-00001",
        title="Museum",
        score=sum(levels.values()),
        baseline=baseline,
        levels=levels,
        similarity=0.25,
        rooms=tuple(_room(index, levels, views) for index, levels in enumerate(by_level)),
        query_parts=tuple(PartContribution(*part) for part in parts),
        error=error,
    )


def _room(index: int, levels: dict[str, float], views: int) -> RoomContribution:
    nothing = dict.fromkeys(levels, 0.0)
    shares = [levels, *[nothing] * (views - 1)]
    return RoomContribution(
        index,
        sum(levels.values()),
        0.3,
        levels,
        (0.3,),
        tuple(ViewContribution(v, sum(own.values()), 0.1, own) for v, own in enumerate(shares)),
    )
