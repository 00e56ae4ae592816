"""Commands for models: train, weights, publish, convert, embed."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hicalm.cli.options import (
    CheckpointOption,
    QueriesOption,
    RayOption,
    ThreadsOption,
    bound_threads,
)
from hicalm.data.home import CHECKPOINTS, QUERIES, is_zero_shot

if TYPE_CHECKING:  # it takes torch along
    from hicalm.models import DualEncoder

app = typer.Typer()


@app.command()
def train(
    collection: Annotated[Path, typer.Argument(help="a collection with train and validation")],
    out: Annotated[Path, typer.Option(help="folder of the run")],
    model: Annotated[
        str,
        typer.Option(
            help="hicalm, hierartex, flat, attention, levels, mvcnn, mvcnn-sa, dan, vsformer, or "
            "merge- with max, mean, max-sum or mean-sum"
        ),
    ] = "hicalm",
    text: Annotated[
        str | None, typer.Option(help="another text encoder: rnn, monornn, avg, flat or attention")
    ] = None,
    vision: Annotated[
        str | None, typer.Option(help="another image encoder: rnn, monornn, avg, flat or attention")
    ] = None,
    preset: Annotated[str, typer.Option(help="explorer, descriptions or published")] = "explorer",
    loss: Annotated[str | None, typer.Option(help="infonce or hinge (default: preset's)")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the train split")] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="museums a step (default: 64; levels: 128)")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="its highest value (default: 0.001)")
    ] = None,
    room_loss_weight: Annotated[
        float | None, typer.Option(help="loss of rooms beside that of museums (default: 1)")
    ] = None,
    score_loss_weight: Annotated[
        float | None,
        typer.Option(help="loss of the levels added up, by late interaction (default: model's)"),
    ] = None,
    criterion: Annotated[
        str | None,
        typer.Option(help="of the best epoch: R@1, R@5, R@10 or MRR (default: R@10; levels: MRR)"),
    ] = None,
    dropout: Annotated[
        float | None, typer.Option(help="share of input features dropped (default: preset's)")
    ] = None,
    art: Annotated[bool, typer.Option(help="use the art expert's features")] = True,
    seed: int = 0,
    seeds: Annotated[
        int | None,
        typer.Option(help="runs with the seeds seed, seed + 1, ... (default: preset's, 1 or 3)"),
    ] = None,
    resume: Annotated[
        bool, typer.Option(help="go on where the run in --out stopped, or start over")
    ] = True,
    threads: ThreadsOption = 1,
) -> None:
    """Train a model; run the same command again to resume.

    `torchrun --nproc-per-node N -m hicalm train ...` trains the same model by N processes.
    """
    bound_threads(threads)
    from hicalm.training.experiment import train_seeds
    from hicalm.training.launch import processes_joined

    changes = {
        "seed": seed,
        "loss": loss,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "room_weight": room_loss_weight,
        "score_weight": score_loss_weight,
        "criterion": criterion,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    encoder_options = {"text": text, "vision": vision, "dropout": dropout}
    encoder_options = {name: value for name, value in encoder_options.items() if value is not None}
    options = encoder_options, art, seeds, resume
    with processes_joined():
        train_seeds(collection, out, model, preset, changes, *options)


@app.command()
def weights(
    collection: Annotated[Path, typer.Argument(help="a collection with a validation split")],
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    queries: QueriesOption = QUERIES,
    threads: ThreadsOption = 1,
) -> None:
    """Choose the level weights on the validation split and write them beside the checkpoint."""
    bound_threads(threads)
    from hicalm.evaluation.level_weights import choose_and_save_weights

    print(choose_and_save_weights(collection, checkpoint, queries))


@app.command()
def publish(
    run: Annotated[Path, typer.Argument(help="folder of a run")],
    out: Annotated[Path, typer.Argument(help="folder of the checkpoint, e.g. checkpoints/hicalm")],
) -> None:
    """Write a run's best model, in half precision, as a checkpoint to ship."""
    from hicalm.models.checkpoints import publish_model

    publish_model(run, out)


@app.command()
def convert(
    checkpoint: Annotated[Path, typer.Argument(help="a checkpoint of the published code (.pt)")],
    out: Annotated[Path, typer.Option(help="folder of the new checkpoint")],
    merge: Annotated[
        str, typer.Option(help="none, max, mean, max-sum or mean-sum: the file does not tell")
    ] = "none",
    art_dim: Annotated[
        int | None, typer.Option(help="width of the art expert's features (default: what is left)")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="a fault of the published code not to reproduce")
    ] = None,
) -> None:
    """Turn a checkpoint of the published code into one of ours."""
    from hicalm.models.checkpoints import save_model
    from hicalm.models.conversion import convert_checkpoint
    from hicalm.models.hicalm import QUIRKS

    model = convert_checkpoint(checkpoint, merge, art_dim, tuple(without or ()))
    save_model(model, out)
    print(f"{out}: text {model.config.text}, vision {model.config.vision}, merge {merge}")
    for quirk in model.config.quirks:
        print(f"  {quirk}: {QUIRKS[quirk]}")


@app.command()
def embed(
    checkpoint: Annotated[Path, typer.Option(help="a trained model's folder")],
    collection: Annotated[Path, typer.Option(help="a collection's folder")],
    out: Annotated[Path, typer.Option(help="the file to write (.npz)")],
    batch_size: Annotated[int, typer.Option(help="museums at once")] = 64,
    ray: RayOption = None,
    threads: ThreadsOption = 1,
) -> None:
    """Write the vectors of all museums, rooms and views, and of their descriptions."""
    bound_threads(threads)
    from hicalm.data.collection import load_collection
    from hicalm.data.ray_work import remove_work
    from hicalm.models.checkpoints import content_hash
    from hicalm.retrieval.embed import WORK, embed_by_ray, embed_collection, save_embeddings

    where = checkpoint if is_zero_shot(checkpoint) else checkpoint.resolve()
    load = partial(_open_model, where, collection.resolve(), threads)
    if ray is None:
        loaded = load_collection(collection)
        save_embeddings(embed_collection(load(), loaded, batch_size, progress=True), out)
        return
    name = f"{checkpoint.name} {content_hash(checkpoint)}"
    save_embeddings(embed_by_ray(collection, load, name, batch_size, ray, threads), out)
    remove_work(collection, WORK)


def _open_model(checkpoint: Path, collection: Path, threads: int) -> "DualEncoder":
    bound_threads(threads)
    from hicalm.data.collection import load_collection
    from hicalm.models.checkpoints import open_model

    return open_model(checkpoint, load_collection(collection))
