"""Do contributions say what carried the score? Deletion and insertion curves against other orders.

Rooms (or views) are taken away from a museum one after the other, those said to matter most first,
and the score is computed anew each time: the sooner it falls, the better the order knew (deletion,
Petsiuk et al. 2018). Insertion begins without any and adds them in the same order: the sooner the
score rises, the better. An area is the mean of the score over such a curve, by the trapezoid rule,
in units of the score. Orders compared: contributions (ours), highest similarity first, gradient x
input, and random. Sizes: R rooms, V views, K queries with a museum each.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypedDict

import numpy as np
import torch
from tqdm import tqdm

from hicalm.data.batches import ViewBatch
from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.explain.museum_game import MuseumGame
from hicalm.explain.score_game import ScoreGame
from hicalm.geometry import normalise
from hicalm.levels import DESCRIPTION, PARAGRAPH, PHRASE, QUERY_LENGTHS
from hicalm.metrics import bootstrap_interval
from hicalm.ragged import segment_ids
from hicalm.retrieval.query import Query
from hicalm.retrieval.results import SearchResult
from hicalm.tabular import markdown_table

ORDERS = ("contribution", "similarity", "gradient x input", "random")
CURVES = ("room deletion", "room insertion", "view deletion", "view insertion")
Table = dict[str, dict[str, list[float]]]  # {curve: {order: [mean, low, high]}}
TOP = 5  # museums explained for each paraphrased query
SEED = 0


class Searched(Protocol):
    """What is asked of a searcher (``search.searcher.Searcher`` is one)."""

    @property
    def collection(self) -> Collection:
        """The museums that are searched."""

    def read(self, query: str) -> Query:
        """Read a text."""

    def rank(self, query: Query, top: int) -> SearchResult:
        """Return the best museums for a query."""

    def game(self, query: Query, museum_id: str) -> ScoreGame:
        """Return a museum's whole score, as it is ranked by, as a function of its views."""


class Faithfulness(TypedDict):
    """What was measured, by length of query, as JSON has it."""

    cases: dict[str, int]  # how many
    areas: dict[str, Table]
    lead: dict[str, Table]  # by how much the contributions' area is better than an order's


class Case(NamedTuple):
    """A query of some length and a museum whose score for it is explained."""

    length: str
    query: Query
    museum_id: str


def faithfulness(searcher: Searched, queries: Sequence[str], museums: int) -> Faithfulness:
    """Return the mean areas of every order, by length of query, with 95 % bootstrap intervals.

    Cases: the paraphrased queries with their best museums, and for some ``museums`` (drawn with a
    fixed seed) the paragraph of one of their rooms and their whole description. ``lead`` is taken
    pair by pair.
    Raises HicalmError for fewer than one museum, and without paraphrased queries.
    """
    if museums < 1:
        raise HicalmError(f"Draw at least one museum, not {museums}.")
    if not queries:
        raise HicalmError("There are no paraphrased test queries. Name a file that has some.")
    cases = list(_cases(searcher, queries, museums))
    areas = np.array([_areas(searcher, case, n) for n, case in enumerate(tqdm(cases))])
    lengths = np.array([case.length for case in cases])
    metrics: Faithfulness = {"cases": {}, "areas": {}, "lead": {}}
    for length in QUERY_LENGTHS:
        own = areas[lengths == length]
        metrics["cases"][length] = len(own)
        metrics["areas"][length] = _table(own)
        better = np.where(["deletion" in curve for curve in CURVES], -1, 1)[:, None]
        metrics["lead"][length] = _table((own[:, :, :1] - own) * better)
    return metrics


def _table(areas: np.ndarray) -> Table:
    """Return mean, low and high of areas (K, curves, orders) by curve and order."""
    table: Table = {}
    for c, curve in enumerate(CURVES):
        intervals = [bootstrap_interval(areas[:, c, o], SEED) for o in range(len(ORDERS))]
        table[curve] = {
            order: [round(float(value), 5) for value in (i.mean, i.low, i.high)]
            for order, i in zip(ORDERS, intervals, strict=True)
        }
    return table


