"""The researchers' page: metrics of every method, and the right museum's rank for every text."""

import json
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from demo import text, views
from demo.address import Address
from demo.explorer import Explorer
from demo.views import Page
from hicalm.data.collection import Collection, Museum
from hicalm.errors import HicalmError
from hicalm.evaluation.rank_file import COMMAND, DescriptionRanks, description_text
from hicalm.levels import LENGTHS
from hicalm.retrieval.methods import DESCRIPTIONS, HICALM, describe, readable

if TYPE_CHECKING:  # it takes torch along
    from hicalm.evaluation.metric_tables import ComparisonMetrics
    from hicalm.search.searcher import Searcher

ROWS = 50  # of the table on one page
SORTS = ("-rank", "rank", "museum", "-museum")  # the first one where the address names none
BANDS = {"1": (1, 1), "2-5": (2, 5), "6-10": (6, 10), "11-50": (11, 50), "51-100": (51, 100)}
LAST_BAND, ENDLESS = "101-", (101, 10**9)
DEFAULT_LENGTH = "room"


@dataclass(frozen=True)
class Selection:
    """Which ranks are on screen and in what order: the options of the page's ``address``."""

    address: Address
    length: str
    method: str
    sort: str
    band: str
    start: int

    def turn(self, **changes: str) -> Address:
        """Return the address of the page with other options, at its first row unless named."""
        now = {"length": self.length, "method": self.method, "sort": self.sort, "band": self.band}
        defaults = {"length": DEFAULT_LENGTH, "method": HICALM, "sort": SORTS[0]}
        fields = now | changes
        return self.address.turn_to(
            "metrics", **{k: v for k, v in fields.items() if v != defaults.get(k)}
        )


@dataclass(frozen=True)
class Row:
    """A text, the museum it describes (room and sentence from 0, or None) and its ranks."""

    text: str
    museum: Museum
    room: int | None
    sentence: int | None
    ranks: dict[str, int]
    first: Museum  # the museum that this app ranks first

    @property
    def address(self) -> Address:
        """Where the text's museum is explained: beside the one ranked before it, if any."""
        asked = Address(query=self.text)
        if self.first.id == self.museum.id:
            return asked.open(self.museum.id, self.room)
        return asked.compare(self.museum.id, self.first.id)

    @property
    def found(self) -> bool:
        """Whether the app ranks the right museum first."""
        return self.first.id == self.museum.id


@lru_cache(maxsize=1)
def _load(
    searcher: "Searcher", checkpoint: Path, path: Path, stamp: int
) -> tuple["ComparisonMetrics", DescriptionRanks]:
    """Read both files once; ``stamp`` is the time of the ranks, so that new ones are read anew."""
    from hicalm.models.checkpoints import content_hash

    ranks = DescriptionRanks.load(path.with_name("ranks.json"))
    ranks.check(searcher.collection, content_hash(checkpoint))
    try:
        return json.loads(path.read_text(encoding="utf-8")), ranks
    except (OSError, ValueError) as error:
        raise HicalmError(
            f"The metrics cannot be read ({path}). Make them with '{COMMAND}'."
        ) from error


def load_metrics(explorer: Explorer) -> tuple["ComparisonMetrics", DescriptionRanks]:
    """Return the metrics and the ranks beside the checkpoint in use.

    Raises HicalmError where they are missing or belong to other museums or weights.
    """
    searcher = explorer.warmup.wait(0)
    if searcher.checkpoint is None:
        raise HicalmError(f"The metrics are not there yet. Make them with '{COMMAND}'.")
    path = Path(searcher.checkpoint).resolve().parent / "figures.json"
    ranks = path.with_name("ranks.json")
    stamp = ranks.stat().st_mtime_ns if ranks.is_file() else 0
    return _load(searcher, searcher.checkpoint, path, stamp)


def select(address: Address, ranks: DescriptionRanks) -> Selection:
    """Read the options of an address; what is odd is ignored."""

    def chosen(name: str, allowed: Container[str], default: str) -> str:
        value = address.option(name, default)
        return value if value in allowed else default

    start = address.option("start")
    return Selection(
        address,
        chosen("length", LENGTHS, DEFAULT_LENGTH),
        chosen("method", ranks.ranks, HICALM),
        chosen("sort", SORTS, SORTS[0]),
        chosen("band", (*BANDS, LAST_BAND), ""),
        int(start) if start.isascii() and start.isdecimal() and len(start) < 7 else 0,
    )


