"""What is measured of the product alone, its lead and its certainty, as Markdown tables."""

from collections.abc import Mapping
from typing import Any

from hicalm.retrieval.methods import DEFAULT, readable
from hicalm.tabular import markdown_table

SMALLEST_P = 0.001  # smaller ones are not told apart
ALL = "all"


def paired_table(paired: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Return the product's lead over each method by set of queries (see ``paired``)."""
    sets = [name for name, methods in paired.items() if methods]
    if not sets:
        return ""
    rows = [
        [readable(method), *(_lead(paired[name][method]) for name in sets)]
        for method in paired[sets[0]]
    ]
    head = [f"{readable(DEFAULT)} against", *(f"{name} nDCG@5 [95 %]" for name in sets)]
    return markdown_table(head, rows)


def certainty_tables(certainty: Mapping[str, Any], order: Mapping[str, float]) -> str:
    """Return how sure the product is (see ``certainty``) and how true its lists are to scores."""
    return "\n\n".join(
        [
            certainty_sentence(certainty, order),
            refused_table(certainty),
            reliability_table(certainty),
        ]
    )


def certainty_sentence(certainty: Mapping[str, Any], order: Mapping[str, float]) -> str:
    """Return in a few sentences how well fits tell and how true lists are to their scores."""
    queries = certainty["queries"]
    return (
        f"AUROC of presence, {queries['present']} queries for what is there against "
        f"{queries['absent']} for what is not: {certainty['auroc']:.3f}. Expected calibration "
        f"error of the fits shown: {certainty['calibration_error']:.3f} ({certainty['binning']}). "
        f"Lists in which a score rises: {_percent(order['rising'])} of {order['lists']:g}; "
        f"lists whose first museum has the highest score: {_percent(order['first_agrees'])}."
    )


def refused_table(certainty: Mapping[str, Any]) -> str:
    """Return the shares of queries answered "nothing here" by kind as a Markdown table."""
    rows = []
    for there, name in (("not there", "absent_refused"), ("there", "present_refused")):
        for kind, found in certainty[name].items():
            share = _percent(found["share"])
            rows.append([there, kind, str(int(found["queries"])), share])
    return markdown_table(["asked for what is", "queries", "number", "nothing here"], rows)


def reliability_table(certainty: Mapping[str, Any]) -> str:
    """Return the bins of fits with the share of relevant museums in each as a Markdown table."""
    rows = [
        [
            f"{one['low']:.3f} to {one['high']:.3f}",
            f"{one['fit']:.3f}",
            f"{one['share']:.3f}",
            f"{one['count']:,}",
        ]
        for one in certainty["bins"]
    ]
    return markdown_table(["fits", "mean fit", "share relevant", "museums shown"], rows)


def _lead(found: Mapping[str, Any]) -> str:
    low, high = found["interval"]
    p = f"p < {SMALLEST_P:g}" if found["p"] < SMALLEST_P else f"p = {found['p']:.3f}"
    shown = "" if found["difference_shown"] else "; no difference shown"
    return f"{found['difference']:+.3f} [{low:+.3f}, {high:+.3f}], {p}{shown}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
