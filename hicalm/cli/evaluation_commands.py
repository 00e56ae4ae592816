"""Commands that measure: evaluate, faithfulness."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import (
    CheckpointOption,
    CollectionOption,
    QueriesOption,
    RayOption,
    ThreadsOption,
    bound_threads,
)
from hicalm.data.home import ABSENT, CHECKPOINTS, COLLECTION, LABELLED, QUERIES, not_at_home

app = typer.Typer()


@app.command()
def evaluate(
    as_json: Annotated[Path | None, typer.Option("--json", help="write the metrics here")] = None,
    as_csv: Annotated[Path | None, typer.Option("--csv", help="write the metrics here")] = None,
    as_markdown: Annotated[
        Path | None, typer.Option("--markdown", help="write the printed tables here")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="write the distribution of ranks here, as HTML")
    ] = None,
    ranks: Annotated[
        Path | None, typer.Option(help="also write the right museum's rank for every text here")
    ] = None,
    collection: CollectionOption = COLLECTION,
    checkpoints: Annotated[
        Path | None, typer.Option(help="folder of models and runs (default: the shipped ones)")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="a model or a run; may be repeated")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="only this method; may be repeated")
    ] = None,
    split: Annotated[str, typer.Option(help="whose museums are ranked")] = "test",
    lengths: Annotated[
        str | None, typer.Option(help="full,room,sentence (default: full without ground truth)")
    ] = None,
    concepts: Annotated[bool, typer.Option(help="nDCG by the concepts of descriptions")] = True,
    stop_words: Annotated[
        Path | None,
        typer.Option(
            help="words that are no concepts: a text, one a line, or the published evaluation "
            "script (.py), whose list bad_words is read"
        ),
    ] = None,
    user_queries: Annotated[
        Path | None, typer.Option(help="features of published user queries (.pt)")
    ] = None,
    relevance: Annotated[
        Path | None, typer.Option(help="relevant museums of the user queries (.pt)")
    ] = None,
    first_user_queries: Annotated[
        int | None, typer.Option(help="only so many user queries; the published paper reports 50")
    ] = None,
    queries: Annotated[
        list[Path] | None,
        typer.Option(
            help="labelled queries, judged by the ground truth; may be repeated (default: the "
            "paraphrased, plain and structured ones)"
        ),
    ] = None,
    absent: Annotated[
        Path | None,
        typer.Option(help="queries for what no museum has (default: those of the repository)"),
    ] = None,
    ray: RayOption = None,
    threads: ThreadsOption = 2,
) -> None:
    """Compare this app's ranking, trained models and baselines on the museums of a split.

    With ground truth also how sure the app is, and how rightly (about five minutes).
    """
    bound_threads(threads)
    from hicalm.data.ray_work import remove_work
    from hicalm.evaluation.evaluate_pieces import WORK, compare_by_ray
    from hicalm.evaluation.request import Request, compare, write_results
    from hicalm.search.evaluation_scorer import SearchedProduct

    out = {"json": as_json, "csv": as_csv, "markdown": as_markdown, "plot": plot, "ranks": ranks}
    for path in out.values():
        if path is not None:  # before the work, so that a path that cannot be is known at once
            path.parent.mkdir(parents=True, exist_ok=True)
    if checkpoints is None and not checkpoint:
        checkpoints = CHECKPOINTS
        if not checkpoints.exists():
            raise not_at_home("trained models", checkpoints, "pass --checkpoints or --checkpoint")
    request = Request(
        collection=collection,
        checkpoints=checkpoints,
        runs=tuple(checkpoint or ()),
        names=tuple(model or ()),
        split=split,
        lengths=lengths,
        concepts=concepts,
        stop_words=stop_words,
        user_queries=user_queries,
        relevance=relevance,
        first_user_queries=first_user_queries,
        queries=tuple(queries or ()),
        default_queries=LABELLED,
        absent=absent,
        default_absent=ABSENT,
        ranks=ranks is not None,
        plot=plot is not None,
    )
    if ray is None:
        comparison = compare(request, SearchedProduct.open)
    else:
        prepare = partial(bound_threads, threads)
        comparison = compare_by_ray(request, SearchedProduct.open, prepare, ray, threads)
    metrics = comparison.metrics()
    for note in comparison.notes:
        print(f"note: {note}", file=sys.stderr)
    print(write_results(comparison, metrics, out))
    if ray is not None:
        remove_work(collection, WORK)


@app.command()
def faithfulness(
    as_json: Annotated[Path | None, typer.Option("--json", help="write the metrics here")] = None,
    museums: Annotated[int, typer.Option(help="museums whose descriptions are queries")] = 150,
    collection: CollectionOption = COLLECTION,
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    queries: QueriesOption = QUERIES,
    threads: ThreadsOption = 1,
) -> None:
    """Measure whether contributions say what carried the scores (about five minutes)."""
    from hicalm.files import finite, to_json

    bound_threads(threads)
    from hicalm.explain.faithfulness import faithfulness as measure
    from hicalm.explain.faithfulness import faithfulness_table
    from hicalm.files import write_text
    from hicalm.search.searcher import Searcher
    from hicalm.world.relevance import load_queries

    if as_json is not None:
        as_json.parent.mkdir(parents=True, exist_ok=True)
    searcher = Searcher.open(collection, checkpoint)
    metrics = measure(searcher, [query.text for query in load_queries(queries, "test")], museums)
    print(faithfulness_table(metrics))
    if as_json is not None:
        write_text(as_json, to_json(finite(metrics), indent=1) + "\n")
