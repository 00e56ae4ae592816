"""Which museums answer a query, by ground truth: the one definition of relevance used everywhere.

A plain query means a `Predicate`, which gives every room a gain in [0, 1] (the share of its
paintings that satisfy it, see `hicalm.world.predicates`); a museum has the gain of its best room.
A structured query means an `Expression` over rooms:

    gain(what one room shows)   that of the best room: its share (see `hicalm.world.shares`);
    gain(n rooms of)            the n-th largest share;
    gain(then)                  the best smallest share over rooms in that order;
    gain(and, different)        the best smallest share over different rooms;
    gain(and, any)              the smallest gain of its parts;
    gain(not the museum)        1 where the gain of the part is 0, else 0;
    gain(rooms)                 1 within the limits, else 0.

Counts, *then* and different rooms may lie inside each other: all that they ask for is placed in
rooms of its own (`hicalm.world.placement`). Museums are the specifications of the built-in world.
"""

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hicalm.errors import HicalmError
from hicalm.files import parse_json
from hicalm.world.expressions import And, Count, Expression, Not, Phrase, Rooms, Scope, Then
from hicalm.world.placement import best_placement
from hicalm.world.predicates import (
    PAINTING_VALUES,
    ROOM_VALUES,
    Predicate,
    check_keys,
    check_value,
    room_gain,
)
from hicalm.world.shares import room_share

__all__ = [
    "PAINTING_VALUES",
    "PLAIN",
    "ROOM_VALUES",
    "SPLITS",
    "LabelledQuery",
    "Predicate",
    "expression_gains",
    "gains",
    "load_queries",
    "museum_gain",
    "room_gain",
]

SPLITS = ("validation", "test")
PLAIN = "plain"  # the kind of a query that is one phrase

Museum = Mapping[str, Any]


@dataclass(frozen=True)
class LabelledQuery:
    """A query as a person would type it, with what it means."""

    text: str
    split: str  # "validation" or "test"
    meaning: InitVar[Predicate | Expression]
    kind: str = PLAIN  # a name for what its expression does, such as "order of two rooms"
    expression: Expression = field(init=False)

    def __post_init__(self, meaning: Predicate | Expression) -> None:
        if isinstance(meaning, Predicate):
            meaning = Phrase(meaning, text=self.text)
        object.__setattr__(self, "expression", meaning)  # the way of frozen dataclasses

    @property
    def predicate(self) -> Predicate:
        """What a query that is one phrase asks for. Raises HicalmError for any other query."""
        if not isinstance(self.expression, Phrase):
            raise HicalmError(
                f"The query '{self.text}' asks for more than what one room shows; only plain "
                "queries can be used here."
            )
        return self.expression.predicate


def museum_gain(predicate: Predicate, museum: Museum) -> float:
    """Return the gain in [0, 1] of a museum's best room; 0 for a museum without rooms."""
    return max((room_gain(predicate, room) for room in museum["rooms"]), default=0.0)


def gains(predicate: Predicate, museums: Sequence[Museum]) -> np.ndarray:
    """Return the gains of all museums, (B,) float64 in [0, 1], in the order given."""
    return np.array([museum_gain(predicate, museum) for museum in museums], dtype=np.float64)


def expression_gains(expression: Expression, museums: Sequence[Museum]) -> np.ndarray:
    """Return the gains of all museums, (B,) float64 in [0, 1], in the order given."""
    if isinstance(expression, Rooms):
        counts = np.array([len(museum["rooms"]) for museum in museums])
        lowest, highest = expression.min or 0, expression.max or np.inf
        return ((counts >= lowest) & (counts <= highest)).astype(np.float64)
    if isinstance(expression, Not) and expression.of == "museum":
        return (expression_gains(expression.part, museums) == 0).astype(np.float64)
    if isinstance(expression, And) and expression.rooms == "any":
        return np.min([expression_gains(part, museums) for part in expression.parts], axis=0)
    if expression.scope == Scope.ROOM:
        return _shares(expression, museums).max(axis=1, initial=0.0)
    return _placed_gains(expression, museums)


