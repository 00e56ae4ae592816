"""Plots of ranks and of how sure answers are."""

from pathlib import Path

import numpy as np

from hicalm.evaluation.plots import cumulative_shares, reliability_plot, save_plots


def test_the_plot_is_a_step_for_every_rank_and_shows_names_as_they_are(tmp_path: Path) -> None:
    places, shares = cumulative_shares(np.array([3, 1, 1, 9]))
    assert places.tolist() == [1, 3, 9] and shares.tolist() == [0.5, 0.75, 1]
    save_plots({"<b>mine</b>": np.array([2, 2, 5])}, 10, (), tmp_path / "plot.html")
    page = (tmp_path / "plot.html").read_text(encoding="utf-8")
    assert "<b>mine" not in page and "&lt;b&gt;mine" in page
    assert "mean fit" not in page


def test_the_reliability_is_a_second_plot_of_the_same_page(tmp_path: Path) -> None:
    bins = [
        {"low": 0.0, "high": 0.2, "fit": 0.125, "share": 0.25, "count": 4},
        {"low": 0.5, "high": 1.0, "fit": 0.75, "share": 0.875, "count": 8},
    ]
    assert reliability_plot(bins).data[1].y == (0.25, 0.875)
    save_plots({"mine": np.array([1, 2])}, 10, bins, tmp_path / "plot.html")
    page = (tmp_path / "plot.html").read_text(encoding="utf-8")
    assert "Fits of 12 museums shown" in page and "0.875" in page
    assert page.count("plotly.js v") == 1 and page.rstrip().endswith("</html>")
