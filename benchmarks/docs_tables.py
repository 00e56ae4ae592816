"""Write the tables of the documentation from the files that the commands wrote.

``python benchmarks/docs_tables.py`` replaces what stands between the marks of the pages in
``docs/``. It reads ``checkpoints/figures.json`` (by ``python -m hicalm evaluate --json``),
``checkpoints/faithfulness.json`` (by ``python -m hicalm faithfulness --json``),
``checkpoints/encoder/metrics.json`` (by ``python -m hicalm encoder pack``) and
``assets/world/maps/map.json`` (by ``python -m hicalm map``). A test compares the pages with the
files.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hicalm.evaluation.metric_tables import (
    concepts_table,
    kinds_table,
    labelled_table,
    recall_table,
)
from hicalm.evaluation.product_tables import certainty_tables, paired_table
from hicalm.explain.faithfulness import faithfulness_table
from hicalm.tabular import markdown_table

MARKS = ("<!-- {}:begin -->", "<!-- {}:end -->")
MEASURED = "2 shared CPU cores, 2026-11-23"  # the files do not say it
SCORE_MEASURED = "2 shared CPU cores, 2026-11-29"  # what depends on the whole score
FIGURES = "python -m hicalm evaluate --json checkpoints/figures.json"
FAITHFULNESS = "python -m hicalm faithfulness --json checkpoints/faithfulness.json"
NOT_YET = f"Not measured yet; `{FIGURES}` does it."
SETS = {"paraphrase": "paraphrased", "plain": "plain", "structured": "structured"}
SOURCES = {
    "painting": "painting alone",
    "view": "the view that faces a painting",
    "room": "the twelve views of a room together",
    "single view": "the view that faces a painting",
}


class Block(NamedTuple):
    """A block of a page: the file in ``docs/``, and what writes its content."""

    page: str
    content: Callable[[], str]


def gates_table(metrics: dict[str, Any]) -> str:
    """Return the encoder's gates on the test split as a Markdown table, as shares."""
    rows = []
    for source, goals in metrics["goals"].items():
        for kind, goal in goals.items():
            value = metrics["gates"]["test"][source][kind]
            missed = "" if value >= goal else " (missed)"
            name = kind.replace("_", " ")
            rows.append([SOURCES[source], name, f"{goal:.2f}", f"{value:.3f}{missed}"])
    for kind, value in metrics["gates"]["test"]["single view"].items():
        rows.append([SOURCES["single view"], kind.replace("_", " "), "", f"{value:.3f}"])
    return markdown_table(["read from", "attribute", "goal", "reached"], rows)


def maps_table(measured: dict[str, Any], views: int) -> str:
    """Return how true the maps are as a Markdown table; of ``views`` some are judged."""
    rows = []
    for level, values in measured.items():
        points = f"{values['points']:,}" + (f" of {views:,}" if level == "view" else "")
        quality = (f"{values[name]:.3f}" for name in ("trustworthiness", "continuity"))
        rows.append([f"{level}s", points, *quality, f"{values['place_error']:.2f}"])
    head = ["map", "points judged", "trustworthiness", "continuity", "error of a query's position"]
    return markdown_table(head, rows)


def purity_table(purity: dict[str, dict[str, float]], default: dict[str, str]) -> str:
    """Return how well attributes separate on each map as a Markdown table, the default in bold."""
    names = list(dict.fromkeys(name for own in purity.values() for name in own))
    rows = []
    for level, own in purity.items():
        cells = [f"{own[name]:.3f}" if name in own else "" for name in names]
        if level == default["level"]:
            at = names.index(default["color"])
            cells[at] = f"**{cells[at]}**"
        rows.append([f"{level}s", *cells])
    return markdown_table(["purity", *(name.replace("_", " ") for name in names)], rows)


def retrieval() -> str:
    """Return the block of recalls."""
    evaluation = _read("checkpoints/figures.json")
    counts = evaluation["queries"]
    return _block(
        f"The {evaluation['museums']} test museums, which no weight has seen: recall in percent at "
        f"1, 5 and 10 and the median rank of the right museum, for {counts['full']} full "
        f"descriptions, {counts['room']:,} room paragraphs and {counts['sentence']:,} single "
        "sentences.",
        FIGURES,
        recall_table(evaluation),
    )


