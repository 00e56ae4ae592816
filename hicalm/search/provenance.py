"""What a search depends on besides the query, so that it can be repeated."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hicalm import __version__
from hicalm.files import hash_files
from hicalm.models.hicalm import WEIGHTS_FILE
from hicalm.retrieval.results import Provenance
from hicalm.retrieval.scoring import WEIGHTS_OF_LEVELS
from hicalm.retrieval.stages import STAGES
from hicalm.search.museum_filters import Filters

if TYPE_CHECKING:  # the searcher makes use of this module
    from hicalm.search.searcher import Searcher


def provenance_of(searcher: "Searcher", filters: Filters, stages: Sequence[str]) -> Provenance:
    """Return the models, filters and notes of a search whose ``stages`` ran, with version and date.

    Of stages only the models of those that ran are named.
    """
    prints = searcher.collection.features.fingerprints
    models = {"encoder": prints["view"].label}
    if searcher.encoder.query_hash is not None:
        models["query_encoder"] = searcher.encoder.query_hash
    models |= {f"{kind}_expert": prints[kind].label for kind in ("art", "object") if kind in prints}
    if searcher.checkpoint is not None:
        files = (searcher.checkpoint / name for name in (WEIGHTS_FILE, WEIGHTS_OF_LEVELS))
        models["checkpoint"] = hash_files(files)
    hashes = searcher.stage_hashes
    models |= {name: own for name, own in hashes.items() if name in stages or name not in STAGES}
    return Provenance(
        collection=searcher.collection.name,
        filters={name: wanted for name, wanted in filters.items() if wanted},
        models=models,
        version=__version__,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=(searcher.rerank_note,) if searcher.rerank_note else (),
    )
