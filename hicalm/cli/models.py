"""Commands for models: train, weights, publish."""

from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import CHECKPOINTS, QUERIES, CheckpointOption, ThreadsOption, bound_threads

app = typer.Typer()


@app.command()
def train(
    collection: Annotated[Path, typer.Argument(help="a collection with train and validation")],
    out: Annotated[Path, typer.Option(help="folder of the run")],
    model: Annotated[str, typer.Option(help="hicalm, flat or hierartex")] = "hicalm",
    preset: Annotated[str, typer.Option(help="explorer or published")] = "explorer",
    loss: Annotated[str | None, typer.Option(help="infonce or hinge (default: preset's)")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the train split")] = None,
    dropout: Annotated[float, typer.Option(help="share of input features dropped")] = 0.1,
    art: Annotated[bool, typer.Option(help="use the art expert's features")] = True,
    seed: int = 0,
    threads: ThreadsOption = 1,
) -> None:
    """Train a model; run the same command again to resume."""
    bound_threads(threads)
    from hicalm.experiment import train_on_collection

    changes = {"seed": seed, "loss": loss, "epochs": epochs}
    changes = {name: value for name, value in changes.items() if value is not None}
    train_on_collection(collection, out, model, preset, changes, dropout, art)


@app.command()
def weights(
    collection: Annotated[Path, typer.Argument(help="a collection with a validation split")],
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    queries: Annotated[Path, typer.Option(help="paraphrased queries")] = QUERIES,
    threads: ThreadsOption = 1,
) -> None:
    """Choose the level weights on the validation split and write them beside the checkpoint."""
    bound_threads(threads)
    from hicalm.report import choose_and_save_weights

    print(choose_and_save_weights(collection, checkpoint, queries))


@app.command()
def publish(
    run: Annotated[Path, typer.Argument(help="folder of a run")],
    out: Annotated[Path, typer.Argument(help="folder of the checkpoint, e.g. checkpoints/hicalm")],
) -> None:
    """Write a run's best model, in half precision, as a checkpoint to ship."""
    from hicalm.checkpoints import publish_model

    publish_model(run, out)