def labelled() -> str:
    """Return the block of short queries by set, and of the app's lead on them."""
    evaluation = _read("checkpoints/figures.json")
    counts = evaluation["queries"]
    sets = " and ".join(f"{counts[one]} {name}" for one, name in SETS.items() if one in counts)
    lead = evaluation.get("paired")
    return _block(
        f"{sets} test queries on the same {evaluation['museums']} museums, by the ground truth; "
        "and the lead of the app as it is used on the same queries: mean difference of nDCG@5, its "
        "paired bootstrap interval, and p by 10,000 random flips of signs, not corrected for the "
        "number of comparisons.",
        FIGURES,
        labelled_table(evaluation) + "\n\n" + (paired_table(lead) if lead else NOT_YET),
    )


def certainty() -> str:
    """Return the block of how sure the app is, and how rightly."""
    evaluation = _read("checkpoints/figures.json")
    if "certainty" not in evaluation:
        return NOT_YET
    counts = evaluation["certainty"]["queries"]
    return _block(
        f"{counts['present'] + counts['absent']} test queries: the labelled ones above, and those "
        "of `assets/queries/absent.jsonl` for what no museum has. A fit is how sure the app is "
        "that a museum shows what was asked; those of the first ten museums of a query are judged.",
        FIGURES,
        certainty_tables(evaluation["certainty"], evaluation["order"]),
    )


def structured() -> str:
    """Return the block of structured queries, by kind."""
    evaluation = _read("checkpoints/figures.json")
    return _block(
        f"{evaluation['queries']['structured']} structured test queries on the same "
        f"{evaluation['museums']} museums, by the ground truth.",
        FIGURES,
        kinds_table(evaluation, "structured"),
    )


def concepts() -> str:
    """Return the block of nDCG by concepts."""
    evaluation = _read("checkpoints/figures.json")
    return _block(
        f"The same {evaluation['museums']} museums and full descriptions: the mean rank of the "
        "right museum, and nDCG in percent by the 3, 5, 10 and 15 most frequent concepts.",
        FIGURES,
        concepts_table(evaluation),
    )


def encoder() -> str:
    """Return the block about the built-in encoder."""
    metrics = _read("checkpoints/encoder/metrics.json")
    return _block(
        "The built-in encoder on combinations of subject, style and palette that it was never "
        f"trained on: {metrics['gates']['test']['count']['paintings']:,} test paintings and the "
        "views that face them, shares that are right.",
        "python -m hicalm encoder pack PICTURES RUN",
        gates_table(metrics),
    )


def faithfulness() -> str:
    """Return the block about contributions."""
    measured = _read("checkpoints/faithfulness.json")
    cases = measured["cases"]
    return _block(
        f"{cases['phrase']} paraphrased test queries and museums they found (the best five of "
        f"each), and {cases['paragraph']} test museums by the paragraph of a room and "
        f"{cases['description']} by their description.",
        FAITHFULNESS,
        faithfulness_table(measured),
    )


def maps() -> str:
    """Return the block about the maps of the built-in collection."""
    lines = (ROOT / "assets" / "world" / "museums.jsonl").read_text(encoding="utf-8").splitlines()
    views = sum(room["views"] for line in lines for room in json.loads(line)["rooms"])
    head = _read("assets/world/maps/map.json")
    return _block(
        "The maps of the built-in test museums. A map is 100 units wide.",
        "python -m hicalm map assets/world",
        maps_table(head["metrics"], views) + "\n\n" + purity_table(head["purity"], head["default"]),
    )


BLOCKS = {
    "retrieval": Block("results.md", retrieval),
    "labelled": Block("results.md", labelled),
    "structured": Block("results.md", structured),
    "certainty": Block("results.md", certainty),
    "concepts": Block("results.md", concepts),
    "encoder": Block("results.md", encoder),
    "maps": Block("results.md", maps),
    "faithfulness": Block("how-a-score-is-made.md", faithfulness),
}


def _read(path: str) -> dict[str, Any]:
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def _block(what: str, command: str, table: str) -> str:
    measured = SCORE_MEASURED if command in (FIGURES, FAITHFULNESS) else MEASURED
    return f"{what} `{command}` ({measured})\n\n{table}"


def replace_block(text: str, name: str, content: str) -> str:
    """Return a text with another content between the marks of a name."""
    begin, end = (mark.format(name) for mark in MARKS)
    before, rest = text.split(begin)
    return f"{before}{begin}\n{content}\n{end}{rest.split(end)[1]}"


def main() -> None:
    """Replace the blocks in the pages."""
    for name, block in BLOCKS.items():
        path = ROOT / "docs" / block.page
        text = replace_block(path.read_text(encoding="utf-8"), name, block.content())
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
