"""The README's figures are those of the files that the commands wrote."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_figures_of_the_readme_are_the_measured_ones():
    script = runpy.run_path(str(ROOT / "benchmarks" / "readme_figures.py"))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, content in script["BLOCKS"].items():
        assert script["replace_block"](text, name, content()) == text
