"""What the commands share: where things lie by default, and their options."""

import os
from pathlib import Path
from typing import Annotated

import typer

from hicalm.errors import HicalmError

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = ROOT / "assets" / "world"
CHECKPOINTS = ROOT / "checkpoints"
QUERIES = ROOT / "assets" / "queries" / "paraphrased.jsonl"

CollectionOption = Annotated[Path, typer.Option("--collection", help="a collection's folder")]
CheckpointOption = Annotated[Path, typer.Option("--checkpoint", help="a trained model's folder")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON, one object a line")]
ThreadsOption = Annotated[
    int, typer.Option("--threads", help="CPU threads; more than free cores is much slower")
]


def bound_threads(threads: int) -> None:
    """Bound torch's threads: with more threads than free cores it becomes many times slower."""
    if threads < 1:
        raise HicalmError(f"--threads must be at least 1, not {threads}.")
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    import torch

    torch.set_num_threads(threads)
