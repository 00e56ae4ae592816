"""Commands for what reads rooms attribute by attribute: match train, match calibrate."""

from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import CheckpointOption, ThreadsOption, bound_threads
from hicalm.data.home import ABSENT, CALIBRATION, CHECKPOINTS, LABELLED

app = typer.Typer(
    help="How far rooms show what a phrase asks for, and how sure an answer is.",
    no_args_is_help=True,
)

WorldArgument = Annotated[
    Path, typer.Argument(help="a built-in world with validation museums and their features")
]
OutArgument = Annotated[Path, typer.Argument(help="folder of the weights: checkpoints/match")]


@app.command()
def train(
    world: WorldArgument,
    out: OutArgument,
    seed: int = 0,
    threads: ThreadsOption = 1,
) -> None:
    """Teach the share networks on the validation museums of a world."""
    bound_threads(threads)
    from hicalm.data.collection import load_collection
    from hicalm.matching.match_training import MatchTrainingConfig, train_share_networks

    collection = load_collection(world).split("validation")
    train_share_networks(collection, MatchTrainingConfig(seed=seed)).save(out)
    print(f"{out}: share networks of {len(collection.museums)} museums")


@app.command()
def calibrate(
    world: WorldArgument,
    out: OutArgument,
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    queries: Annotated[
        list[Path] | None,
        typer.Option(
            help="labelled queries; may be repeated (default: the paraphrased, plain and "
            "structured ones, and those for calibration)"
        ),
    ] = None,
    absent: Annotated[Path, typer.Option(help="queries for what no museum has")] = ABSENT,
    threads: ThreadsOption = 1,
) -> None:
    """Calibrate how sure answers are, on validation museums and queries (about two minutes)."""
    bound_threads(threads)
    from hicalm.search.fit_queries import calibrate_and_save_fits

    found = calibrate_and_save_fits(
        world, out, checkpoint, queries or (*LABELLED, CALIBRATION), absent
    )
    print(f"{out}: an answer is found from a fit of {found.found_from:.3f}")
