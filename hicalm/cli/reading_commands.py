"""Commands for what reads queries: plan-tagger train."""

from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import ThreadsOption, bound_threads

app = typer.Typer(help="Train what reads the plan of a query again.", no_args_is_help=True)


@app.callback()
def plan_tagger() -> None:
    """Keep ``train`` a command of its own: typer would drop the name of an only one."""


@app.command()
def train(
    out: Annotated[Path, typer.Argument(help="folder of the weights: checkpoints/plan_tagger")],
    steps: Annotated[int, typer.Option(min=1, help="of a batch of queries")] = 1600,
    hold_out: Annotated[
        list[str] | None, typer.Option(help="a writer whose queries only measure; may be repeated")
    ] = None,
    seed: Annotated[int, typer.Option(help="of the queries and their order")] = 1,
    threads: ThreadsOption = 1,
) -> None:
    """Train the plan tagger on the marked queries (20 minutes on one core)."""
    bound_threads(threads)
    from hicalm.reading.recipe.train_plan_tagger import TaggerConfig, train_plan_tagger

    train_plan_tagger(out, TaggerConfig(steps=steps, seed=seed), hold_out or ())
