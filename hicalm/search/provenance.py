"""What a search depends on besides the query, so that it can be repeated."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from hicalm import __version__
from hicalm.data.collection import Collection
from hicalm.encoders.encoder import Encoder
from hicalm.retrieval.results import Provenance
from hicalm.retrieval.stages import STAGES
from hicalm.search.museum_filters import Filters


def provenance_of(
    collection: Collection,
    encoder: Encoder,
    checkpoint: str | None,
    hashes: Mapping[str, str],
    filters: Filters,
    stages: Sequence[str],
    notes: Sequence[str],
) -> Provenance:
    """Return what a search whose ``stages`` ran depends on, with version and date.

    ``checkpoint`` is the hash of HiCALM's, and ``hashes`` are those of further models by name; of
    stages only those that ran are taken over.
    """
    prints = collection.features.fingerprints
    models = {"encoder": prints["view"].label}
    if encoder.query_hash is not None:
        models["query_encoder"] = encoder.query_hash
    models |= {f"{kind}_expert": prints[kind].label for kind in ("art", "object") if kind in prints}
    if checkpoint is not None:
        models["checkpoint"] = checkpoint
    models |= {name: own for name, own in hashes.items() if name in stages or name not in STAGES}
    return Provenance(
        collection=collection.name,
        filters={name: wanted for name, wanted in filters.items() if wanted},
        models=models,
        version=__version__,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=tuple(notes),
    )
