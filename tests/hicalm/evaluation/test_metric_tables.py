"""Metrics as tables: means and spreads of several runs."""

from hicalm.evaluation.comparison import over_seeds
from hicalm.evaluation.metric_tables import markdown_tables, metrics_csv


def test_mean_and_spread_by_hand() -> None:
    seeds = [{"full": {"R@1": 0.1, "pair": [1, 2]}}, {"full": {"R@1": 0.4, "pair": [3, 6]}}]
    assert over_seeds(seeds, max) == {"full": {"R@1": 0.4, "pair": [3, 6]}}
    shares = {"R@1": 0.25, "R@5": 0.5, "R@10": 1.0, "median_rank": 1.5, "mean_rank": 2.25}
    spread = dict.fromkeys(shares, 0.125)
    methods = {"=cmd|x": {"full": shares, "museum_to_text": shares}}
    metrics = {"methods": methods, "tries": {"=cmd|x": 3}}
    metrics["spread"] = {"=cmd|x": {"full": spread, "museum_to_text": spread}}
    shown = markdown_tables(metrics)
    assert "| 25.0 ± 12.5 / 50.0 ± 12.5 / 100.0 ± 12.5 (1.5) |" in shown
    assert "| text to museum | 2.25 ± 0.12 |" in shown and "=cmd\\|x" in shown
    rows = metrics_csv(metrics).splitlines()
    assert rows[0] == "method,tries,measure,value,deviation"
    assert rows[1] == "'=cmd|x,3,full/R@1,0.25,0.125"
