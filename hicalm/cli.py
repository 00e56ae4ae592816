"""The command line: ``python -m hicalm``.

For searching: search, explain, museums. For figures: evaluate. For collections: world, encode, take, map.
For models: train, weights, publish. For the built-in encoder: encoder pictures|image|text|art|pack.

Heavy libraries are imported inside the commands, so that ``--help`` answers at once.
"""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hicalm.errors import HicalmError

ROOT = Path(__file__).resolve().parent.parent
COLLECTION = ROOT / "assets" / "world"
CHECKPOINTS = ROOT / "checkpoints"
QUERIES = ROOT / "assets" / "queries" / "paraphrased.jsonl"

app = typer.Typer(
    help="Search, train and evaluate HiCALM on collections of museums.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
encoder_app = typer.Typer(help="Train the built-in encoder again.", no_args_is_help=True)
app.add_typer(encoder_app, name="encoder")

CollectionOption = Annotated[Path, typer.Option("--collection", help="a collection's folder")]
CheckpointOption = Annotated[Path, typer.Option("--checkpoint", help="a trained model's folder")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON, one object a line")]
ThreadsOption = Annotated[
    int, typer.Option("--threads", help="CPU threads; more than free cores is much slower")
]


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="what the museum should show")] = None,
    queries: Annotated[Path | None, typer.Option(help="a file with a query a line")] = None,
    top: Annotated[int, typer.Option(min=1, help="number of museums")] = 5,
    as_json: JsonOption = False,
    collection: CollectionOption = COLLECTION,
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    threads: ThreadsOption = 1,
) -> None:
    """Rank the museums of a collection for one query or for a file of queries."""
    texts = _query_texts(query, queries)
    _bound_threads(threads)
    from hicalm.search import Searcher

    searcher = Searcher.open(collection, checkpoint)
    for text in texts:
        result = searcher.search(text, top)
        if as_json:
            print(json.dumps(result.to_json(), ensure_ascii=False), flush=True)
            continue
        print(f"{result.query}   ({result.seconds * 1000:.0f} ms)")
        for place, match in enumerate(result.matches, start=1):
            parts = "  ".join(f"{level} {part:+.3f}" for level, part in match.levels.items())
            print(f"{place:3d}. {match.score:.3f}  {match.title} ({match.museum_id})  {parts}")


def _query_texts(query: str | None, queries: Path | None) -> list[str]:
    if (query is None) == (queries is None):
        raise HicalmError("Give either a query or --queries FILE.")
    if query is not None:
        return [query]
    try:
        # Not splitlines: it also splits at control characters, and a query may hold them.
        lines = queries.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise HicalmError(f"The queries in '{queries}' cannot be read: {error}.") from error
    from hicalm.text import check_query

    texts = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    for number, line in texts:  # before the models are loaded, so that nothing is half answered
        try:
            check_query(line)
        except HicalmError as error:
            raise HicalmError(f"Line {number} of '{queries}': {error}") from error
    return [line for _, line in texts]


@app.command()
def explain(
    query: Annotated[str, typer.Argument(help="what the museum should show")],
    museum_id: Annotated[str, typer.Argument(help="a museum of the collection")],
    as_json: JsonOption = False,
    collection: CollectionOption = COLLECTION,
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    threads: ThreadsOption = 1,
) -> None:
    """Say what each level, room, view and phrase contributed to a museum's score."""
    _bound_threads(threads)
    from hicalm.search import Searcher

    searcher = Searcher.open(collection, checkpoint)
    explanation = searcher.explain(searcher.read(query), museum_id)
    if as_json:
        print(json.dumps(explanation.to_json(), ensure_ascii=False))
        return
    print(f"{explanation.title} ({museum_id}): score {explanation.score:.3f}")
    for level, part in explanation.levels.items():
        print(f"  {part:+.3f}  {level} level")
    for room in explanation.rooms:
        view = max(room.views, key=lambda view: view.contribution)
        print(
            f"  {room.contribution:+.3f}  room {room.index + 1}, similarity {room.similarity:+.2f}; "
            f"its strongest view, {view.index + 1}: {view.contribution:+.3f}"
        )
    for part in explanation.query_parts:
        print(f'  {part.contribution:+.3f}  "{part.text}"')


@app.command()
def museums(as_json: JsonOption = False, collection: CollectionOption = COLLECTION) -> None:
    """Print the specifications of a collection, one museum a line."""
    from hicalm.data.collection import load_collection

    loaded = load_collection(collection)
    if as_json and not loaded.specifications:
        raise HicalmError(f"The collection '{collection}' has no specifications.")
    for row, museum in enumerate(loaded.museums):
        if as_json:
            print(json.dumps(loaded.specifications[row], ensure_ascii=False))
        else:
            print(f"{museum.id}  {len(museum.rooms)} rooms  {museum.title}")