def _cases(searcher: Searched, queries: Sequence[str], museums: int) -> Iterator[Case]:
    for text in queries:
        query = searcher.read(text)
        for match in searcher.rank(query, TOP).matches:
            yield Case(PHRASE, query, match.museum_id)
    random, everything = np.random.default_rng(SEED), searcher.collection.museums
    for row in random.permutation(len(everything))[:museums]:
        museum = everything[row]
        paragraph = museum.rooms[random.integers(len(museum.rooms))].paragraph
        yield Case(PARAGRAPH, searcher.read(" ".join(paragraph)), museum.id)
        rooms = "\n".join(" ".join(room.paragraph) for room in museum.rooms)
        yield Case(DESCRIPTION, searcher.read(rooms), museum.id)


def _areas(searcher: Searched, case: Case, seed: int) -> np.ndarray:
    """Return the areas of one case, (curves, orders)."""
    game = searcher.game(case.query, case.museum_id)
    owner = segment_ids(game.levels.view_counts)
    rooms, views = _importances(game, case.query, owner, np.random.default_rng([SEED, seed]))
    columns = [
        [*_curve_areas(game.values, room[owner]), *_curve_areas(game.values, view)]
        for room, view in zip(rooms, views, strict=True)
    ]
    return np.array(columns).T


def _importances(
    game: ScoreGame, query: Query, owner: np.ndarray, random: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return how much every order makes of rooms (R,) and of views (V,)."""
    (room_shares, view_shares), gradient = game.contributions(), _gradient(game, query)
    rooms = [
        room_shares,
        game.levels.room_cosines.max(axis=0),
        np.bincount(owner, gradient),
        random.random(owner.max() + 1),
    ]
    views = [
        view_shares,
        game.levels.view_cosines.max(axis=0),
        gradient,
        random.random(len(owner)),
    ]
    return rooms, views


def _curve_areas(
    value: Callable[[np.ndarray], np.ndarray], importance: np.ndarray
) -> tuple[float, float]:
    """Return the areas of deletion and insertion, where equal importance (V,) goes as one.

    ``value`` gives subsets of the views, bool (N, V), their scores (N,).
    """
    _, step = np.unique(-importance, return_inverse=True)
    removed = step[None, :] < np.arange(step.max() + 2)[:, None]
    scores = value(np.concatenate([~removed, removed]))
    deletion, insertion = np.split(scores, 2)
    return _area(deletion), _area(insertion)


def _area(curve: np.ndarray) -> float:
    return float((curve[1:] + curve[:-1]).mean() / 2)


def _gradient(game: ScoreGame, query: Query) -> np.ndarray:
    """Return gradient x input of the whole score, float64 (V,); every part has the same zero."""
    zero = game.levels.model.vision.standardise.mean.numpy()
    further = (part.gradient_times_input(zero) for part in game.further.values())
    return gradient_times_input(game.levels, query) + sum(further)


def gradient_times_input(game: MuseumGame, query: Query) -> np.ndarray:
    """Return, for every view, the gradient of the levels' sum times its features' distance from
    their mean.

    The features' mean over the training split is what the model standardises by, so it is the
    input's zero. Returns float64 (V,).
    """
    features = torch.as_tensor(game.features).clone().requires_grad_()
    counts = torch.as_tensor(game.view_counts)
    with torch.enable_grad():
        embedding = game.model.encode_vision(
            ViewBatch(views=features, view_counts=counts, room_counts=torch.tensor([len(counts)]))
        )
        vectors = [
            (query.vectors.museum, embedding.museum),
            (query.vectors.paragraph, embedding.room),
            (query.vectors.sentence, embedding.view_room),
        ]
        levels = [
            (torch.as_tensor(text) @ normalise(items).T).max(dim=1).values.mean()
            for text, items in vectors
        ]
        score = torch.stack(levels) @ torch.as_tensor(query.weights)
        (gradient,) = torch.autograd.grad(score, features)
    offset = features.detach() - game.model.vision.standardise.mean
    return (gradient * offset).sum(dim=1).double().numpy()


def faithfulness_table(metrics: Faithfulness) -> str:
    """Return the areas with their intervals as a Markdown table; each row's best in bold."""
    rows = []
    for length, curves in metrics["areas"].items():
        for curve, orders in curves.items():
            best = (min if "deletion" in curve else max)(mean for mean, _, _ in orders.values())
            cells = [_cell(area, bold=area[0] == best) for area in orders.values()]
            rows.append([length, curve, *cells])
    return markdown_table(["query", "curve", *ORDERS], rows)


def _cell(area: Sequence[float], bold: bool) -> str:
    mean, low, high = area
    number = f"**{mean:.3f}**" if bold else f"{mean:.3f}"
    return f"{number} [{low:.3f}, {high:.3f}]"
