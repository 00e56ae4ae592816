"""The models of a search's stages, which lie in folders beside HiCALM's checkpoint.

One that is damaged, or was made for other features, other pictures or another checkpoint, is left
out: a search works without it, and says why it does not re-rank.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hicalm.data.collection import Collection
from hicalm.data.pictures import is_world
from hicalm.errors import HicalmError
from hicalm.files import hash_files
from hicalm.hashing.code_ranker import CodeRanker
from hicalm.hashing.heads import HEADS_FILE, load_heads
from hicalm.hosa.hosa_checkpoints import WEIGHTS_FILE, load_hosa
from hicalm.hosa.rerank import WEIGHT_FILE, RoomScorer, load_weight
from hicalm.models.checkpoints import content_hash
from hicalm.retrieval.index import MuseumIndex
from hicalm.retrieval.methods import HOSA, VTM_UCH
from hicalm.retrieval.stages import RERANK, SHORTLIST
from hicalm.retrieval.stored_index import AnyIndex
from hicalm.search.candidates import Candidates
from hicalm.search.reranker import Reranker
from hicalm.search.shortlist import Shortlist, open_shortlist

NO_HOSA = "there is no HOSA model beside the checkpoint."
# Its weight is chosen by ground truth, which only the built-in world has: nobody knows whether it
# helps elsewhere, even where the same encoder reads the pictures.
OTHER_PICTURES = (
    "HOSA was trained for pictures of the built-in world, this collection has none of them."
)
NO_WEIGHT = "no weight was chosen for it: 'python -m hicalm hosa tune-rerank' does."
Loaded = TypeVar("Loaded")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StageModels:
    """The models that fit a collection.

    ``rooms`` is HOSA's reader, which may be there without re-ranking; ``rerank_note`` says in a
    sentence why there is no re-ranking, and is empty where there is. ``hashes`` are those of the
    models' content, by stage.
    """

    rooms: RoomScorer | None = None
    candidates: Candidates | None = None
    reranker: Reranker | None = None
    rerank_note: str = f"Re-ranking is off: {NO_HOSA}"
    hashes: Mapping[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Bring the collection into the space of each model, as its first use otherwise does."""
        if self.rooms is not None:
            self.rooms.prepare()
        if self.candidates is not None:
            self.candidates.prepare()


def open_stages(
    collection: Collection,
    index: AnyIndex,
    checkpoint: Path | None,
    engine: Candidates | None = None,
) -> StageModels:
    """Return the models of the stages that lie beside a checkpoint and fit a collection.

    Of one whose vectors are stored, HOSA reads the rooms that it is asked for. An ``engine`` takes
    the place of codes.
    """
    if checkpoint is None:
        return StageModels(candidates=engine)
    folder = Path(checkpoint).resolve().parent
    hosa, codes = folder / HOSA, folder / SHORTLIST
    rooms, note = _or_why(lambda: _open_reader(hosa, collection, isinstance(index, MuseumIndex)))
    reranker = None
    if rooms is not None:
        reranker, note = _or_why(lambda: _open_reranker(hosa, collection, rooms))
    shortlist = engine
    if isinstance(index, MuseumIndex) and engine is None:
        shortlist, _ = _or_why(lambda: _open_shortlist(codes, index, checkpoint))
    hashes = {}
    if shortlist is not None and engine is None:
        hashes[SHORTLIST] = hash_files(sorted(codes.glob("*.safetensors")))
    if reranker is not None:
        hashes[RERANK] = hash_files([hosa / WEIGHTS_FILE, hosa / WEIGHT_FILE])
    note = f"Re-ranking is off: {note}" if note else ""
    return StageModels(rooms, shortlist, reranker, note, hashes)


def open_codes(collection: Collection, checkpoint: Path | None) -> CodeRanker | None:
    """Return VTM-UCH's codes of a collection's views, where sound heads lie beside ``checkpoint``.

    None for a collection of another encoder.
    """
    if checkpoint is None:
        return None
    folder = Path(checkpoint).resolve().parent / VTM_UCH
    return _or_why(lambda: _open_ranker(folder, collection))[0]


def _open_shortlist(folder: Path, index: MuseumIndex, checkpoint: Path) -> Shortlist | None:
    if not (folder / HEADS_FILE).is_file():
        return None
    return open_shortlist(folder, index, content_hash(checkpoint))


def _open_reader(folder: Path, collection: Collection, in_memory: bool) -> RoomScorer | str:
    if not (folder / WEIGHTS_FILE).is_file():
        return NO_HOSA
    model, fingerprint = load_hosa(folder), collection.features.fingerprints["view"]
    if model.config.encoder != fingerprint.label:
        return (
            f"HOSA was trained for the encoder {model.config.encoder}, this collection is read by "
            f"{fingerprint.label}."
        )
    views = collection.features.rows("view")
    return RoomScorer(model, views, collection.view_counts, collection.room_counts, in_memory)


def _open_reranker(folder: Path, collection: Collection, rooms: RoomScorer) -> Reranker | str:
    if not is_world(collection):
        return OTHER_PICTURES
    chosen = load_weight(folder)
    return NO_WEIGHT if chosen is None else Reranker(rooms, *chosen)


def _open_ranker(folder: Path, collection: Collection) -> CodeRanker | None:
    if not (folder / HEADS_FILE).is_file():
        return None
    heads = load_heads(folder)
    fits = heads.fingerprint.hash == collection.features.fingerprints["view"].hash
    return CodeRanker(heads, collection) if fits else None


def _or_why(load: Callable[[], Loaded | str | None]) -> tuple[Loaded | None, str]:
    """Return what is loaded, or None with the reason, where there is one in words."""
    try:
        found = load()
    except HicalmError as error:
        logger.warning("left out: %s", error)
        return None, str(error)
    return (None, found) if isinstance(found, str) else (found, "")