@app.command()
def evaluate(
    as_json: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
    ranks: Annotated[
        Path | None, typer.Option(help="also write the right museum's rank for every text here")
    ] = None,
    collection: CollectionOption = COLLECTION,
    checkpoints: Annotated[Path, typer.Option(help="folder of the models")] = CHECKPOINTS,
    queries: Annotated[Path, typer.Option(help="paraphrased queries")] = QUERIES,
    threads: ThreadsOption = 2,
) -> None:
    """Compare HiCALM with the baselines on the test museums."""
    _bound_threads(threads)
    from hicalm.files import write_text
    from hicalm.report import Comparison, markdown_table

    for path in (as_json, ranks):
        if path is not None:  # before the work, so that a path that cannot be is known at once
            path.parent.mkdir(parents=True, exist_ok=True)
    comparison = Comparison(collection, checkpoints, queries, "test")
    figures = comparison.figures()
    print(markdown_table(figures))
    if as_json is not None:
        write_text(as_json, json.dumps(figures, indent=1) + "\n")
    if ranks is not None:
        comparison.ranks().save(ranks)


@app.command()
def faithfulness(
    as_json: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
    museums: Annotated[int, typer.Option(help="museums whose descriptions are queries")] = 150,
    collection: CollectionOption = COLLECTION,
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    queries: Annotated[Path, typer.Option(help="paraphrased queries")] = QUERIES,
    threads: ThreadsOption = 1,
) -> None:
    """Measure whether contributions say what carried the scores (about ten minutes)."""
    _bound_threads(threads)
    from hicalm.explain.faithfulness import faithfulness as measure
    from hicalm.explain.faithfulness import markdown_table
    from hicalm.files import write_text
    from hicalm.relevance import load_queries
    from hicalm.search import Searcher

    if as_json is not None:
        as_json.parent.mkdir(parents=True, exist_ok=True)
    figures = measure(Searcher.open(collection, checkpoint), load_queries(queries, "test"), museums)
    print(markdown_table(figures))
    if as_json is not None:
        write_text(as_json, json.dumps(figures, indent=1) + "\n")


