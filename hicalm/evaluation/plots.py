"""Plots of a comparison, each one HTML file that opens offline."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hicalm.files import write_text
from hicalm.retrieval.methods import readable

if TYPE_CHECKING:  # it takes a second
    from plotly.graph_objects import Figure

# Okabe and Ito's colours, which people with any colour vision tell apart; then other dashes.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
DASHES = ("solid", "dash", "dot", "dashdot")


def cumulative_shares(ranks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct ranks (N,) in rising order and the share of texts up to each (0 to 1)."""
    values, counts = np.unique(ranks, return_counts=True)
    return values, np.cumsum(counts) / counts.sum()


def save_plots(
    ranks: Mapping[str, np.ndarray],
    museums: int,
    bins: Sequence[Mapping[str, Any]],
    path: Path,
) -> None:
    """Write the plots of a comparison as one HTML file, of fits only where there are ``bins``.

    ``ranks``: method -> ranks from 1 of all texts, (Q,) or those of several seeds; ``bins`` as
    ``certainty.reliability`` gives them. Raises OSError.
    """
    page = rank_plot(ranks, museums).to_html(include_plotlyjs=True, full_html=True)
    if bins:
        further = reliability_plot(bins).to_html(include_plotlyjs=False, full_html=False)
        page = f"{further}</body>".join(page.rsplit("</body>", 1))
    write_text(Path(path), page)


def rank_plot(ranks: Mapping[str, np.ndarray], museums: int) -> "Figure":
    """Return the share of texts whose museum has at most a rank, by method."""
    import plotly.graph_objects as go

    figure = go.Figure()
    marks = [digit * 10**power for power in range(7) for digit in (1, 2, 5)]
    marks = [mark for mark in marks if mark <= museums]
    for number, (method, own) in enumerate(ranks.items()):
        at_ranks, shares = cumulative_shares(own)
        # A step from the first place to the last, so that all lines are equally long.
        at_ranks = np.concatenate([[1], at_ranks, [museums]])
        shares = np.concatenate([[float((own <= 1).mean())], shares, [1.0]])
        colour = COLOURS[number % len(COLOURS)]
        dash = DASHES[number // len(COLOURS) % len(DASHES)]
        figure.add_scatter(
            x=at_ranks.tolist(),
            y=(100 * shares).tolist(),
            name=escape(readable(method)),
            mode="lines",
            line={"shape": "hv", "color": colour, "dash": dash, "width": 2},
            hovertemplate="rank %{x}: %{y:.1f} %",
        )
    figure.update_layout(
        title=f"Full descriptions: share of texts by the rank of their museum, of {museums:,}",
        template="plotly_white",
        xaxis={"title": "rank of the right museum, at most", "type": "log", "tickvals": marks},
        yaxis={"title": "share of texts in percent", "range": [0, 101]},
        legend={"title": "method"},
    )
    return figure


def reliability_plot(bins: Sequence[Mapping[str, Any]]) -> "Figure":
    """Return the reliability diagram of fits: the share of relevant museums by the mean fit."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], name="as sure as right", mode="lines", line={"color": "#767676"}
    )
    counts = [one["count"] for one in bins]
    figure.add_scatter(
        x=[one["fit"] for one in bins],
        y=[one["share"] for one in bins],
        name="museums shown",
        mode="lines+markers",
        line={"color": COLOURS[0], "width": 2},
        marker={"size": 8},
        customdata=counts,
        hovertemplate="fit %{x:.2f}: %{y:.2f} relevant, of %{customdata} museums",
    )
    figure.update_layout(
        title=f"Fits of {sum(counts):,} museums shown: how many of them are relevant",
        template="plotly_white",
        xaxis={"title": "mean fit", "range": [0, 1.02]},
        yaxis={"title": "share of relevant museums", "range": [0, 1.02]},
    )
    return figure
