"""What the commands share: where things lie by default, and their options."""

import ctypes
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hicalm.data.home import CHECKPOINTS, COLLECTION, QUERIES, not_at_home
from hicalm.errors import HicalmError

if TYPE_CHECKING:  # they take torch along
    from hicalm.encoders.art_expert import ArtExpert
    from hicalm.encoders.encoder import Encoder
    from hicalm.encoders.object_expert import ObjectExpert

ENCODERS = (
    "builtin, conse (photographs, offline), or an open_clip name: ViT-B-32, ViT-B-32:TAG, "
    "ViT-B-32:/path/weights.pt or hf-hub:OWNER/NAME"
)
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # parameters of glibc's mallopt


def shipped(what: str, default: Path) -> Callable[[typer.CallbackParam, Path], Path]:
    """Return the check of an option whose default lies in the repository, which may not be there.

    It is asked before the command begins, and raises HicalmError with what to pass.
    """

    def check(param: typer.CallbackParam, value: Path) -> Path:
        if value == default and not value.exists():
            raise not_at_home(what, value, f"pass {param.opts[0]}")
        return value

    return check


CollectionOption = Annotated[
    Path,
    typer.Option(
        "--collection",
        help="a collection's folder",
        callback=shipped("the built-in collection", COLLECTION),
    ),
]
CheckpointOption = Annotated[
    Path,
    typer.Option(
        "--checkpoint",
        help="a trained model's folder, or zero-shot",
        callback=shipped("a trained model", CHECKPOINTS / "hicalm"),
    ),
]
ReadingOption = Annotated[
    str,
    typer.Option(
        "--encoder",
        help="an open_clip name, with its weights, or a folder: reads queries of published "
        "features (default: what their name stands for)",
    ),
]
QueriesOption = Annotated[
    Path,
    typer.Option(
        "--queries",
        help="paraphrased queries",
        callback=shipped("the paraphrased queries", QUERIES),
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON, one object a line")]
ThreadsOption = Annotated[
    int, typer.Option("--threads", help="CPU threads; more than free cores is much slower")
]

RayOption = Annotated[
    str | None,
    typer.Option(
        "--ray", help="do it by a Ray cluster: its address (host:port), or local for this machine"
    ),
]


def load_encoders(
    name: str, art: bool, objects: bool, threads: int
) -> "tuple[Encoder, ArtExpert | None, ObjectExpert | None]":
    """Load an encoder and the experts that are asked for, for so many CPU threads."""
    bound_threads(threads)
    from hicalm.encoders.art_expert import ArtExpert
    from hicalm.encoders.encoder import Encoder
    from hicalm.encoders.object_expert import ObjectExpert

    art_expert, encoder = ArtExpert.load() if art else None, Encoder.load(name)
    return encoder, art_expert, ObjectExpert.beside(encoder) if objects else None


def refuse_processes(context: typer.Context, *trained: str) -> None:
    """Raise HicalmError where torchrun starts another command of a group than those ``trained``."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return
    # before torch is loaded: DDP would remark in every process that it looks for unused weights
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    if context.invoked_subcommand in trained:
        return
    if os.environ.get("RANK", "0") != "0":  # the first process says it
        raise SystemExit(2)
    raise HicalmError(
        "Several processes can run `train` and `hosa train` alone: start this without torchrun."
    )


def bound_threads(threads: int) -> None:
    """Bound torch's threads: with more threads than free cores it becomes many times slower."""
    if threads < 1:
        raise HicalmError(f"--threads must be at least 1, not {threads}.")
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    # before torch is loaded: MKL then adds up in an order that does not depend on the threads
    os.environ.setdefault("MKL_CBWR", "AVX512,STRICT")
    _reuse_memory()
    import torch

    torch.set_num_threads(threads)


def _reuse_memory() -> None:
    """Let the C library keep large blocks instead of fetching new pages for every tensor.

    With the defaults of glibc each tensor above 32 MB is new memory, whose pages the system has to
    clear: an eighth of the time of training. Elsewhere nothing changes.
    """
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
