"""Commands that make the built-in encoder again, and what reads beside it."""

from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import ThreadsOption, bound_threads
from hicalm.data.home import CHECKPOINTS

app = typer.Typer(help="Train the built-in encoder again.", no_args_is_help=True)


@app.command("pictures")
def encoder_pictures(
    pictures: Annotated[Path, typer.Argument(help="folder for the rendered pictures (12 GB)")],
    part: Annotated[int, typer.Option(min=0, help="which part of the museums, from 0")] = 0,
    parts: Annotated[int, typer.Option(min=1, help="into how many processes it is split")] = 1,
) -> None:
    """Render the built-in world at encoder size; can be stopped and taken up again."""
    from hicalm.encoders.recipe.steps import open_store
    from hicalm.world.generate import WORLD_SEED

    open_store(pictures).render(WORLD_SEED, part, parts)


@app.command("image")
def encoder_image(pictures: Path, out: Path, threads: ThreadsOption = 1) -> None:
    """Train the image encoder on the rendered train split."""
    bound_threads(threads)
    from hicalm.encoders.recipe.steps import train_image

    train_image(pictures, out)


@app.command("text")
def encoder_text(out: Path, threads: ThreadsOption = 1) -> None:
    """Train the text encoder's upper layers and projection."""
    bound_threads(threads)
    from hicalm.encoders.recipe.steps import train_text

    train_text(out)


@app.command("query")
def encoder_query(
    out: Path,
    start: Annotated[
        Path, typer.Option(help="a text encoder's weights, or a query encoder's to train further")
    ] = CHECKPOINTS / "encoder" / "text_encoder.safetensors",
    steps: Annotated[int, typer.Option(min=1, help="of a batch of texts")] = 600,
    batch: Annotated[int, typer.Option(min=1, help="texts of a step")] = 32,
    rate: Annotated[float, typer.Option(help="learning rate of MiniLM's layers")] = 2e-4,
    seed: Annotated[int, typer.Option(help="of the texts and their order")] = 0,
    everything: Annotated[bool, typer.Option(help="hold no wordings out")] = False,
    threads: ThreadsOption = 1,
) -> None:
    """Train the query encoder, which reads what people type."""
    bound_threads(threads)
    from hicalm.encoders.recipe.steps import train_query
    from hicalm.encoders.recipe.train_query_encoder import QueryEncoderConfig

    config = QueryEncoderConfig(steps=steps, batch=batch, learning_rate=rate, seed=seed)
    train_query(out, start, config, everything)


@app.command("pack-query")
def encoder_pack_query(
    run: Path, out: Path = CHECKPOINTS / "encoder", threads: ThreadsOption = 2
) -> None:
    """Pack a trained query encoder into an encoder's folder and measure it on held-out wordings."""
    from hicalm.files import to_json

    bound_threads(threads)
    from hicalm.encoders.recipe.steps import pack_query

    print(to_json(pack_query(run, out), indent=1))


@app.command("art")
def encoder_art(pictures: Path, out: Path, threads: ThreadsOption = 1) -> None:
    """Train the art expert on the rendered train split."""
    bound_threads(threads)
    from hicalm.encoders.recipe.steps import train_art

    train_art(pictures, out)


@app.command("objects")
def encoder_objects(pictures: Path, out: Path, threads: ThreadsOption = 1) -> None:
    """Train the object expert on rendered museums of the train split, and measure it."""
    from hicalm.files import to_json

    bound_threads(threads)
    from hicalm.encoders.recipe.steps import train_objects

    print(to_json(train_objects(pictures, out), indent=1))


@app.command("pack")
def encoder_pack(
    pictures: Path, run: Path, out: Path = CHECKPOINTS / "encoder", threads: ThreadsOption = 2
) -> None:
    """Pack both trained encoders into an encoder's folder and measure its gates."""
    from hicalm.files import to_json

    bound_threads(threads)
    from hicalm.encoders.recipe.steps import pack

    print(to_json(pack(pictures, run, out), indent=1))
