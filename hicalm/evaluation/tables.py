"""The metrics of a comparison (see ``comparison``) as Markdown tables and as CSV."""

from collections.abc import Iterator, Mapping

from hicalm.evaluation.concepts import CONCEPTS, CUTOFFS

LENGTHS = {
    "full": "full",
    "museum_to_text": "full, museum to text",
    "room": "room",
    "sentence": "sentence",
}
DIRECTIONS = {"text_to_museum": "text to museum", "museum_to_text": "museum to text"}
RANKED_BY = {"text_to_museum": "full", "museum_to_text": "museum_to_text"}
USER_METRICS = ("nDCG@5", "nDCG@10", "P@5", "P@10", "MAP")
CSV_HEAD = ("method", "tries", "measure", "value", "deviation")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def markdown_tables(metrics: dict[str, dict]) -> str:
    """Return all metrics as Markdown tables: recalls, ranks and concepts, user queries."""
    methods = metrics["methods"].values()
    tables = [markdown_table(metrics)]
    if any("full" in lengths for lengths in methods):
        tables.append(concepts_table(metrics))
    if any("user_queries" in lengths for lengths in methods):
        tables.append(user_queries_table(metrics))
    if "tries" in metrics:
        seeds = ", ".join(f"{name} {number}" for name, number in metrics["seeds"].items())
        tables.append(f"Mean ± standard deviation over seeds: {seeds}.")
    return "\n\n".join(tables)


def markdown_table(metrics: dict[str, dict]) -> str:
    """Return recalls in percent, and paraphrases where they are, as a Markdown table."""
    first = next(iter(metrics["methods"].values()))
    lengths = [length for length in LENGTHS if length in first]
    head = [f"{LENGTHS[length]} R@1 / 5 / 10 (median)" for length in lengths]
    if "paraphrase" in first:
        head += ["paraphrase nDCG@5 [95 %]", "P@5"]
    lines = _head(["method", *head])
    for name, values in metrics["methods"].items():
        spread = metrics.get("spread", {}).get(name, {})
        cells = [_recalls(values[length], spread.get(length)) for length in lengths]
        if "paraphrase" in values:
            short, own = values["paraphrase"], spread.get("paraphrase", {})
            low, high = short["nDCG@5_interval"]
            ndcg = _value(short["nDCG@5"], own.get("nDCG@5"))
            cells.append(f"{ndcg} [{low:.3f}, {high:.3f}]")
            cells.append(_value(short["P@5"], own.get("P@5")))
        lines.append(_line(name, cells))
    return "\n".join(lines)


def concepts_table(metrics: dict[str, dict]) -> str:
    """Return mean ranks, and nDCG by concepts in percent where it is, as a Markdown table."""
    with_concepts = any("concepts" in values for values in metrics["methods"].values())
    cutoffs = " / ".join(map(str, CUTOFFS))
    head = [f"{number} concepts nDCG@{cutoffs}" for number in CONCEPTS] if with_concepts else []
    lines = _head(["method", "direction", "mean rank", *head])
    for name, values in metrics["methods"].items():
        spread = metrics.get("spread", {}).get(name, {})
        for direction, length in RANKED_BY.items():
            own = spread.get(length, {}).get("mean_rank")
            cells = [DIRECTIONS[direction], _value(values[length]["mean_rank"], own, decimals=2)]
            for number in map(str, CONCEPTS) if with_concepts else ():
                found = values["concepts"][direction][number]
                around = spread["concepts"][direction][number] if spread else {}
                cells.append(_percents(found, around, [f"nDCG@{k}" for k in CUTOFFS]))
            lines.append(_line(name, cells))
    return "\n".join(lines)


def user_queries_table(metrics: dict[str, dict]) -> str:
    """Return the metrics of the user queries (see ``user_queries``) as a Markdown table."""
    head = "user queries R@1 / 5 / 10 (median, mean rank)"
    lines = _head(["method", head, *USER_METRICS])
    for name, values in metrics["methods"].items():
        found = values["user_queries"]
        spread = metrics.get("spread", {}).get(name, {}).get("user_queries", {})
        recalls = _percents(found, spread, ["R@1", "R@5", "R@10"])
        ranks = f"({found['median_rank']:g}, {found['mean_rank']:.2f})"
        cells = [_value(found[metric], spread.get(metric)) for metric in USER_METRICS]
        lines.append(_line(name, [f"{recalls} {ranks}", *cells]))
    return "\n".join(lines)


def csv_text(metrics: dict[str, dict]) -> str:
    """Return all metrics as CSV, one a line, with the deviation where there are several tries."""
    import pandas as pd  # takes half a second, and most evaluations write no CSV

    lines = []
    for name, values in metrics["methods"].items():
        deviations = dict(_flat(metrics.get("spread", {}).get(name, {})))
        shown = f"'{name}" if name.startswith(FORMULA) else name
        seeds = metrics.get("seeds", {}).get(name, 1)
        for measure, value in _flat(values):
            lines.append((shown, seeds, measure, value, deviations.get(measure)))
    return pd.DataFrame(lines, columns=CSV_HEAD).to_csv(index=False, lineterminator="\n")


def _flat(values: Mapping, before: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number with the keys on the way to it, e.g. ``concepts/text_to_museum/3/...``."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}/")
        elif isinstance(value, list):
            yield from ((f"{before}{key}/{n}", entry) for n, entry in enumerate(value))
        else:
            yield f"{before}{key}", value


def _head(columns: list[str]) -> list[str]:
    return ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]


def _line(name: str, cells: list[str]) -> str:
    return f"| {name.replace('|', chr(92) + '|')} | " + " | ".join(cells) + " |"


def _recalls(metrics: dict[str, float], spread: dict[str, float] | None) -> str:
    recalls = _percents(metrics, spread or {}, ["R@1", "R@5", "R@10"])
    return f"{recalls} ({metrics['median_rank']:g})"


def _percents(metrics: dict[str, float], spread: dict[str, float], names: list[str]) -> str:
    """Return some metrics in percent, with their deviations where there are any."""
    return " / ".join(
        f"{100 * metrics[name]:.1f}" + (f" ± {100 * spread[name]:.1f}" if spread else "")
        for name in names
    )


def _value(value: float, deviation: float | None, decimals: int = 3) -> str:
    around = "" if deviation is None else f" ± {deviation:.{decimals}f}"
    return f"{value:.{decimals}f}{around}"
