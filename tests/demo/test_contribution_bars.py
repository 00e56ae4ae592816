"""Pieces of bars that begin where the ones above ended."""

import pytest

from demo.components.contribution_bars import Axis


def test_negative_pieces_run_back_from_where_the_positive_ones_ended():
    bar = Axis(0.0, 1.0).stack([{"museum": -0.2, "room": 0.3, "view": 0.1}], begin=0.5)[0]
    assert [(piece.part, piece.left, piece.width, piece.negative) for piece in bar.pieces] == [
        ("room", 50.0, 30.0, False),
        ("view", 80.0, 10.0, False),
        ("museum", 70.0, 20.0, True),
    ]
    assert (bar.begin, bar.end) == (50.0, 70.0) and bar.value == pytest.approx(0.2)
