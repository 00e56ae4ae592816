"""Tables of contributions: what their rows count from, and no formulas."""

import io

import pandas as pd
import pytest

from demo.tables import contribution_records, to_csv
from hicalm.tabular import safe_cell
from tests.demo.explained import make_explanation


def test_rooms_and_views_count_from_one_in_a_table(searcher):
    explanation = make_explanation([(0.1, 0.2, 0.3)], [("red", 0.6, 0)], baseline=0.05)
    records = list(contribution_records(7, explanation, searcher.collection.museums[0]))
    assert [record["kind"] for record in records] == [
        *["level"] * 3, "room", *["view"] * 4, "query part",
    ]  # fmt: skip
    assert {record["rank"] for record in records} == {7}
    assert records[3]["room_counted_from_1"] == 1
    assert [record["view_counted_from_1"] for record in records[4:8]] == [1, 2, 3, 4]
    assert records[3]["contribution_at_room_level"] == 0.2
    assert records[8]["paragraph_counted_from_1"] == 1 and records[8]["text"] == "red"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_of_a_table_is_a_formula(start):
    assert safe_cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"
    assert safe_cell(-0.5) == -0.5 and safe_cell("a = b") == "a = b"
    line = to_csv(("text", "value"), [{"text": f"{start}1", "value": -1}])
    assert pd.read_csv(io.StringIO(line)).text[0].startswith("'")
