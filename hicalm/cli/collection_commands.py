"""Commands for collections: world, encode, export-split, rooms, map."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hicalm.cli.options import (
    ENCODERS,
    CheckpointOption,
    RayOption,
    ThreadsOption,
    bound_threads,
    load_encoders,
)
from hicalm.data.home import CHECKPOINTS
from hicalm.errors import HicalmError

app = typer.Typer()


@app.command()
def world(
    out: Annotated[Path, typer.Argument(help="folder of the new collection")],
    train_museums: Annotated[int, typer.Option("--train", min=0)] = 1500,
    validation_museums: Annotated[int, typer.Option("--validation", min=0)] = 150,
    test_museums: Annotated[int, typer.Option("--test", min=0)] = 450,
    seed: int = 2026,
    covers: Annotated[bool, typer.Option(help="also render a cover for every museum")] = False,
) -> None:
    """Make a built-in world: specifications and descriptions (then: encode)."""
    from hicalm.data.collection import save_collection
    from hicalm.world.generate import world_collection, write_covers

    sizes = {"train": train_museums, "validation": validation_museums, "test": test_museums}
    if not any(sizes.values()):
        raise HicalmError("Ask for at least one museum.")
    made = world_collection(seed, sizes)
    save_collection(made, out)
    if covers:
        write_covers(made, out)


@app.command()
def encode(
    collection: Annotated[Path, typer.Argument(help="a collection's folder")],
    encoder: Annotated[str, typer.Option(help=ENCODERS)] = "builtin",
    art: Annotated[bool, typer.Option(help="also the art expert's features")] = True,
    objects: Annotated[
        bool, typer.Option(help="also the object expert's logits (built-in encoder only)")
    ] = True,
    pictures: Annotated[
        Path | None, typer.Option(help="where a built-in world's encoder pictures are kept")
    ] = None,
    ray: RayOption = None,
    threads: ThreadsOption = 2,
) -> None:
    """Encode the views and sentences of a collection."""
    bound_threads(threads)
    from hicalm.data.collection import load_collection, save_collection
    from hicalm.data.ray_work import remove_work
    from hicalm.encoders.encode import encode_collection
    from hicalm.encoders.encode_pieces import WORK, encode_by_ray

    load = partial(load_encoders, encoder, art, objects, threads)
    if ray is None:
        own, art_expert, object_expert = load()
        loaded = load_collection(collection)
        encoded = encode_collection(loaded, own, art_expert, pictures, object_expert)
        save_collection(encoded, collection)
        return
    if pictures is not None:
        raise HicalmError(
            "With --ray every process draws the pictures that it encodes: leave out --pictures."
        )
    save_collection(encode_by_ray(collection, load, ray, threads), collection)
    remove_work(collection, WORK)


@app.command()
def export_split(
    collection: Annotated[Path, typer.Argument(help="a collection's folder")],
    split: Annotated[str, typer.Argument(help="train, validation or test")],
    out: Annotated[Path, typer.Argument(help="folder of the new collection")],
    covers: Annotated[bool, typer.Option(help="also render a cover for every museum")] = False,
) -> None:
    """Write one split of a collection, with its features, as a collection of its own."""
    from hicalm.data.collection import load_collection, save_collection
    from hicalm.data.pictures import copy_pictures
    from hicalm.world.generate import write_covers

    if out.resolve() == collection.resolve():
        raise HicalmError("OUT must be another folder than the collection itself.")
    whole = load_collection(collection)
    part = whole.split(split)
    save_collection(part, out)
    copy_pictures(whole, part, out)
    if covers:
        write_covers(part, out)


@app.command()
def rooms(
    collection: Annotated[Path, typer.Argument(help="a collection's folder, with features")],
    write: Annotated[
        Path | None, typer.Option(help="folder of a new collection in the discovered rooms")
    ] = None,
) -> None:
    """Print the rooms discovered in museums without rooms, a JSON object a line, or write them."""
    from hicalm.data.collection import load_collection
    from hicalm.data.discovered_collection import write_discovered_rooms
    from hicalm.data.room_discovery import discovered_rooms
    from hicalm.files import to_json

    if write is not None:
        museums, found_rooms = write_discovered_rooms(collection, write)
        print(to_json({"museums": museums, "discovered_rooms": found_rooms}))
        return
    loaded = load_collection(collection)
    for museum in loaded.museums:
        found = discovered_rooms(loaded, museum.id)
        numbers = [[view + 1 for view in room] for room in found]
        print(to_json({"museum_id": museum.id, "rooms": numbers}, ensure_ascii=False))


@app.command("map")
def make_map(
    collection: Annotated[Path, typer.Argument(help="a collection's folder")],
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    seed: int = 2026,
    neighbours: Annotated[int, typer.Option(help="how far the fit looks round a point")] = 15,
    min_dist: Annotated[float, typer.Option(help="how close points may come, 0 to 1")] = 0.1,
    sample: Annotated[
        int | None, typer.Option(help="how many museums to draw at random, with --seed")
    ] = None,
    names_only: Annotated[
        bool, typer.Option("--names-only", help="keep the points, find purities and regions anew")
    ] = False,
    threads: ThreadsOption = 1,
) -> None:
    """Fit the maps of a collection: museums, rooms and views as points (minutes)."""
    from hicalm.files import finite, to_json

    bound_threads(threads)
    from hicalm.data.collection import load_collection
    from hicalm.maps.fit import MapSettings, fit_maps
    from hicalm.maps.map import load_maps, save_head, save_maps
    from hicalm.maps.sample import shown_museums
    from hicalm.maps.structure import find_structure
    from hicalm.training.seed_runs import best_run

    if names_only and sample is not None:
        raise HicalmError("--names-only keeps the points that are there: leave out --sample.")
    checkpoint = best_run(checkpoint)
    settings = MapSettings(seed=seed, neighbours=neighbours, min_dist=min_dist, sample=sample)
    loaded = load_collection(collection)
    if names_only:
        kept = load_maps(loaded, checkpoint)
        shown = shown_museums(loaded, kept.sample)
        maps = replace(kept, structure=find_structure(kept.levels, shown, kept.seed))
        save_head(maps, collection)
    else:
        maps = fit_maps(loaded, checkpoint, settings, progress=True)
        save_maps(maps, collection)
    report = {
        "museums": len(maps.levels["museum"].xy),
        "of_museums": len(loaded.museums),
        "metrics": maps.metrics,
        "purity": maps.structure.purity,
    }
    print(to_json(finite(report), indent=1))
