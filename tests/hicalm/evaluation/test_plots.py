"""Plots of ranks."""

from pathlib import Path

import numpy as np

from hicalm.evaluation.plots import cumulative_shares, save_rank_plot


def test_the_plot_is_a_step_for_every_rank_and_shows_names_as_they_are(tmp_path: Path) -> None:
    places, shares = cumulative_shares(np.array([3, 1, 1, 9]))
    assert places.tolist() == [1, 3, 9] and shares.tolist() == [0.5, 0.75, 1]
    save_rank_plot({"<b>mine</b>": np.array([2, 2, 5])}, 10, tmp_path / "plot.html")
    page = (tmp_path / "plot.html").read_text(encoding="utf-8")
    assert "<b>mine" not in page and "&lt;b&gt;mine" in page
