"""Commands for binary codes: hash train, hash encode, hash evaluate, hash shortlist."""

from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import CheckpointOption, ThreadsOption, bound_threads
from hicalm.data.home import CHECKPOINTS

app = typer.Typer(
    help="Short binary codes by which pictures and texts find each other (VTM-UCH).",
    no_args_is_help=True,
)

DataArgument = Annotated[
    Path, typer.Argument(help="a collection, or a folder of MIRFlickr-25k's or NUS-WIDE's files")
]
QueryCountOption = Annotated[int, typer.Option(help="items drawn as queries; the rest is searched")]


@app.command()
def train(
    data: DataArgument,
    out: Annotated[Path, typer.Option(help="folder of the run")],
    bits: Annotated[int, typer.Option(help="16, 32, 64 or 128")] = 64,
    objects: Annotated[
        str,
        typer.Option(
            help="what is looked at: whole, paintings (built-in world), grid, detector, or a .json "
            "file of boxes (x0, y0, x1, y1) by the pictures' names"
        ),
    ] = "whole",
    encoder: Annotated[
        str, typer.Option(help="builtin, a folder or a name that open_clip knows")
    ] = "builtin",
    clusters: Annotated[int, typer.Option(help="of all objects")] = 32,
    resolution: Annotated[
        float, typer.Option(help="of communities: more than 1 finds smaller ones")
    ] = 1.0,
    epochs: Annotated[int, typer.Option(help="passes over the pairs")] = 30,
    pairs: Annotated[int, typer.Option(help="most pairs to learn from")] = 5000,
    queries: Annotated[int, typer.Option(help="of .mat files, kept out of training")] = 2000,
    seed: int = 1,
    threads: ThreadsOption = 1,
) -> None:
    """Learn codes from pictures and their texts, without labels."""
    from hicalm.hashing.hash_settings import HashSettings

    settings = HashSettings(
        bits=bits, clusters=clusters, resolution=resolution, epochs=epochs, seed=seed
    )
    bound_threads(threads)
    from hicalm.hashing.hash_runs import train_run

    train_run(data, out, settings, encoder, objects, queries=queries, max_pairs=pairs)
    print(f"{out}: heads for {bits} bits")


@app.command()
def encode(
    data: DataArgument,
    run: Annotated[Path, typer.Option(help="folder of a run")],
    out: Annotated[Path, typer.Option(help="folder for codes.mat and codes.npz")],
    queries: QueryCountOption = 2000,
    split: Annotated[str, typer.Option(help="of a collection")] = "test",
    threads: ThreadsOption = 1,
) -> None:
    """Write the codes of queries and of what is searched, as pictures and as texts."""
    bound_threads(threads)
    from hicalm.hashing.hash_runs import encode_run

    found = encode_run(data, run, out, queries, split)
    sizes = [len(found.codes[key]) for key in ("q_img", "r_img")]
    print(f"{out}: codes of {found.bits} bits, {sizes[0]:,} queries and {sizes[1]:,} items")


@app.command()
def evaluate(
    codes: Annotated[list[Path], typer.Argument(help="codes as .mat or .npz; may be several")],
    as_json: Annotated[Path | None, typer.Option("--json", help="write the metrics here")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="write precision-recall curves here, as HTML")
    ] = None,
    threads: ThreadsOption = 1,
) -> None:
    """Print the mean average precision of codes, both ways; also of the published code's files."""
    bound_threads(threads)
    from hicalm.hashing.code_evaluation import (
        code_table,
        evaluate_codes,
        save_curves,
        write_metrics,
    )

    for path in (as_json, plot):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
    metrics = evaluate_codes(codes)
    print(code_table(metrics))
    if as_json is not None:
        write_metrics(metrics, as_json)
    if plot is not None:
        save_curves(metrics, plot)


@app.command()
def shortlist(
    collection: Annotated[Path, typer.Argument(help="with training museums and their features")],
    out: Annotated[Path, typer.Option(help="folder of the heads, e.g. checkpoints/shortlist")],
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    bits: Annotated[int, typer.Option(help="16, 32, 64 or 128")] = 64,
    threads: ThreadsOption = 1,
) -> None:
    """Learn codes of a HiCALM model's vectors that keep its order: the first stage of a search."""
    bound_threads(threads)
    from hicalm.data.collection import load_collection
    from hicalm.hashing.decoder import save_decoder
    from hicalm.hashing.heads import save_heads
    from hicalm.hashing.shortlist_training import train_shortlist

    heads, decoder = train_shortlist(checkpoint, load_collection(collection), bits)
    save_heads(heads, out)
    save_decoder(decoder, out)
    print(f"{out}: heads for {bits} bits, and the decoder that reads their codes back")
