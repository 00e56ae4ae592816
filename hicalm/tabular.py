"""Tables as text: Markdown for people, CSV for programs and spreadsheets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

Cell = TypeVar("Cell")

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would run


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table of texts, a row a line; a vertical bar in a cell is escaped."""
    import pandas as pd  # takes half a second

    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    frame = pd.DataFrame(cells, columns=list(head))
    return str(frame.to_markdown(index=False, disable_numparse=True))


def csv_text(
    columns: Sequence[str], records: Iterable[Mapping[str, object]], line_end: str = "\n"
) -> str:
    """Return records by column as CSV; what a record lacks is empty.

    A text that a spreadsheet would run as a formula is made plain text.
    """
    import pandas as pd

    rows = [[safe_cell(record.get(name)) for name in columns] for record in records]
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)  # whole numbers stay whole
    return str(frame.to_csv(index=False, lineterminator=line_end))


def safe_cell(value: Cell) -> Cell | str:
    """Return a cell of a table; what a spreadsheet would run gets an apostrophe before it."""
    risky = isinstance(value, str) and value.startswith(FORMULA_STARTS)
    return f"'{value}" if risky else value
