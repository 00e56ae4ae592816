"""Two methods on one query: their ranked lists side by side, with the moves between them."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from demo import text, views
from demo.address import Address, format_address
from demo.explorer import Explorer, clean_query
from demo.views import Page
from hicalm.data.collection import Collection, Museum
from hicalm.errors import HicalmError
from hicalm.retrieval.methods import Ranking, describe

ROW = 100  # height of a row in the drawing of the moves, in its own units
WIDTH = 100  # of that drawing
STUB = (24, 40)  # across and down: the beginning of a line that leads out of the list
OTHER_SIDE = ("flat", "hicalm-museum", "clip-mean")  # the first of them that is there


@dataclass(frozen=True)
class Entry:
    """A museum in one list: its rank there and in the other one, both from 1."""

    museum: Museum
    rank: int
    other: int
    score: float
    address: Address

    @property
    def rank_change(self) -> int:
        """How many ranks higher it stands here than in the other list."""
        return self.other - self.rank


@dataclass(frozen=True)
class Move:
    """A line from a row of the left list to one of the right list, in units of the drawing.

    ``kind`` is up, down or same; away (or new) begins (or ends) at a museum that only the left (or
    right) list shows.
    """

    museum: str
    kind: str
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def path(self) -> str:
        """The line as an SVG path, level at both ends."""
        (x, y), (to_x, to_y) = self.start, self.end
        middle = (x + to_x) / 2
        return f"M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"


@dataclass(frozen=True)
class Agreement:
    """How much two rankings agree: museums among the first of both, and Kendall's tau in -1..1."""

    common: int
    shown: int
    tau: float


def entries(
    collection: Collection, address: Address, ranking: Ranking, other: Ranking
) -> list[Entry]:
    """Return the first ``address.top`` museums of a ranking."""
    ranks, here = other.ranks, address.results()
    shown = zip(ranking.museum_ids[: address.top], ranking.scores, strict=False)
    return [
        Entry(collection.museum(museum), rank, ranks[museum], float(score), here.open(museum))
        for rank, (museum, score) in enumerate(shown, start=1)
    ]


def moves(left: list[Entry], right: list[Entry]) -> list[Move]:
    """Return the lines between two lists; one that leads out of them is only begun."""
    staying = {entry.museum.id for entry in left} & {entry.museum.id for entry in right}
    lines = []
    for entry in left:
        here = (0.0, _middle(entry.rank))
        stays = entry.museum.id in staying
        there = (float(WIDTH), _middle(entry.other)) if stays else (STUB[0], here[1] + STUB[1])
        lines.append(Move(entry.museum.id, _kind(entry) if stays else "away", here, there))
    for entry in right:
        if entry.museum.id not in staying:
            here = (float(WIDTH), _middle(entry.rank))
            lines.append(Move(entry.museum.id, "new", (WIDTH - STUB[0], here[1] + STUB[1]), here))
    return lines


def _middle(rank: int) -> float:
    return ROW * (rank - 0.5)


def _kind(entry: Entry) -> str:
    """Return which way a museum of the left list goes."""
    return "same" if not entry.rank_change else "down" if entry.rank_change > 0 else "up"


def agreement(left: Ranking, right: Ranking, top: int) -> Agreement:
    """Return how much two rankings of the same museums agree."""
    from scipy.stats import kendalltau  # its import takes about a second

    common = set(left.museum_ids[:top]) & set(right.museum_ids[:top])
    ranks = right.ranks
    order = [ranks[museum] for museum in left.museum_ids]
    tau = float(kendalltau(range(len(order)), order).statistic) if len(order) > 1 else 1.0
    return Agreement(len(common), min(top, len(order)), tau)


def methods_page(explorer: Explorer, address: Address) -> Page:
    """Return the page of two methods on the address's query, over all museums.

    Raises HicalmError without words to rank by, and for an unknown method.
    """
    if not address.searches:
        raise HicalmError(text.METHODS_NEED_WORDS)
    address = address.without_filters()
    names = explorer.methods
    one = address.option("left", names[0])
    other = address.option("right", next((n for n in OTHER_SIDE if n in names), names[-1]))
    left, right = explorer.ranking(address, one), explorer.ranking(address, other)
    lists = [
        entries(explorer.collection, address, *pair) for pair in ((left, right), (right, left))
    ]
    html = views.render(
        "methods.html",
        address=address,
        query=clean_query(address.query),
        sides=[("left", one, lists[0]), ("right", other, lists[1])],
        methods=[(name, describe(name)) for name in names],
        best={
            entry.museum.id: explorer.best_view(address, entry.museum.id)
            for entry in (*lists[0], *lists[1])
        },
        moves=moves(*lists),
        width=WIDTH,
        height=ROW * len(lists[0]),
        agreement=agreement(left, right, address.top),
        total=len(explorer.collection.museums),
        swapped=address.turn_to("methods", left=other, right=one),
        fields=parse_qsl(format_address(replace(address.turn_to("methods"), browse=False))[1:]),
    )
    return views.answer("methods", f"{one} / {other} · {text.APP_NAME}", html)
