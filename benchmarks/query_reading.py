"""Measure how many marked queries are read as their marks say, by the tagger and by the grammar.

    python benchmarks/query_reading.py checkpoints/plan_tagger
    python benchmarks/query_reading.py RUN ordinary

The second is for a tagger that was trained with ``--hold-out ordinary``: the shipped one has
learned from all writers. A plan is right where it asks for the same, whatever its words.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hicalm.reading.grammar_reading import read_by_grammar
from hicalm.reading.plan_reading import SURE_FROM
from hicalm.reading.plan_tagger import load_tagger
from hicalm.reading.recipe.marked_queries import load_marked, tagged
from hicalm.reading.recipe.train_plan_tagger import bare_shape
from hicalm.reading.word_tags import plan_of


def main() -> None:
    """Print a table by writer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tagger", type=Path, help="folder of its weights")
    parser.add_argument("writers", nargs="*", help="names of marked files (default: all)")
    arguments = parser.parse_args()
    tagger = load_tagger(arguments.tagger)
    rows = []
    for name, queries in load_marked().items():
        if arguments.writers and name not in arguments.writers:
            continue
        for query in queries:
            wanted = tagged(query)
            right = bare_shape(plan_of(wanted))
            read, grammar = tagger.read(wanted.text), read_by_grammar(wanted.text).plan
            both = read.plan if read.sureness >= SURE_FROM else grammar
            plans = {"tagger": read.plan, "grammar": grammar, "both": both}
            rows.append(
                {"writer": name, "queries": 1.0, "sure": float(read.sureness >= SURE_FROM)}
                | {reader: float(bare_shape(plan) == right) for reader, plan in plans.items()}
            )
    table = pd.DataFrame(rows).groupby("writer")
    means = table.mean().drop(columns="queries")
    means.insert(0, "queries", table.size())
    print(means.round(3).to_string())


if __name__ == "__main__":
    main()
