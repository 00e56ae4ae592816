"""Commands that measure: evaluate, faithfulness."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import (
    CHECKPOINTS,
    COLLECTION,
    QUERIES,
    CheckpointOption,
    CollectionOption,
    ThreadsOption,
    bound_threads,
)

app = typer.Typer()


@app.command()
def evaluate(
    as_json: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
    ranks: Annotated[
        Path | None, typer.Option(help="also write the right museum's rank for every text here")
    ] = None,
    collection: CollectionOption = COLLECTION,
    checkpoints: Annotated[Path, typer.Option(help="folder of the models")] = CHECKPOINTS,
    queries: Annotated[Path, typer.Option(help="paraphrased queries")] = QUERIES,
    threads: ThreadsOption = 2,
) -> None:
    """Compare HiCALM with the baselines on the test museums."""
    bound_threads(threads)
    from hicalm.files import write_text
    from hicalm.report import Comparison, markdown_table

    for path in (as_json, ranks):
        if path is not None:  # before the work, so that a path that cannot be is known at once
            path.parent.mkdir(parents=True, exist_ok=True)
    comparison = Comparison(collection, checkpoints, queries, "test")
    figures = comparison.figures()
    print(markdown_table(figures))
    if as_json is not None:
        write_text(as_json, json.dumps(figures, indent=1) + "\n")
    if ranks is not None:
        comparison.ranks().save(ranks)


@app.command()
def faithfulness(
    as_json: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
    museums: Annotated[int, typer.Option(help="museums whose descriptions are queries")] = 150,
    collection: CollectionOption = COLLECTION,
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    queries: Annotated[Path, typer.Option(help="paraphrased queries")] = QUERIES,
    threads: ThreadsOption = 1,
) -> None:
    """Measure whether contributions say what carried the scores (about five minutes)."""
    bound_threads(threads)
    from hicalm.explain.faithfulness import faithfulness as measure
    from hicalm.explain.faithfulness import markdown_table
    from hicalm.files import write_text
    from hicalm.relevance import load_queries
    from hicalm.search import Searcher

    if as_json is not None:
        as_json.parent.mkdir(parents=True, exist_ok=True)
    figures = measure(Searcher.open(collection, checkpoint), load_queries(queries, "test"), museums)
    print(markdown_table(figures))
    if as_json is not None:
        write_text(as_json, json.dumps(figures, indent=1) + "\n")
