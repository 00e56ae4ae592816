"""Write the figures of the README from the files that the commands wrote.

``python benchmarks/readme_figures.py`` reads ``checkpoints/figures.json`` (by ``python -m hicalm
evaluate --json``), ``checkpoints/faithfulness.json`` (by ``python -m hicalm faithfulness --json``)
and ``checkpoints/encoder/metrics.json`` (by ``python -m hicalm encoder pack``) and replaces what
stands between the marks. A test compares the README with the files.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hicalm.evaluation.metric_tables import recall_table as markdown_table
from hicalm.explain.faithfulness import faithfulness_table

MARKS = ("<!-- {}:begin -->", "<!-- {}:end -->")
SOURCES = {
    "painting": "painting alone",
    "view": "the view that faces a painting",
    "room": "the twelve views of a room together",
    "single view": "the view that faces a painting",
}


def gates_table(metrics: dict) -> str:
    """Return the encoder's gates on the test split as a Markdown table, in percent."""
    lines = ["| read from | attribute | goal | reached |", "|---|---|---|---|"]
    for source, goals in metrics["goals"].items():
        for kind, goal in goals.items():
            value = metrics["gates"]["test"][source][kind]
            mark = "" if value >= goal else " (missed)"
            lines.append(
                f"| {SOURCES[source]} | {kind.replace('_', ' ')} | {goal:.2f} | {value:.3f}{mark} |"
            )
    for kind, value in metrics["gates"]["test"]["single view"].items():
        lines.append(f"| {SOURCES['single view']} | {kind.replace('_', ' ')} | | {value:.3f} |")
    return "\n".join(lines)


def figures() -> str:
    """Return the block of figures."""
    evaluation = json.loads((ROOT / "checkpoints" / "figures.json").read_text())
    encoder = json.loads((ROOT / "checkpoints" / "encoder" / "metrics.json").read_text())
    counts = evaluation["queries"]
    return "\n\n".join(
        [
            f"**Retrieval** on the {evaluation['museums']} test museums, which no weight has seen: "
            f"recall in percent at 1, 5 and 10 and the median rank of the right museum, for "
            f"{counts['full']} full descriptions, {counts['room']:,} room paragraphs and "
            f"{counts['sentence']:,} single sentences; and {counts['paraphrase']} paraphrased "
            "queries by the ground truth. "
            "`python -m hicalm evaluate --json checkpoints/figures.json`",
            markdown_table(evaluation),
            "**The built-in encoder** on combinations of subject, style and palette that it was "
            f"never trained on ({encoder['gates']['test']['count']['paintings']:,} test paintings "
            "and the views that face them). `python -m hicalm encoder pack`",
            gates_table(encoder),
        ]
    )


def faithfulness() -> str:
    """Return the block about contributions."""
    measured = json.loads((ROOT / "checkpoints" / "faithfulness.json").read_text())
    cases = measured["cases"]
    return (
        f"{cases['phrase']} paraphrased test queries and museums they found (the best five of "
        f"each), and {cases['room']} test museums by the paragraph of a room and "
        f"{cases['description']} by their description. "
        "`python -m hicalm faithfulness --json checkpoints/faithfulness.json`\n\n"
        + faithfulness_table(measured)
    )


BLOCKS = {"figures": figures, "faithfulness": faithfulness}


def replace_block(text: str, name: str, content: str) -> str:
    """Return a text with another content between the marks of a name."""
    begin, end = (mark.format(name) for mark in MARKS)
    before, rest = text.split(begin)
    return f"{before}{begin}\n{content}\n{end}{rest.split(end)[1]}"


def main() -> None:
    """Replace the blocks in the README."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    for name, content in BLOCKS.items():
        text = replace_block(text, name, content())
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
