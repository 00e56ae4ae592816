"""Commands that import: ``import museums3k``, ``import gamingmv`` and ``import images``."""

from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import ThreadsOption, bound_threads

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
    path: PathArgument,
    out: OutOption,
    encoder: EncoderOption = "",
    art: ArtOption = "",
    skip_broken: SkipOption = False,
) -> None:
    """Import the published features of Museums3k."""
    _import("museums3k", path, out, encoder, art, skip_broken)


@app.command()
def gamingmv(
    path: PathArgument,
    out: OutOption,
    encoder: EncoderOption = "",
    art: ArtOption = "",
    skip_broken: SkipOption = False,
) -> None:
    """Import the published features of GamingMV."""
    _import("gamingmv", path, out, encoder, art, skip_broken)


@app.command()
def images(
    folder: Annotated[Path, typer.Argument(help="a folder per museum, in it a folder per room")],
    out: OutOption,
    encoder: Annotated[str, typer.Option(help="builtin, or an open_clip name")] = "builtin",
    art: Annotated[bool, typer.Option(help="also the art expert's features")] = True,
    objects: Annotated[
        bool, typer.Option(help="also the object expert's logits (built-in encoder only)")
    ] = True,
    title: Annotated[str, typer.Option(help="of the collection; the folder's name if none")] = "",
    train: Annotated[float, typer.Option(help="share of museums for training, 0 to 1")] = 0.0,
    validation: Annotated[float, typer.Option(help="share of museums for validation")] = 0.0,
    skip_broken: Annotated[
        bool, typer.Option("--skip-broken", help="leave out pictures that cannot be read")
    ] = False,
    threads: ThreadsOption = 2,
) -> None:
    """Import and encode your own pictures; the same command again goes on after a break."""
    bound_threads(threads)
    from tqdm import tqdm

    from hicalm.encoders.art_expert import ArtExpert
    from hicalm.encoders.encoder import Encoder
    from hicalm.encoders.object_expert import ObjectExpert
    from hicalm.importers.images import Shares, import_images

    art_expert, loaded = ArtExpert.load() if art else None, Encoder.load(encoder)
    object_expert = ObjectExpert.beside(loaded) if objects else None
    with tqdm(desc="views", unit="view") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = import_images(
            folder,
            out,
            loaded,
            art_expert,
            object_expert=object_expert,
            skip_broken=skip_broken,
            name=title or None,
            shares=Shares(train, validation),
            progress=show,
        )
    print("\n".join(report.lines()))


def _import(kind: str, path: Path, out: Path, encoder: str, art: str, skip_broken: bool) -> None:
    from hicalm.importers.features import import_published
    from hicalm.importers.published_layouts import find_layout

    report = import_published(find_layout(kind, path, encoder, art), out, skip_broken)
    print("\n".join(report.lines()))
