"""The metrics of a comparison (see ``comparison``) as Markdown tables and as CSV.

What only the product has, its lead and its certainty, is in ``product_tables``. A dash stands where
a method does not answer texts of a length.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from hicalm.evaluation.concepts import CONCEPTS, CUTOFFS
from hicalm.evaluation.product_tables import certainty_tables, paired_table
from hicalm.levels import FULL, ROOM, SENTENCE
from hicalm.metrics import RECALL_CUTOFFS
from hicalm.retrieval.methods import DEFAULT, HICALM, readable
from hicalm.tabular import csv_text, markdown_table

CEILING = 0.995  # a metric from which a method is at the ceiling
LABELLED = "nDCG@5"  # what sets of labelled queries have
NOT_MEASURED = (
    f"A dash: not measured. '{readable(DEFAULT)}' ranks whole descriptions and paragraphs by their "
    f"levels, as '{readable(HICALM)}' does; a single sentence it reads as a query."
)
DASH = "\N{EN DASH}"
HEADINGS = {FULL: FULL, "museum_to_text": f"{FULL}, museum to text", ROOM: ROOM, SENTENCE: SENTENCE}
DIRECTIONS = {"text_to_museum": "text to museum", "museum_to_text": "museum to text"}
RANKED_BY = {"text_to_museum": "full", "museum_to_text": "museum_to_text"}
USER_METRICS = ("nDCG@5", "nDCG@10", "P@5", "P@10", "MAP")
CSV_HEAD = ("method", "tries", "measure", "value", "deviation")
RECALLS = tuple(f"R@{k}" for k in RECALL_CUTOFFS)
RECALLS_HEAD = f"R@{' / '.join(map(str, RECALL_CUTOFFS))}"


class ComparisonMetrics(TypedDict):
    """The metrics of a comparison, as JSON has them; of several runs of a method their means."""

    methods: dict[str, dict]  # {method: {length: {metric: value}}}
    museums: int
    queries: dict[str, int]  # texts by length
    tries: NotRequired[dict[str, int]]  # runs of the methods that have several
    spread: NotRequired[dict[str, dict]]  # their standard deviations, in the form of ``methods``
    paired: NotRequired[dict[str, dict[str, dict]]]  # the product's lead by set and other method
    order: NotRequired[dict[str, float]]  # see ``product``
    certainty: NotRequired[dict[str, Any]]  # see ``certainty``


def markdown_tables(metrics: ComparisonMetrics) -> str:
    """Return all metrics as Markdown tables: recalls, labelled queries, concepts, user queries."""
    methods = metrics["methods"].values()
    tables = []
    if any(length in lengths for lengths in methods for length in HEADINGS):
        tables.append(recall_table(metrics))
    sets = labelled_sets_of(metrics)
    if sets:
        tables.append(labelled_table(metrics))
    tables += [
        kinds_table(metrics, name)
        for name in sets
        if all("kinds" in lengths[name] for lengths in methods)
    ]
    if metrics.get("paired"):
        tables.append(paired_table(metrics["paired"]))
    if "certainty" in metrics:
        tables.append(certainty_tables(metrics["certainty"], metrics["order"]))
    if any("full" in lengths for lengths in methods):
        tables.append(concepts_table(metrics))
    if any("user_queries" in lengths for lengths in methods):
        tables.append(user_queries_table(metrics))
    if "tries" in metrics:
        runs = ", ".join(f"{readable(n)} {number}" for n, number in metrics["tries"].items())
        tables.append(f"Mean ± standard deviation over runs that differ in their seeds: {runs}.")
    return "\n\n".join(tables)


def labelled_sets_of(metrics: ComparisonMetrics) -> list[str]:
    """Return the names of the sets of labelled queries."""
    first = next(iter(metrics["methods"].values()))
    return [
        n
        for n, found in first.items()
        if isinstance(found, Mapping) and LABELLED in found and n != "user_queries"
    ]


def recall_table(metrics: ComparisonMetrics) -> str:
    """Return recalls in percent as a Markdown table, and which columns are at their ceiling."""
    methods = metrics["methods"]
    lengths = [length for length in HEADINGS if any(length in one for one in methods.values())]
    head = [f"{HEADINGS[length]} {RECALLS_HEAD} (median)" for length in lengths]
    rows = []
    for name, values in methods.items():
        spread = metrics.get("spread", {}).get(name, {})
        cells = [
            _recalls(values[length], spread.get(length)) if length in values else DASH
            for length in lengths
        ]
        rows.append([readable(name), *cells])
    firsts = {
        f"{HEADINGS[length]} R@1": {n: v[length]["R@1"] for n, v in methods.items() if length in v}
        for length in lengths
    }
    table = _with_ceilings(markdown_table(["method", *head], rows), firsts)
    if lengths and not all(length in one for one in methods.values() for length in lengths):
        table += f"\n\n{NOT_MEASURED}"
    return table


def labelled_table(metrics: ComparisonMetrics) -> str:
    """Return nDCG@5 with its interval, and P@5, by set of labelled queries as a Markdown table."""
    methods, sets = metrics["methods"], labelled_sets_of(metrics)
    rows = []
    for name, values in methods.items():
        cells = []
        for one in sets:
            own = metrics.get("spread", {}).get(name, {}).get(one, {})
            low, high = values[one]["nDCG@5_interval"]
            ndcg = _value(values[one]["nDCG@5"], own.get("nDCG@5"))
            cells += [f"{ndcg} [{low:.3f}, {high:.3f}]", _value(values[one]["P@5"], own.get("P@5"))]
        rows.append([readable(name), *cells])
    head = [cell for one in sets for cell in (f"{one} nDCG@5 [95 %]", "P@5")]
    found = {f"{one} nDCG@5": {n: v[one]["nDCG@5"] for n, v in methods.items()} for one in sets}
    return _with_ceilings(markdown_table(["method", *head], rows), found)


def kinds_table(metrics: ComparisonMetrics, name: str) -> str:
    """Return nDCG@5 with its interval by kind of query of a set, a method a column, as Markdown.

    The last rows are the mean over kinds, each of which counts the same, and the worst kind.
    """
    found = {method: one[name]["kinds"] for method, one in metrics["methods"].items()}
    kinds = list(next(iter(found.values())))
    rows = [[kind, *(_interval(own[kind]) for own in found.values())] for kind in kinds]
    means = [f"{sum(own[k]['nDCG@5'] for k in kinds) / len(kinds):.3f}" for own in found.values()]
    worst = [min(kinds, key=lambda kind: own[kind]["nDCG@5"]) for own in found.values()]
    rows += [["mean over kinds", *means], ["worst kind", *worst]]
    head = ["nDCG@5 [95 %] by kind of query", *map(readable, found)]
    by_kind = {k: {method: own[k]["nDCG@5"] for method, own in found.items()} for k in kinds}
    return _with_ceilings(markdown_table(head, rows), by_kind)


def _with_ceilings(table: str, columns: Mapping[str, Mapping[str, float]]) -> str:
    """Append which columns cannot tell methods apart, by the values 0 to 1 of their methods."""
    full = {
        column: [f"'{readable(name)}'" for name, value in values.items() if value >= CEILING]
        for column, values in columns.items()
    }
    named = [
        f"{column} ({' and '.join(names)})" for column, names in full.items() if len(names) > 1
    ]
    if not named:
        return table
    return f"{table}\n\nAt the ceiling, where methods cannot be told apart: {'; '.join(named)}."


def concepts_table(metrics: ComparisonMetrics) -> str:
    """Return mean ranks, and nDCG by concepts in percent where it is, as a Markdown table."""
    with_concepts = any("concepts" in values for values in metrics["methods"].values())
    cutoffs = " / ".join(map(str, CUTOFFS))
    head = [f"{number} concepts nDCG@{cutoffs}" for number in CONCEPTS] if with_concepts else []
    rows = []
    for name, values in metrics["methods"].items():
        spread = metrics.get("spread", {}).get(name, {})
        for direction, length in RANKED_BY.items() if FULL in values else ():
            own = spread.get(length, {}).get("mean_rank")
            cells = [DIRECTIONS[direction], _value(values[length]["mean_rank"], own, decimals=2)]
            for number in map(str, CONCEPTS) if with_concepts else ():
                found = values["concepts"][direction][number]
                around = spread["concepts"][direction][number] if spread else {}
                cells.append(_percents(found, around, [f"nDCG@{k}" for k in CUTOFFS]))
            rows.append([readable(name), *cells])
    return markdown_table(["method", "direction", "mean rank", *head], rows)


def user_queries_table(metrics: ComparisonMetrics) -> str:
    """Return the metrics of the user queries (see ``user_queries``) as a Markdown table."""
    head = f"user queries {RECALLS_HEAD} (median, mean rank)"
    rows = []
    for name, values in metrics["methods"].items():
        if "user_queries" not in values:
            continue
        found = values["user_queries"]
        spread = metrics.get("spread", {}).get(name, {}).get("user_queries", {})
        recalls = _percents(found, spread, RECALLS)
        ranks = f"({found['median_rank']:g}, {found['mean_rank']:.2f})"
        cells = [_value(found[metric], spread.get(metric)) for metric in USER_METRICS]
        rows.append([readable(name), f"{recalls} {ranks}", *cells])
    return markdown_table(["method", head, *USER_METRICS], rows)


def metrics_csv(metrics: ComparisonMetrics) -> str:
    """Return all metrics as CSV, one a line, with the deviation where there are several runs."""
    records = []
    for name, values in metrics["methods"].items():
        deviations = dict(_flat(metrics.get("spread", {}).get(name, {})))
        runs = metrics.get("tries", {}).get(name, 1)
        for measure, value in _flat(values):
            cells = (name, runs, measure, value, deviations.get(measure))
            records.append(dict(zip(CSV_HEAD, cells, strict=True)))
    return csv_text(CSV_HEAD, records)


def _flat(values: Mapping, before: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number with the keys on the way to it, e.g. ``concepts/text_to_museum/3/...``."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}/")
        elif isinstance(value, list):
            yield from ((f"{before}{key}/{n}", entry) for n, entry in enumerate(value))
        else:
            yield f"{before}{key}", value


def _interval(graded: Mapping) -> str:
    low, high = graded["nDCG@5_interval"]
    return f"{graded['nDCG@5']:.3f} [{low:.3f}, {high:.3f}]"


def _recalls(metrics: dict[str, float], spread: dict[str, float] | None) -> str:
    recalls = _percents(metrics, spread or {}, RECALLS)
    return f"{recalls} ({metrics['median_rank']:g})"


def _percents(metrics: dict[str, float], spread: dict[str, float], names: Sequence[str]) -> str:
    """Return some metrics in percent, with their deviations where there are any."""
    return " / ".join(
        f"{100 * metrics[name]:.1f}" + (f" ± {100 * spread[name]:.1f}" if spread else "")
        for name in names
    )


def _value(value: float, deviation: float | None, decimals: int = 3) -> str:
    around = "" if deviation is None else f" ± {deviation:.{decimals}f}"
    return f"{value:.{decimals}f}{around}"
