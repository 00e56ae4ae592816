"""Everything that a search needs, loaded from a collection's folder and a run's."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hicalm.data.collection import Collection, load_collection
from hicalm.data.dataset import view_features, view_rows
from hicalm.data.rows import Rows
from hicalm.encoders.art_expert import ArtExpert
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.published import UNKNOWN_HASH, open_encoder
from hicalm.errors import HicalmError
from hicalm.models import DualEncoder
from hicalm.models.checkpoints import open_model
from hicalm.models.score_weights import LevelWeights
from hicalm.retrieval.index import build_index
from hicalm.retrieval.stored_index import AnyIndex, StoredIndex, StoredVectors
from hicalm.search.candidates import VECTORS, Candidates
from hicalm.search.indexing import model_name
from hicalm.search.milvus_candidates import open_candidates
from hicalm.search.narrow_plans import NarrowPlans, open_narrow_plans
from hicalm.search.plan_ranking import PlanRanking, open_plan_ranking
from hicalm.search.stored_candidates import StoredCandidates
from hicalm.training.seed_runs import best_run


class Opened(NamedTuple):
    """What ``Searcher`` is made of."""

    collection: Collection
    model: DualEncoder
    encoder: Encoder
    art_expert: ArtExpert | None
    weights: LevelWeights
    checkpoint: Path


def open_all(collection: Path | Collection, run: Path, encoder: str = "") -> Opened:
    """Load a collection, if it is a folder, the best model of a run, and what reads queries.

    ``encoder`` as in ``encoders.published.open_encoder``. Of features that came with a collection,
    the art expert is not known. Raises HicalmError for what is missing or broken.
    """
    museums = collection if isinstance(collection, Collection) else load_collection(collection)
    checkpoint = best_run(run)
    prints = museums.features.fingerprints
    if "view" not in prints:
        raise HicalmError(
            f"The collection '{museums.folder}' has no view features. Make them with "
            f"'python -m hicalm encode {museums.folder}'."
        )
    reads = open_encoder(museums, encoder)
    model = open_model(checkpoint, museums, reads)
    came_along = "art" in prints and prints["art"].hash == UNKNOWN_HASH
    expert = ArtExpert.load() if model.config.art_dim and not came_along else None
    weights = LevelWeights.load(checkpoint, museums)
    return Opened(museums, model, reads, expert, weights, checkpoint)


def hold(
    collection: Collection, model: DualEncoder, checkpoint: Path | None, address: str
) -> tuple[Rows, AnyIndex]:
    """Return the features of all views (ΣV, D) and the index of a collection.

    They are in memory; or, where an index at an address finds the candidates, in the files of
    `python -m hicalm index --vectors`, if there are any, and read where they are needed. Raises
    HicalmError for the address ``VECTORS`` where there are none.
    """
    art_dim = model.config.art_dim
    if address and checkpoint is not None:
        stored = StoredVectors.open(collection, model_name(checkpoint, collection))
        if stored is not None:
            return view_rows(collection, art_dim), stored.index(model)
    if address == VECTORS:
        raise HicalmError(
            f"There are no vectors of '{collection.name}' by this model and of its museums and "
            f"features of today. Make them: `python -m hicalm index "
            f"{collection.folder or 'COLLECTION'} --vectors`."
        )
    views = view_features(collection, art_dim)
    counts = collection.view_counts, collection.room_counts
    return views, build_index(model, views, *counts)


def open_engine(
    address: str,
    collection: Collection,
    index: AnyIndex,
    plans: PlanRanking | NarrowPlans,
    checkpoint: Path | None,
) -> Candidates | None:
    """Return what finds the candidates at an address; None where none is named.

    Raises HicalmError where it does not fit.
    """
    if not address:
        return None
    if address == VECTORS and isinstance(index, StoredIndex) and isinstance(plans, NarrowPlans):
        return StoredCandidates.open(index, plans)
    if checkpoint is None:
        raise HicalmError("An index needs a checkpoint: leave --index out.")
    return open_candidates(address, collection, model_name(checkpoint, collection))


def open_plans(
    collection: Collection,
    index: AnyIndex,
    checkpoint: Path | None,
    background: Callable[[], np.ndarray],
) -> PlanRanking | NarrowPlans:
    """Return what values plans: over the whole collection, or, of stored vectors, the candidates.

    The arguments are those of ``plan_ranking.open_plan_ranking``.
    """
    if isinstance(index, StoredIndex):
        return open_narrow_plans(collection, index, checkpoint, background)
    return open_plan_ranking(collection, index, checkpoint, background)
