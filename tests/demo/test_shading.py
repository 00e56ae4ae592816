"""How dark a shade and how long a bar is, and how its number is written."""

from types import SimpleNamespace

import pytest

from demo.shading import Scale, amount, level_parts, longest_bar, signed


def test_shades_run_from_the_weakest_to_the_strongest():
    scale = Scale.over([0.1, 0.2, 0.6])
    assert [scale.shade(value) for value in (0.1, 0.35, 0.6, -5, 5)] == [0, 2, 4, 0, 4]
    assert Scale.over([]).shade(0.3) == Scale.over([0.4]).shade(0.4) == 2


def test_bars_share_one_unit_and_negative_parts_have_no_width():
    levels = {"museum": 0.2, "room": -0.1, "view": 0.3}
    assert longest_bar([SimpleNamespace(levels=levels)]) == pytest.approx(0.5)
    parts = level_parts(levels, 1.0)
    assert [(part.name, part.width) for part in parts] == [
        ("museum", 20.0),
        ("room", 0.0),
        ("view", 30.0),
    ]
    assert parts[1].value == -0.1
    assert [part.width for part in level_parts(levels, 0.0)] == [0, 0, 0]


def test_numbers_have_a_real_minus_and_no_sign_for_nothing():
    assert [signed(v) for v in (0.1234, -0.1234, -0.0001)] == ["+0.123", "\u22120.123", "0.000"]
    assert [amount(v) for v in (0.1234, -0.1234, -0.0001)] == ["0.123", "\u22120.123", "0.000"]
