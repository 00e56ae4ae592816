"""Everything that a search needs, loaded from a collection's folder and a run's."""

from pathlib import Path
from typing import NamedTuple

from hicalm.data.collection import Collection, load_collection
from hicalm.encoders.art_expert import ArtExpert
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.published import UNKNOWN_HASH, open_encoder
from hicalm.errors import HicalmError
from hicalm.models import DualEncoder
from hicalm.models.checkpoints import open_model
from hicalm.models.score_weights import LevelWeights
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
    return Opened(museums, model, reads, expert, LevelWeights.load(checkpoint), checkpoint)
