"""A searcher of any collection by its encoder alone: nothing is trained."""

from pathlib import Path

from hicalm.data.collection import Collection
from hicalm.data.home import ZERO_SHOT
from hicalm.encoders.encoder import Encoder
from hicalm.models.score_weights import LevelWeights
from hicalm.models.zero_shot import ZeroShot
from hicalm.search.searcher import Searcher


def zero_shot_searcher(collection: Collection, encoder: Encoder) -> Searcher:
    """Return a searcher of a collection that ``encoder`` has read, see ``models.zero_shot``.

    Raises HicalmError for features of another encoder.
    """
    checkpoint = Path(ZERO_SHOT)
    model, weights = ZeroShot.of(collection, encoder), LevelWeights.load(checkpoint, collection)
    return Searcher(collection, model, encoder, None, weights, checkpoint)
