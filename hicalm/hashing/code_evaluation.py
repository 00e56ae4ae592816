"""Metrics of files of codes, side by side: tables, JSON, and precision-recall curves."""

from collections.abc import Mapping
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any, TypedDict

from hicalm.evaluation.plots import COLOURS, DASHES
from hicalm.files import finite, to_json, write_text
from hicalm.hashing.codes import load_codes
from hicalm.hashing.measures import DIRECTIONS, TOP, RankMetrics, rank_codes
from hicalm.hashing.protocols import Judging, learnt_by
from hicalm.tabular import markdown_table


class FileMetrics(TypedDict):
    """The metrics of one file of codes: ``{kind of label: {direction: metrics}}``.

    protocol: the name of the one that the codes were learnt by; pieces: its pieces, None: not said.
    """

    bits: int
    protocol: str
    pieces: dict[str, object] | None
    labels: dict[str, dict[str, RankMetrics]]


class Metrics(TypedDict):
    """The metrics of files of codes by their paths as given, as JSON has them.

    protocol: the name of the one that they were judged by; judging: its pieces.
    """

    protocol: str
    judging: dict[str, str]
    codes: dict[str, FileMetrics]


def evaluate_codes(paths: list[Path], judging: Judging = Judging()) -> Metrics:
    """Return the metrics of files of codes. Raises HicalmError for a file that holds no codes."""
    metrics: dict[str, FileMetrics] = {}
    for path in paths:
        found = load_codes(path)
        metrics[str(path)] = {
            "bits": found.bits,
            "protocol": learnt_by(found.protocol),
            "pieces": None if found.protocol is None else dict(found.protocol),
            "labels": rank_codes(found, judging),
        }
    return {"protocol": judging.protocol, "judging": asdict(judging), "codes": metrics}


def code_table(metrics: Metrics) -> str:
    """Return mAP and mAP@50 in percent, both ways and by kind of label, as a Markdown table.

    A column names the protocols that the codes were learnt and judged by.
    """
    headings = [direction.replace("_", " ") for direction in DIRECTIONS]
    protocols = "learnt / judged by"
    head = ["codes", "bits", protocols, "relevant by", *(f"{one} mAP / @{TOP}" for one in headings)]
    rows = []
    for name, values in metrics["codes"].items():
        for kind, directions in values["labels"].items():
            cells = [
                f"{100 * found['mAP']:.1f} / {100 * found[f'mAP@{TOP}']:.1f}"
                for found in directions.values()
            ]
            by = f"{values['protocol']} / {metrics['protocol']}"
            rows.append([name, str(values["bits"]), by, kind, *cells])
    return markdown_table(head, rows)


def write_metrics(metrics: Metrics, path: Path) -> None:
    """Write all metrics, the curves included, as JSON."""
    write_text(path, to_json(finite(metrics), indent=1) + "\n")


def save_curves(metrics: Metrics, path: Path) -> None:
    """Write precision by recall over the number of retrieved items as one HTML page.

    A panel for each kind of label and direction, a line for each file of codes. Raises OSError.
    """
    from plotly.subplots import make_subplots

    kinds = list(dict.fromkeys(kind for v in metrics["codes"].values() for kind in v["labels"]))
    titles = [f"{escape(kind)}, {d.replace('_', ' ')}" for kind in kinds for d in DIRECTIONS]
    figure = make_subplots(
        len(kinds),
        len(DIRECTIONS),
        subplot_titles=titles,
        vertical_spacing=0.25 / len(kinds),
        x_title="recall in percent",
        y_title="precision in percent",
    )
    for number, (name, values) in enumerate(metrics["codes"].items()):
        line = {
            "color": COLOURS[number % len(COLOURS)],
            "dash": DASHES[number // len(COLOURS) % len(DASHES)],
        }
        for kind, directions in values["labels"].items():
            for column, found in enumerate(directions.values(), start=1):
                row = kinds.index(kind) + 1
                first = row == column == 1
                figure.add_scatter(**_curve(found, name, line, first), row=row, col=column)
    figure.update_layout(
        title="Precision and recall over the number of retrieved items",
        template="plotly_white",
        legend={"title": "codes"},
        height=120 + 330 * len(kinds),
    )
    figure.update_xaxes(range=[0, 101])
    figure.update_yaxes(range=[0, 101])
    write_text(Path(path), figure.to_html(include_plotlyjs=True, full_html=True))


def _curve(
    found: Mapping[str, Any], name: str, line: dict[str, str], shown: bool
) -> dict[str, object]:
    return {
        "x": [100 * value for value in found["recall"]],
        "y": [100 * value for value in found["precision"]],
        "text": [f"{number:,} items" for number in found["retrieved"]],
        "hovertemplate": "%{text}: precision %{y:.1f} %, recall %{x:.1f} %",
        "name": escape(name),
        "legendgroup": name,
        "showlegend": shown,
        "mode": "lines+markers",
        "line": line,
    }
