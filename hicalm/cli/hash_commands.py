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
ProtocolOption = Annotated[
    str, typer.Option(help="own, or published: that of the published code, piece by piece")
]
FlagOption = bool | None  # of a piece: None leaves it to the protocol


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
    protocol: ProtocolOption = "own",
    clusters: Annotated[
        int, typer.Option("--clusters", "--n-clusters", help="of all objects")
    ] = 32,
    si_std: Annotated[
        float, typer.Option(help="standard deviations above the mean that similar pictures lie")
    ] = 1.1,
    detection_score: Annotated[float, typer.Option(help="least score of a found object")] = 0.3,
    resolution: Annotated[
        float, typer.Option(help="of communities: more than 1 finds smaller ones")
    ] = 1.0,
    epochs: Annotated[int, typer.Option(help="passes over the pairs")] = 30,
    batch_size: Annotated[int, typer.Option(help="pairs in a step")] = 128,
    lr: Annotated[float, typer.Option(help="rate of learning of the heads")] = 1e-4,
    weight_decay: float = 0.01,
    warmup_proportion: Annotated[
        float, typer.Option(help="share of the steps in which the rate rises")
    ] = 0.05,
    pairs: Annotated[int, typer.Option(help="most pairs to learn from")] = 5000,
    queries: Annotated[int, typer.Option(help="of .mat files, kept out of training")] = 2000,
    seed: int = 1,
    draw: Annotated[
        str | None, typer.Option(help="NumPy's generator of the split: new or legacy")
    ] = None,
    tags: Annotated[str | None, typer.Option(help="of .mat files: whole or tokens")] = None,
    cluster_starts: Annotated[
        str | None, typer.Option(help="of k-means: spread, or random on raw vectors")
    ] = None,
    matching: Annotated[
        str | None,
        typer.Option(help="what makes pairs alike: clusters of objects, or grounded: words seen"),
    ] = None,
    image_similarity: Annotated[
        str | None, typer.Option(help="of objects: both-ways or pooled")
    ] = None,
    centres: Annotated[
        str | None, typer.Option(help="of communities: joint (with texts) or pictures")
    ] = None,
    lone_centres: Annotated[
        FlagOption, typer.Option(help="communities of one pair have a centre")
    ] = None,
    move_centres: Annotated[
        FlagOption, typer.Option(help="centres move before pairs are assigned")
    ] = None,
    clip_gradients: Annotated[
        FlagOption, typer.Option(help="each parameter's gradient to norm 1")
    ] = None,
    valid_freq: Annotated[
        int | None,
        typer.Option(
            help="epochs between validations, the best of which stays; 0: none. It looks at "
            "labels: of the queries (.mat files), or of the split validation"
        ),
    ] = None,
    threads: ThreadsOption = 1,
) -> None:
    """Learn codes from pictures and their texts; without labels, unless they are validated."""
    from hicalm.hashing.protocols import learning_settings

    settings = learning_settings(
        protocol,
        bits=bits, clusters=clusters, deviations=si_std, detection_score=detection_score,
        resolution=resolution, epochs=epochs, batch_size=batch_size, learning_rate=lr,
        weight_decay=weight_decay, warm_up=warmup_proportion, seed=seed, draw=draw, tags=tags,
        cluster_starts=cluster_starts, matching=matching, image_similarity=image_similarity,
        centres=centres,
        lone_centres=lone_centres, move_centres=move_centres, clip_gradients=clip_gradients,
        valid_freq=valid_freq,
    )  # fmt: skip
    bound_threads(threads)
    from hicalm.hashing.hash_runs import train_run
    from hicalm.hashing.protocols import learnt_by

    train_run(data, out, settings, encoder, objects, queries=queries, max_pairs=pairs)
    print(f"{out}: heads for {bits} bits, protocol {learnt_by(settings.pieces)}")


@app.command()
def encode(
    data: DataArgument,
    run: Annotated[Path, typer.Option(help="folder of a run")],
    out: Annotated[Path, typer.Option(help="folder for codes.mat and codes.npz")],
    queries: Annotated[
        int | None,
        typer.Option(help="items drawn as queries; the rest is searched (default: as the run)"),
    ] = None,
    split: Annotated[str, typer.Option(help="of a collection")] = "test",
    threads: ThreadsOption = 1,
) -> None:
    """Write the codes of queries and of what is searched, as pictures and as texts.

    Queries are drawn as the run's protocol does; those that it was trained on are refused.
    """
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
    protocol: ProtocolOption = "own",
    map_at: Annotated[
        str | None,
        typer.Option(help="mAP@50: over hits among the first 50 retrieved, or 50 first relevant"),
    ] = None,
    unanswered: Annotated[
        str | None, typer.Option(help="queries without anything relevant: left-out or zero")
    ] = None,
    curve: Annotated[
        str | None, typer.Option(help="lengths: short, or published (181 from 1 to 18,015)")
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
    from hicalm.hashing.protocols import judging_settings

    judging = judging_settings(protocol, map_at=map_at, unanswered=unanswered, curve=curve)
    for path in (as_json, plot):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
    metrics = evaluate_codes(codes, judging)
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
