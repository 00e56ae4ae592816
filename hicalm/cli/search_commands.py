"""Commands for searching: search, explain, museums, index."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hicalm.cli.options import (
    CheckpointOption,
    CollectionOption,
    JsonOption,
    RayOption,
    ReadingOption,
    ThreadsOption,
    bound_threads,
)
from hicalm.data.home import CHECKPOINTS, COLLECTION, is_zero_shot
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS

if TYPE_CHECKING:  # it takes torch along
    from hicalm.models import DualEncoder
    from hicalm.retrieval.stored_index import StoredIndex

ADDRESS = "address of an index: a file that ends in .db, or http://... of a Milvus server"
ENGINE = f"{ADDRESS}, or `vectors`: what `index --vectors` stored beside the collection"

app = typer.Typer()


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="what the museum should show")] = None,
    queries: Annotated[Path | None, typer.Option(help="a file with a query a line")] = None,
    top: Annotated[int, typer.Option(min=1, help="number of museums")] = 5,
    stages: Annotated[
        str | None, typer.Option(help="of shortlist,rank,rerank (default: as on the page)")
    ] = None,
    index: Annotated[str, typer.Option(help=ENGINE)] = "",
    as_json: JsonOption = False,
    collection: CollectionOption = COLLECTION,
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    encoder: ReadingOption = "",
    threads: ThreadsOption = 1,
) -> None:
    """Rank the museums of a collection for one query or for a file of queries."""
    from hicalm.files import to_json

    texts = _query_texts(query, queries)
    bound_threads(threads)
    from hicalm.search.searcher import Searcher

    searcher = Searcher.open(collection, checkpoint, encoder, index)
    for text in texts:
        result = searcher.search(text, top, stages=stages.split(",") if stages else None)
        if as_json:
            print(to_json(result.to_json(), ensure_ascii=False), flush=True)
            continue
        spent = [f"{report.name} {report.seconds * 1000:.0f} ms" for report in result.stages]
        print(f"{result.query}   ({result.seconds * 1000:.0f} ms: {', '.join(spent)})")
        for rank, match in enumerate(result.matches, start=1):
            parts = "  ".join(f"{level} {part:+.3f}" for level, part in match.levels.items())
            print(f"{rank:3d}. {match.score:.3f}  {match.title} ({match.museum_id})  {parts}")
    if searcher.rerank_note:
        print(f"note: {searcher.rerank_note}", file=sys.stderr)


def _query_texts(query: str | None, queries: Path | None) -> list[str]:
    if query is not None and queries is None:
        return [query]
    if query is not None or queries is None:
        raise HicalmError("Give either a query or --queries FILE.")
    try:
        # Not splitlines: it also splits at control characters, and a query may hold them.
        lines = queries.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise HicalmError(f"The queries in '{queries}' cannot be read: {error}.") from error
    from hicalm.reading.query_text import check_query

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
    encoder: ReadingOption = "",
    threads: ThreadsOption = 1,
) -> None:
    """Say what each level, room, view and phrase contributed to a museum's score."""
    from hicalm.files import to_json

    bound_threads(threads)
    from hicalm.search.searcher import Searcher

    searcher = Searcher.open(collection, checkpoint, encoder)
    explanation = searcher.explain(searcher.read(query), museum_id)
    if as_json:
        print(to_json(explanation.to_json(), ensure_ascii=False))
        return
    print(f"{explanation.title} ({museum_id}): score {explanation.score:.3f}")
    for level, contribution in explanation.levels.items():
        print(f"  {contribution:+.3f}  {level}{' level' if level in LEVELS else ''}")
    for room in explanation.rooms:
        best = max(room.views, key=lambda view: view.contribution)
        print(
            f"  {room.contribution:+.3f}  room {room.index + 1}, similarity {room.similarity:+.2f}"
            f" (view {best.index + 1}: {best.contribution:+.3f})"
        )
    for part in explanation.query_parts:
        print(f'  {part.contribution:+.3f}  "{part.text}"')


