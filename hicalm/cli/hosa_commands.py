"""Commands of HOSA: train, evaluate, tune-rerank."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import (
    CheckpointOption,
    CollectionOption,
    QueriesOption,
    ThreadsOption,
    bound_threads,
    refuse_processes,
)
from hicalm.data.home import CHECKPOINTS, QUERIES

app = typer.Typer(help="Train and evaluate HOSA on Flickr30k and MS-COCO.", no_args_is_help=True)

DataOption = Annotated[
    Path | None,
    typer.Option(help="folder of the benchmark's files, or a collection (default: as configured)"),
]


@app.callback()
def check_processes(context: typer.Context) -> None:
    """Raise HicalmError where torchrun starts another command than ``train``."""
    refuse_processes(context, "train")


@app.command()
def train(
    config: Annotated[Path, typer.Option(help="what to train, e.g. hicalm/hosa/configs/f30k.yaml")],
    out: Annotated[Path, typer.Option(help="folder of the run")],
    data: DataOption = None,
    tube: Annotated[
        int | None, typer.Option(help="length of the tubes; 1: ordinary cross-attention")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="another seed than configured")] = None,
    resume: Annotated[
        bool, typer.Option(help="go on where the run in --out stopped, or start over")
    ] = True,
    threads: ThreadsOption = 1,
) -> None:
    """Train a model; run the same command again to resume.

    `torchrun --nproc-per-node N -m hicalm hosa train ...` trains the same model by N processes.
    """
    from hicalm.files import finite, to_json

    bound_threads(threads)
    from hicalm.data.collection import COLLECTION_FILE
    from hicalm.hosa.hosa_config import read_experiment
    from hicalm.hosa.hosa_training import train_experiment
    from hicalm.hosa.room_pairs import train_on_collection
    from hicalm.models.processes import process_number
    from hicalm.training.launch import processes_joined

    experiment = read_experiment(config)
    if data is not None:
        experiment = replace(experiment, data=replace(experiment.data, folder=str(data)))
    if tube is not None:
        experiment = replace(experiment, model=replace(experiment.model, tube=tube))
    if seed is not None:
        experiment = replace(experiment, training=replace(experiment.training, seed=seed))
    with processes_joined():
        if data is not None and (data / COLLECTION_FILE).is_file():
            metrics = train_on_collection(experiment, data, out, resume=resume)
        else:
            metrics = train_experiment(experiment, out, resume=resume)
        if process_number() == 0:
            print(to_json(finite(metrics["best"])))


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="folder of a run")],
    size: Annotated[
        str | None,
        typer.Option(help="1k or 5k images at once, averaged over folds (default: all at once)"),
    ] = None,
    data: DataOption = None,
    split: Annotated[str | None, typer.Option(help="another split than configured")] = None,
    relevance: Annotated[
        str | None,
        typer.Option(
            help="nDCG@25 by these relevances, too: rougeL (computed by --threads where the data "
            "do not give it) or spice"
        ),
    ] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="write the metrics here")] = None,
    threads: ThreadsOption = 1,
) -> None:
    """Print R@1, R@5 and R@10 in percent, both ways, and their sum, on the test split.

    Of equal scores wrong answers, and the less relevant, come first.
    """
    from hicalm.files import finite, to_json

    bound_threads(threads)
    from hicalm.files import write_text
    from hicalm.hosa.hosa_evaluation import evaluate_run, run_data

    if as_json is not None:  # before the work, so that a path that cannot be is known at once
        as_json.parent.mkdir(parents=True, exist_ok=True)
    where = run_data(run)
    where = replace(where, folder=str(data or where.folder), test=split or where.test)
    metrics = evaluate_run(run, where, size, relevance=relevance, workers=threads)
    for direction, name in (("i2t", "image to text"), ("t2i", "text to image")):
        print(
            f"{name}  "
            + "  ".join(f"{k} {100 * value:5.1f}" for k, value in metrics[direction].items())
        )
    print(
        f"rsum {100 * metrics['rsum']:.1f}  ({metrics['images']} images, {metrics['texts']} texts, "
        f"{metrics['folds']} fold{'s' if metrics['folds'] > 1 else ''})"
    )
    if as_json is not None:
        write_text(as_json, to_json(finite(metrics), indent=1) + "\n")


@app.command()
def tune_rerank(
    run: Annotated[Path, typer.Argument(help="folder of a model trained on a collection")],
    collection: CollectionOption,
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    queries: QueriesOption = QUERIES,
    threads: ThreadsOption = 1,
) -> None:
    """Choose the weight of re-ranking on validation queries and write it beside the model."""
    bound_threads(threads)
    from hicalm.data.collection import load_collection
    from hicalm.encoders.encoder import Encoder
    from hicalm.hosa.hosa_checkpoints import load_hosa
    from hicalm.hosa.rerank import save_weight
    from hicalm.hosa.tune_rerank import score_for_rerank
    from hicalm.world.relevance import load_queries

    museums = load_collection(collection).split("validation")
    encoder = Encoder.load(museums.features.fingerprints["view"].name)
    labelled = load_queries(queries, "validation")
    found = score_for_rerank(checkpoint, load_hosa(run), museums, labelled, encoder)
    weight = found.best_weight()
    improvement, interval = found.improvement(weight)
    save_weight(run, weight, default=interval.low > 0)
    print(
        f"weight {weight}: nDCG@5 on {len(labelled)} validation queries rises by "
        f"{improvement:+.3f} "
        f"[{interval.low:+.3f}, {interval.high:+.3f}]"
    )