@app.command()
def train(
    collection: Annotated[Path, typer.Argument(help="a collection with train and validation")],
    out: Annotated[Path, typer.Option(help="folder of the run")],
    model: Annotated[str, typer.Option(help="hicalm, flat or hierartex")] = "hicalm",
    preset: Annotated[str, typer.Option(help="explorer or published")] = "explorer",
    loss: Annotated[str | None, typer.Option(help="infonce or hinge (default: preset's)")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the train split")] = None,
    dropout: Annotated[float, typer.Option(help="share of input features dropped")] = 0.1,
    art: Annotated[bool, typer.Option(help="use the art expert's features")] = True,
    seed: int = 0,
    threads: ThreadsOption = 1,
) -> None:
    """Train a model; run the same command again to resume."""
    _bound_threads(threads)
    from hicalm.experiment import train_on_collection

    changes = {"seed": seed, "loss": loss, "epochs": epochs}
    changes = {name: value for name, value in changes.items() if value is not None}
    train_on_collection(collection, out, model, preset, changes, dropout, art)


@app.command()
def weights(
    collection: Annotated[Path, typer.Argument(help="a collection with a validation split")],
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    queries: Annotated[Path, typer.Option(help="paraphrased queries")] = QUERIES,
    threads: ThreadsOption = 1,
) -> None:
    """Choose the level weights on the validation split and write them beside the checkpoint."""
    _bound_threads(threads)
    from hicalm.report import choose_and_save_weights

    print(choose_and_save_weights(collection, checkpoint, queries))


@app.command()
def publish(
    run: Annotated[Path, typer.Argument(help="folder of a run")],
    out: Annotated[Path, typer.Argument(help="folder of the checkpoint, e.g. checkpoints/hicalm")],
) -> None:
    """Write a run's best model, in half precision, as a checkpoint to ship."""
    from hicalm.checkpoints import publish_model

    publish_model(run, out)


@app.command()
def encode(
    collection: Annotated[Path, typer.Argument(help="a collection's folder")],
    encoder: Annotated[str, typer.Option(help="builtin, or an open_clip name")] = "builtin",
    art: Annotated[bool, typer.Option(help="also the art expert's features")] = True,
    pictures: Annotated[
        Path | None, typer.Option(help="where a built-in world's encoder pictures are kept")
    ] = None,
    threads: ThreadsOption = 2,
) -> None:
    """Encode the views and sentences of a collection."""
    _bound_threads(threads)
    from hicalm.data.collection import load_collection, save_collection
    from hicalm.encoders.art_expert import ArtExpert
    from hicalm.encoders.encode import encode_collection
    from hicalm.encoders.encoder import Encoder

    expert = ArtExpert.load() if art else None
    loaded = load_collection(collection)
    save_collection(encode_collection(loaded, Encoder.load(encoder), expert, pictures), collection)


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
    from hicalm.data.builtin import world_collection, write_covers
    from hicalm.data.collection import save_collection

    sizes = {"train": train_museums, "validation": validation_museums, "test": test_museums}
    if not any(sizes.values()):
        raise HicalmError("Ask for at least one museum.")
    made = world_collection(seed, sizes)
    save_collection(made, out)
    if covers:
        write_covers(made, out)


@app.command("map")
def make_map(
    collection: Annotated[Path, typer.Argument(help="a collection's folder")],
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    seed: int = 2026,
    neighbours: Annotated[int, typer.Option(help="how far the fit looks round a point")] = 15,
    min_dist: Annotated[float, typer.Option(help="how close points may come, 0 to 1")] = 0.1,
    threads: ThreadsOption = 1,
) -> None:
    """Fit the maps of a collection: museums, rooms and views as points (minutes)."""
    _bound_threads(threads)
    from hicalm.data.collection import load_collection
    from hicalm.maps.fit import fit_maps
    from hicalm.maps.map import save_maps

    loaded = load_collection(collection)
    maps = fit_maps(loaded, checkpoint, seed, neighbours, min_dist, progress=True)
    save_maps(maps, collection)
    print(json.dumps(maps.figures, indent=1))


@app.command()
def take(
    collection: Annotated[Path, typer.Argument(help="a collection's folder")],
    split: Annotated[str, typer.Argument(help="train, validation or test")],
    out: Annotated[Path, typer.Argument(help="folder of the new collection")],
    covers: Annotated[bool, typer.Option(help="also render a cover for every museum")] = False,
) -> None:
    """Write one split of a collection, with its features, as a collection of its own."""
    from hicalm.data.builtin import write_covers
    from hicalm.data.collection import load_collection, save_collection
    from hicalm.data.pictures import copy_pictures

    if out.resolve() == collection.resolve():
        raise HicalmError("OUT must be another folder than the collection itself.")
    whole = load_collection(collection)
    part = whole.split(split)
    save_collection(part, out)
    copy_pictures(whole, part, out)
    if covers:
        write_covers(part, out)


@encoder_app.command("pictures")
def encoder_pictures(
    pictures: Annotated[Path, typer.Argument(help="folder for the rendered pictures (12 GB)")],
    part: Annotated[int, typer.Option(min=0, help="which part of the museums, from 0")] = 0,
    parts: Annotated[int, typer.Option(min=1, help="into how many processes it is split")] = 1,
) -> None:
    """Render the built-in world at encoder size; can be stopped and taken up again."""
    from hicalm.data.builtin import WORLD_SEED
    from hicalm.encoders.recipe import open_store

    open_store(pictures).render(WORLD_SEED, part, parts)


@encoder_app.command("image")
def encoder_image(pictures: Path, out: Path, threads: ThreadsOption = 1) -> None:
    """Train the image tower on the rendered train split."""
    _bound_threads(threads)
    from hicalm.encoders.recipe import train_image

    train_image(pictures, out)


@encoder_app.command("text")
def encoder_text(out: Path, threads: ThreadsOption = 1) -> None:
    """Train the text tower's upper layers and projection."""
    _bound_threads(threads)
    from hicalm.encoders.recipe import train_text

    train_text(out)


@encoder_app.command("art")
def encoder_art(pictures: Path, out: Path, threads: ThreadsOption = 1) -> None:
    """Train the art expert on the rendered train split."""
    _bound_threads(threads)
    from hicalm.encoders.recipe import train_art

    train_art(pictures, out)


@encoder_app.command("pack")
def encoder_pack(
    pictures: Path, run: Path, out: Path = CHECKPOINTS / "encoder", threads: ThreadsOption = 2
) -> None:
    """Pack both trained towers into an encoder's folder and measure its gates."""
    _bound_threads(threads)
    from hicalm.encoders.recipe import pack

    print(json.dumps(pack(pictures, run, out), indent=1))


def _bound_threads(threads: int) -> None:
    """Bound torch's threads: with more threads than free cores it becomes many times slower."""
    if threads < 1:
        raise HicalmError(f"--threads must be at least 1, not {threads}.")
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    import torch

    torch.set_num_threads(threads)


def main() -> None:
    """Run the command line; a mistake of the caller is one sentence on standard error."""
    try:
        app()
    except HicalmError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except OSError as error:  # a path that cannot be written or read, or a full disk
        where = f" '{error.filename}'" if error.filename else ""
        print(f"error: {error.strerror or error}{where}. Name another path.", file=sys.stderr)
        raise SystemExit(2) from None