@app.command()
def museums(as_json: JsonOption = False, collection: CollectionOption = COLLECTION) -> None:
    """Print the specifications of a collection, one museum a line."""
    from hicalm.data.collection import load_collection
    from hicalm.files import to_json

    loaded = load_collection(collection)
    if as_json and not loaded.specifications:
        raise HicalmError(f"The collection '{collection}' has no specifications.")
    for row, museum in enumerate(loaded.museums):
        if as_json:
            print(to_json(loaded.specifications[row], ensure_ascii=False))
        else:
            print(f"{museum.id}  {len(museum.rooms)} rooms  {museum.title}")


@app.command()
def index(
    collection: Annotated[Path, typer.Argument(help="a collection's folder")],
    to: Annotated[str, typer.Option(help=ADDRESS)] = "",
    vectors: Annotated[
        bool, typer.Option(help="store the vectors beside the collection too: searches map them")
    ] = False,
    anew: Annotated[
        bool, typer.Option(help="remove what is there of the collection first")
    ] = False,
    checkpoint: CheckpointOption = CHECKPOINTS / "hicalm",
    ray: RayOption = None,
    threads: ThreadsOption = 1,
) -> None:
    """Bring a collection into an index: what is new is written, what is gone is removed.

    Its museums are no longer read into memory from then on.
    """
    if not (to or vectors):
        raise HicalmError("Say where the index is to be: --to ADDRESS, --vectors, or both.")
    bound_threads(threads)
    from tqdm import tqdm

    from hicalm.data.collection import load_collection
    from hicalm.data.ray_work import remove_work
    from hicalm.retrieval.index import check_encoder
    from hicalm.retrieval.stored_index import StoredVectors
    from hicalm.retrieval.words import usual_words
    from hicalm.search.candidates import VECTORS
    from hicalm.search.index_pieces import WORK, write_by_ray
    from hicalm.search.indexing import (
        index_collection,
        model_name,
        store_vectors,
        write_in_turn,
    )
    from hicalm.search.milvus_index import MilvusIndex
    from hicalm.search.searcher import Searcher
    from hicalm.training.seed_runs import best_run

    museums, run = load_collection(collection, store=True), best_run(checkpoint)
    museums.features.rows("view")  # says so where there are none
    usual_words(museums)  # the searches find them there
    here = run if is_zero_shot(run) else run.resolve()  # other processes start elsewhere
    load = partial(_load_model, here, collection.resolve(), threads)
    model, name = load(), model_name(run, museums)
    check_encoder(museums, model)
    target = MilvusIndex.open(to, museums.name) if to else None
    if target is not None and anew:
        target.drop()
    if vectors and anew:
        StoredVectors.drop(museums)
    stored = StoredVectors.make(museums, model, name) if vectors else None
    write = write_in_turn
    if ray is not None:
        write = partial(write_by_ray, collection, load, to or None, ray, threads)
    with tqdm(total=len(museums.museums), desc="museums", unit="") as bar:

        def report(more: int) -> None:
            bar.update(more)

        written = removed = 0
        if target is not None:
            written, removed = index_collection(museums, model, name, target, stored, report, write)
        elif stored is not None:
            written = store_vectors(museums, model, stored, report, write)
    remove_work(collection, WORK)
    if stored is not None:  # what searches would wait for is stored, too
        _store_candidates(stored.index(model))
        Searcher.open(museums, run, address=VECTORS)
    where = to or f"{collection}/{VECTORS}"
    print(f"{len(museums.museums):,} museums at {where}: {written:,} written, {removed:,} removed")


def _store_candidates(index: "StoredIndex") -> None:
    from tqdm import tqdm

    from hicalm.search.stored_candidates import StoredCandidates

    with tqdm(unit="") as bar:

        def report(level: str, more: int) -> None:
            bar.set_description(f"{level}s")
            bar.update(more)

        StoredCandidates.store(index, report)


def _load_model(run: Path, collection: Path, threads: int) -> "DualEncoder":
    bound_threads(threads)
    from hicalm.data.collection import load_collection
    from hicalm.models.checkpoints import open_model

    return open_model(run, load_collection(collection))
