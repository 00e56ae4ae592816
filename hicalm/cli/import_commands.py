"""Commands that import: published features, your own pictures, and pictures for features."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import ENCODERS, RayOption, ThreadsOption, bound_threads, load_encoders
from hicalm.importers.published_layouts import FRAMES, Layout, find_apartments, find_layout

app = typer.Typer(help="Make a collection of files from elsewhere.", no_args_is_help=True)

PathArgument = Annotated[Path, typer.Argument(help="folder of the published data set")]
OutOption = Annotated[Path, typer.Option(help="folder of the new collection")]
EncoderOption = Annotated[
    str,
    typer.Option(
        help="clip, blip_base, mobile_clip, siglip or ViT-L-14_laion2b_s32b_b82k "
        "(may be left out if there is only one)"
    ),
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
    _import(find_layout("museums3k", path, encoder, art), out, skip_broken)


@app.command()
def gamingmv(
    path: PathArgument,
    out: OutOption,
    encoder: EncoderOption = "",
    art: Annotated[
        str, typer.Option(help="the game expert's features: de, PCA64 and the like, or none")
    ] = "",
    frames: Annotated[int, typer.Option(help="most frames of a room, taken evenly")] = FRAMES,
    skip_broken: SkipOption = False,
) -> None:
    """Import the published features of GamingMV."""
    _import(find_layout("gamingmv", path, encoder, art, frames), out, skip_broken)


@app.command()
def apartments(
    path: Annotated[Path, typer.Argument(help="folder of AdOCTeRA, with open_clip_features")],
    out: OutOption,
    texts: Annotated[
        Path | None,
        typer.Option(help="folder of FArMARe, with descriptions (default: the same folder)"),
    ] = None,
    skip_broken: SkipOption = False,
) -> None:
    """Import the published features of the apartments of 3D-FRONT."""
    _import(find_apartments(path, texts), out, skip_broken)


@app.command()
def images(
    path: Annotated[
        Path, typer.Argument(help="folder or zip file: a folder per museum, in it one per room")
    ],
    out: OutOption,
    encoder: Annotated[str, typer.Option(help=ENCODERS)] = "builtin",
    art: Annotated[bool, typer.Option(help="also the art expert's features")] = True,
    objects: Annotated[
        bool, typer.Option(help="also the object expert's logits (built-in encoder only)")
    ] = True,
    title: Annotated[
        str, typer.Option(help="of the collection; the name of the folder or file if none")
    ] = "",
    train: Annotated[float, typer.Option(help="share of museums for training, 0 to 1")] = 0.0,
    validation: Annotated[float, typer.Option(help="share of museums for validation")] = 0.0,
    skip_broken: Annotated[
        bool,
        typer.Option("--skip-broken", help="leave out pictures and videos that cannot be read"),
    ] = False,
    ray: RayOption = None,
    threads: ThreadsOption = 2,
) -> None:
    """Import and encode pictures and videos; the same command again goes on after a break."""
    bound_threads(threads)
    from tqdm import tqdm

    from hicalm.importers.images import Shares, import_images

    load = partial(load_encoders, encoder, art, objects, threads)
    loaded, art_expert, object_expert = load()
    with tqdm(desc="views", unit="view") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = import_images(
            path,
            out,
            loaded,
            art_expert,
            object_expert=object_expert,
            skip_broken=skip_broken,
            name=title or None,
            shares=Shares(train, validation),
            progress=show,
            ray=ray,
            load=load,
            threads=threads,
        )
    print("\n".join(report.lines()))


@app.command()
def pictures(
    collection: Annotated[Path, typer.Argument(help="a collection of features alone")],
    folder: Annotated[Path, typer.Argument(help="a folder per museum, in it a folder per room")],
) -> None:
    """Add pictures to a collection that came without: one a view, in the order of their names."""
    from hicalm.importers.attached import attach_pictures

    print(f"{attach_pictures(collection, folder):,} pictures")


def _import(layout: Layout, out: Path, skip_broken: bool) -> None:
    from hicalm.importers.features import import_published

    print("\n".join(import_published(layout, out, skip_broken).lines()))