def order(ranks: DescriptionRanks, selection: Selection) -> np.ndarray:
    """Return the texts of a selection in its order, whatever page they are on: (N,) from 0."""
    values = np.array(ranks.ranks[selection.method][selection.length])
    low, high = {**BANDS, LAST_BAND: ENDLESS}.get(selection.band, (1, ENDLESS[1]))
    kept = np.flatnonzero((values >= low) & (values <= high))
    museums = np.array(ranks.origins[selection.length]["museum"])
    keys = {"rank": values, "-rank": -values, "museum": museums, "-museum": -museums}
    return kept[np.argsort(keys[selection.sort][kept], kind="stable")]


def histogram(ranks: DescriptionRanks, selection: Selection) -> list[tuple[str, int, float]]:
    """Return for each band of ranks its name, its texts, and its height in percent of the most."""
    values = np.array(ranks.ranks[selection.method][selection.length])
    bands = {**BANDS, LAST_BAND: ENDLESS}
    counts = {name: int(((values >= a) & (values <= b)).sum()) for name, (a, b) in bands.items()}
    largest = max(1, *counts.values())
    return [(name, count, round(100 * count / largest, 2)) for name, count in counts.items()]


def rows(
    collection: Collection, ranks: DescriptionRanks, length: str, texts: np.ndarray
) -> list[Row]:
    """Return the rows of some texts (N,) of one length."""
    origins, by_method = ranks.origins[length], ordered_methods(ranks)
    found = []
    for index in texts.tolist():
        museum = collection.museums[origins["museum"][index]]
        room, sentence = (origins[n][index] if n in origins else None for n in ("room", "sentence"))
        found.append(
            Row(
                description_text(museum, room, sentence),
                museum,
                room,
                sentence,
                {method: ranks.ranks[method][length][index] for method in by_method},
                collection.museums[ranks.first[length][index]],
            )
        )
    return found


def ordered_methods(ranks: DescriptionRanks) -> list[str]:
    """Return the methods in the order of their descriptions, others behind."""
    known = [name for name in DESCRIPTIONS if name in ranks.ranks]
    return known + sorted(ranks.ranks.keys() - set(known))


def metrics_page(explorer: Explorer, address: Address) -> Page:
    """Return the page of the metrics; a sentence where there are none for this collection."""
    title = f"Metrics · {text.APP_NAME}"
    try:
        if address.collection:
            raise HicalmError(text.COLLECTION_NO_METRICS)
        metrics, ranks = load_metrics(explorer)
    except HicalmError as error:
        html = views.render("no_metrics.html", message=str(error), address=address)
        return views.answer("metrics", title, html)
    selection = select(address, ranks)
    texts = order(ranks, selection)
    start = min(selection.start, max(0, len(texts) - 1)) // ROWS * ROWS
    methods = ordered_methods(ranks)
    compared = [*metrics["methods"], *(m for m in methods if m not in metrics["methods"])]
    html = views.render(
        "metrics.html",
        metrics=metrics,
        lengths=text.TEXT_LENGTHS,
        measured=[
            one for one in text.MEASURED if any(one[0] in m for m in metrics["methods"].values())
        ],
        by_kind=kinds(metrics),
        certainty=metrics.get("certainty"),
        selection=selection,
        bars=histogram(ranks, selection),
        methods=[(name, readable(name), describe(name)) for name in methods],
        described=[(readable(name), describe(name)) for name in compared],
        readable=readable,
        heads=[_head(selection, name) for name in methods],
        museum_head=_museum_head(selection),
        rows=rows(explorer.collection, ranks, selection.length, texts[start : start + ROWS]),
        start=start,
        step=ROWS,
        total=len(texts),
        all_texts=len(ranks.first[selection.length]),
        export=selection.turn(),
    )
    return views.answer("metrics", title, html)


def kinds(metrics: "ComparisonMetrics") -> list[tuple[str, dict[str, float]]]:
    """Return each kind of structured queries, and the nDCG@5 that each method reaches there."""
    methods = metrics["methods"]
    found = {n: v["structured"]["kinds"] for n, v in methods.items() if "structured" in v}
    names: dict[str, dict] = next(iter(found.values()), {})
    return [(kind, {n: own[kind]["nDCG@5"] for n, own in found.items()}) for kind in names]


def _head(selection: Selection, method: str) -> tuple[str, Address, str]:
    """Return a method's column: its name, where its head leads, and its ``aria-sort``."""
    if method != selection.method or selection.sort not in ("rank", "-rank"):
        return method, selection.turn(method=method, sort="-rank", band=""), ""
    down = selection.sort == "-rank"
    turned = selection.turn(sort="rank" if down else "-rank")
    return method, turned, "descending" if down else "ascending"


def _museum_head(selection: Selection) -> tuple[Address, str]:
    down = selection.sort == "-museum"
    other = selection.turn(sort="museum" if down or selection.sort != "museum" else "-museum")
    return other, {"museum": "ascending", "-museum": "descending"}.get(selection.sort, "")
