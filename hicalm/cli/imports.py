"""Commands that import: ``import museums3k`` and ``import gamingmv``."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make a collection of files from elsewhere.", no_args_is_help=True)

PathArgument = Annotated[Path, typer.Argument(help="folder of the published data set")]
OutOption = Annotated[Path, typer.Option(help="folder of the new collection")]
EncoderOption = Annotated[
    str, typer.Option(help="clip, blip_base or mobile_clip (may be left out if there is only one)")
]
ArtOption = Annotated[str, typer.Option(help="the art expert's features, such as rn50, or none")]
SkipOption = Annotated[
    bool, typer.Option("--skip-broken", help="leave out museums that cannot be read")
]


@app.command()
def museums3k(
    path: PathArgument, out: OutOption, encoder: EncoderOption = "", art: ArtOption = "",
    skip_broken: SkipOption = False,
) -> None:  # fmt: skip
    """Import the published features of Museums3k."""
    _import("museums3k", path, out, encoder, art, skip_broken)


@app.command()
def gamingmv(
    path: PathArgument, out: OutOption, encoder: EncoderOption = "", art: ArtOption = "",
    skip_broken: SkipOption = False,
) -> None:  # fmt: skip
    """Import the published features of GamingMV."""
    _import("gamingmv", path, out, encoder, art, skip_broken)


def _import(kind: str, path: Path, out: Path, encoder: str, art: str, skip_broken: bool) -> None:
    from hicalm.data.imports import import_published
    from hicalm.data.published import find_layout

    report = import_published(find_layout(kind, path, encoder, art), out, skip_broken)
    print("\n".join(report.lines()))
