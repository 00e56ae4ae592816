"""The metrics of a comparison (see ``comparison``) as Markdown tables and as CSV."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NotRequired, TypedDict

from hicalm.evaluation.concepts import CONCEPTS, CUTOFFS
from hicalm.levels import FULL, ROOM, SENTENCE
from hicalm.metrics import RECALL_CUTOFFS
from hicalm.tabular import csv_text, markdown_table

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


def markdown_tables(metrics: ComparisonMetrics) -> str:
    """Return all metrics as Markdown tables: recalls, ranks and concepts, user queries."""
    methods = metrics["methods"].values()
    tables = [recall_table(metrics)]
    if any("full" in lengths for lengths in methods):
        tables.append(concepts_table(metrics))
    if any("user_queries" in lengths for lengths in methods):
        tables.append(user_queries_table(metrics))
    if "tries" in metrics:
        runs = ", ".join(f"{name} {number}" for name, number in metrics["tries"].items())
        tables.append(f"Mean ± standard deviation over runs that differ in their seeds: {runs}.")
    return "\n\n".join(tables)


def recall_table(metrics: ComparisonMetrics) -> str:
    """Return recalls in percent, and paraphrases where they are, as a Markdown table."""
    first = next(iter(metrics["methods"].values()))
    lengths = [length for length in HEADINGS if length in first]
    head = [f"{HEADINGS[length]} {RECALLS_HEAD} (median)" for length in lengths]
    if "paraphrase" in first:
        head += ["paraphrase nDCG@5 [95 %]", "P@5"]
    rows = []
    for name, values in metrics["methods"].items():
        spread = metrics.get("spread", {}).get(name, {})
        cells = [_recalls(values[length], spread.get(length)) for length in lengths]
        if "paraphrase" in values:
            short, own = values["paraphrase"], spread.get("paraphrase", {})
            low, high = short["nDCG@5_interval"]
            ndcg = _value(short["nDCG@5"], own.get("nDCG@5"))
            cells.append(f"{ndcg} [{low:.3f}, {high:.3f}]")
            cells.append(_value(short["P@5"], own.get("P@5")))
        rows.append([name, *cells])
    return markdown_table(["method", *head], rows)


def concepts_table(metrics: ComparisonMetrics) -> str:
    """Return mean ranks, and nDCG by concepts in percent where it is, as a Markdown table."""
    with_concepts = any("concepts" in values for values in metrics["methods"].values())
    cutoffs = " / ".join(map(str, CUTOFFS))
    head = [f"{number} concepts nDCG@{cutoffs}" for number in CONCEPTS] if with_concepts else []
    rows = []
    for name, values in metrics["methods"].items():
        spread = metrics.get("spread", {}).get(name, {})
        for direction, length in RANKED_BY.items():
            own = spread.get(length, {}).get("mean_rank")
            cells = [DIRECTIONS[direction], _value(values[length]["mean_rank"], own, decimals=2)]
            for number in map(str, CONCEPTS) if with_concepts else ():
                found = values["concepts"][direction][number]
                around = spread["concepts"][direction][number] if spread else {}
                cells.append(_percents(found, around, [f"nDCG@{k}" for k in CUTOFFS]))
            rows.append([name, *cells])
    return markdown_table(["method", "direction", "mean rank", *head], rows)


def user_queries_table(metrics: ComparisonMetrics) -> str:
    """Return the metrics of the user queries (see ``user_queries``) as a Markdown table."""
    head = f"user queries {RECALLS_HEAD} (median, mean rank)"
    rows = []
    for name, values in metrics["methods"].items():
        found = values["user_queries"]
        spread = metrics.get("spread", {}).get(name, {}).get("user_queries", {})
        recalls = _percents(found, spread, RECALLS)
        ranks = f"({found['median_rank']:g}, {found['mean_rank']:.2f})"
        cells = [_value(found[metric], spread.get(metric)) for metric in USER_METRICS]
        rows.append([name, f"{recalls} {ranks}", *cells])
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
