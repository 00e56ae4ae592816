"""An evaluation as the command line asks for it: what is compared, and the files of its results."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hicalm.data.collection import Collection, load_collection
from hicalm.errors import HicalmError
from hicalm.evaluation.comparison import Comparison
from hicalm.evaluation.labelled import (
    AbsentQuery,
    LabelledSet,
    labelled_sets,
    load_absent_queries,
)
from hicalm.evaluation.metric_tables import ComparisonMetrics, markdown_tables, metrics_csv
from hicalm.evaluation.model_runs import find_methods
from hicalm.evaluation.plots import save_plots
from hicalm.evaluation.product import Product
from hicalm.evaluation.user_queries import UserQueries, load_user_queries
from hicalm.files import finite, to_json, write_text
from hicalm.levels import FULL, LENGTHS
from hicalm.retrieval.methods import DEFAULT
from hicalm.retrieval.words import STOP_WORDS, load_stop_words

OpenProduct = Callable[[Collection, Path], Product]


@dataclass(frozen=True)
class Request:
    """The options of ``python -m hicalm evaluate``; None where one was not given."""

    collection: Path
    checkpoints: Path | None  # a folder of models and runs
    runs: tuple[Path, ...]  # single models and runs
    names: tuple[str, ...]  # only these methods; none for all
    split: str
    lengths: str | None  # names of levels.LENGTHS with commas
    concepts: bool
    stop_words: Path | None
    user_queries: Path | None
    relevance: Path | None
    first_user_queries: int | None  # only so many of them
    queries: tuple[Path, ...]  # files of labelled queries; none for the default ones
    default_queries: tuple[Path, ...]
    absent: Path | None  # queries for what no museum has
    default_absent: Path
    ranks: bool  # the ranks for the app are wanted
    plot: bool


def compare(request: Request, open_product: OpenProduct | None = None) -> Comparison:
    """Return the comparison that is asked for; scoring begins with its ``metrics``.

    ``open_product`` opens the product over a collection and a checkpoint: where labelled queries
    can be judged it is the method ``default``.

    Without ground truth only the full descriptions are queries unless ``lengths`` says otherwise,
    and models rank by levels only where level weights were chosen for them. Raises HicalmError for
    options that contradict each other, and for files that cannot be read.
    """
    stop_words = _stop_words(request)
    collection = load_collection(request.collection).split(request.split)
    for kind in ("view", "sentence"):
        if kind not in collection.features.fingerprints:
            raise HicalmError(
                f"The collection '{request.collection}' has no {kind} features. Encode it first."
            )
    truth = bool(collection.specifications)
    lengths = _lengths(request, truth)
    notes: list[str] = []
    labelled = _labelled(request, collection, notes)
    product = bool(labelled) and open_product is not None
    methods = find_methods(
        request.checkpoints, request.runs, request.names, levels=truth, product=product
    )
    own = next((method.runs[0] for method in methods if method.name == DEFAULT), None)
    return Comparison(
        collection,
        methods,
        lengths,
        labelled,
        stop_words,
        _user_queries(request, collection),
        () if own is None else _absent(request, notes),
        None if open_product is None or own is None else partial(open_product, collection, own),
        request.ranks,
        notes,
    )


def write_results(
    comparison: Comparison, metrics: ComparisonMetrics, out: Mapping[str, Path | None]
) -> str:
    """Write the files asked for by kind, and return the metrics as tables. Raises OSError."""
    tables = markdown_tables(metrics)
    if path := out.get("json"):
        write_text(path, to_json(finite(metrics), indent=1) + "\n")
    if path := out.get("csv"):
        write_text(path, metrics_csv(metrics))
    if path := out.get("markdown"):
        write_text(path, tables + "\n")
    if path := out.get("plot"):
        bins = metrics.get("certainty", {}).get("bins", ())
        save_plots(comparison.full_ranks, len(comparison.collection.museums), bins, path)
    if path := out.get("ranks"):
        comparison.ranks().save(path)
    return tables


def _stop_words(request: Request) -> frozenset[str] | None:
    if request.concepts:
        return load_stop_words(request.stop_words or STOP_WORDS)
    if request.stop_words is not None:
        raise HicalmError("--stop-words plays no part with --no-concepts: leave out one of them.")
    return None


def _lengths(request: Request, truth: bool) -> tuple[str, ...]:
    if request.lengths is None:
        return LENGTHS if truth else (FULL,)
    asked = [length.strip() for length in request.lengths.split(",")]
    if unknown := [length for length in asked if length not in LENGTHS]:
        raise HicalmError(f"Unknown length '{unknown[0]}': choose among {', '.join(LENGTHS)}.")
    if request.plot and FULL not in asked:
        raise HicalmError(
            f"--plot shows the ranks of full descriptions: add '{FULL}' to --lengths."
        )
    return tuple(asked)


def _labelled(request: Request, collection: Collection, notes: list[str]) -> list[LabelledSet]:
    if not collection.specifications:
        if request.queries or request.absent is not None:
            option = "--queries" if request.queries else "--absent"
            raise HicalmError(
                f"The collection '{request.collection}' has no ground truth, by which labelled "
                f"queries are judged. Leave out {option}."
            )
        return []
    try:
        files = request.queries or request.default_queries
        return labelled_sets(collection, files, request.split)
    except HicalmError as error:
        if request.queries:
            raise
        notes.append(f"Labelled queries are left out. {error}")
        return []


def _absent(request: Request, notes: list[str]) -> list[AbsentQuery]:
    try:
        return load_absent_queries(request.absent or request.default_absent, request.split)
    except HicalmError as error:
        if request.absent is not None:
            raise
        notes.append(f"Absent queries are left out. {error}")
        return []


def _user_queries(request: Request, collection: Collection) -> UserQueries | None:
    if (request.user_queries is None) != (request.relevance is None):
        raise HicalmError("--user-queries and --relevance belong together: give both, or neither.")
    if request.user_queries is None or request.relevance is None:
        if request.first_user_queries is not None:
            raise HicalmError("--first-user-queries plays no part without --user-queries.")
        return None
    width = collection.features.fingerprints["sentence"].dim
    museums = len(collection.museums)
    return load_user_queries(
        request.user_queries, request.relevance, width, museums, request.first_user_queries
    )
