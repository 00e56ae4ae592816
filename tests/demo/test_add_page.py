"""The page at which visitors add museums of their own."""

import pytest

from demo.add_page import clean_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("my_museums.ZIP", "my museums"),
        ("C:\\pictures\\two.zip", "two"),
        ("../../etc/passwd", "passwd"),
        ("\x00\x07.zip", "Your collection"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_name_is_clean(name, expected):
    assert clean_name(name) == expected