def _shares(expression: Expression, museums: Sequence[Museum]) -> np.ndarray:
    """Return the shares of all rooms, (B, R) with 0 behind a museum's last room."""
    longest = max((len(museum["rooms"]) for museum in museums), default=0)
    shares = np.zeros((len(museums), longest))
    for row, museum in enumerate(museums):
        for column, room in enumerate(museum["rooms"]):
            shares[row, column] = room_share(expression, room)
    return shares


def _placed_gains(expression: Expression, museums: Sequence[Museum]) -> np.ndarray:
    """Return the gains (B,) of what asks for several rooms."""
    longest = max((len(museum["rooms"]) for museum in museums), default=0)
    asked: list[tuple[Expression, int]] = []
    _ask(expression, 0, asked, longest + 1)
    if len(asked) > longest:
        return np.zeros(len(museums))
    shares = {part: _shares(part, museums) for part, _ in asked}
    of_all = np.stack([shares[part] for part, _ in asked], axis=2)
    return best_placement(of_all, [earlier for _, earlier in asked])


def _ask(part: Expression, earlier: int, asked: list[tuple[Expression, int]], most: int) -> int:
    """Append all that a part asks for in rooms of their own; return a bit mask of it in ``asked``.

    ``earlier`` is a mask of what comes in earlier rooms. A count asks at most ``most`` times.
    """
    mask = 0
    if isinstance(part, Count):
        # The rooms of a count are alike: no better placement is lost by taking them in a row.
        for _ in range(min(part.at_least, most)):
            mask |= _ask(part.part, earlier | mask, asked, most)
    elif isinstance(part, Then):
        for one in part.parts:
            mask |= _ask(one, earlier | mask, asked, most)
    elif isinstance(part, And) and part.rooms == "different":
        for one in part.parts:
            mask |= _ask(one, earlier, asked, most)
    else:
        mask = 1 << len(asked)
        asked.append((part, earlier))
    return mask


def load_queries(path: str | Path, split: str | None = None) -> list[LabelledQuery]:
    """Read labelled queries, one JSON object a line, in the order of the file.

    Args:
        path: lines of ``{"query", "split", "painting": {...}, "room": {...}}`` for plain queries
            and of ``{"query", "split", "kind", "expression": {...}}`` for structured ones; blank
            lines are passed over.
        split: "validation" or "test" for one half, None for both.

    Raises:
        HicalmError: an unknown split, a file that cannot be read, or a bad line (with its number).
    """
    if split is not None:
        check_value("split", split, SPLITS)
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HicalmError(f"The query file {path} cannot be read: {error}.") from error
    queries = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            queries.append(_parse_query(parse_json(line, "the line")))
        except ValueError as error:  # json.JSONDecodeError and HicalmError are both ValueErrors
            raise HicalmError(f"{path}, line {number}: {error}") from error
        except RecursionError as error:  # the JSON parser gives up before the expression is read
            raise HicalmError(f"{path}, line {number}: nested too deeply to be read.") from error
    return [query for query in queries if split in (None, query.split)]


def _parse_query(value: Any) -> LabelledQuery:
    structured = isinstance(value, Mapping) and "expression" in value
    keys = ("kind", "expression") if structured else ("painting", "room")
    check_keys("the line", value, ("query", "split", *keys))
    text = value.get("query")
    if not isinstance(text, str) or not text.strip():
        raise HicalmError(f"'query' has to be a text, not {text!r}.")
    check_value("split", value.get("split"), SPLITS)
    if not structured:
        meaning = {key: value[key] for key in keys if key in value}
        return LabelledQuery(text, value["split"], Predicate.from_json(meaning))
    kind = value.get("kind")
    if not isinstance(kind, str) or not kind.strip():
        raise HicalmError(f"'kind' has to be a text, not {kind!r}.")
    return LabelledQuery(text, value["split"], Expression.from_json(value["expression"]), kind)
