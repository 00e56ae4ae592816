"""Metrics of every method, and the right museum's rank for every text, as they were measured."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from demo.address import Address
from demo.workspace import Workspace
from hicalm.data.collection import Collection, Museum
from hicalm.data.home import is_zero_shot
from hicalm.errors import HicalmError
from hicalm.evaluation.rank_file import COMMAND, DescriptionRanks, description_text
from hicalm.files import read_json
from hicalm.levels import LENGTHS
from hicalm.retrieval.methods import DESCRIPTIONS, HICALM

if TYPE_CHECKING:  # it takes torch along
    from hicalm.evaluation.metric_tables import ComparisonMetrics
    from hicalm.search.searcher import Searcher

DEFAULT_LENGTH = "room"


@dataclass(frozen=True)
class Row:
    """A text, the museum it describes (room and sentence from 0, or None) and its ranks."""

    text: str
    museum: Museum
    room: int | None
    sentence: int | None
    ranks: dict[str, int]
    first: Museum  # the museum that this app ranks first

    @property
    def address(self) -> Address:
        """Where the text's museum is explained: beside the one ranked before it, if any."""
        asked = Address(query=self.text)
        if self.first.id == self.museum.id:
            return asked.open(self.museum.id, self.room)
        return asked.compare(self.museum.id, self.first.id)

    @property
    def found(self) -> bool:
        """Whether the app ranks the right museum first."""
        return self.first.id == self.museum.id


@lru_cache(maxsize=1)
def _load(
    searcher: "Searcher", checkpoint: Path, path: Path, stamp: int
) -> tuple["ComparisonMetrics", DescriptionRanks]:
    """Read both files once; ``stamp`` is the time of the ranks, so that new ones are read anew."""
    from hicalm.models.checkpoints import content_hash

    ranks = DescriptionRanks.load(path.with_name("ranks.json"))
    ranks.check(searcher.collection, content_hash(checkpoint))
    try:
        return read_json(path), ranks
    except (OSError, HicalmError) as error:
        raise HicalmError(
            f"The metrics cannot be read ({path}). Make them with '{COMMAND}'."
        ) from error


def load_metrics(workspace: Workspace) -> tuple["ComparisonMetrics", DescriptionRanks]:
    """Return the metrics and the ranks beside the checkpoint in use.

    Raises HicalmError where they are missing or belong to other museums or weights.
    """
    searcher = workspace.warmup.wait(0)
    if searcher.checkpoint is None or is_zero_shot(searcher.checkpoint):
        raise HicalmError(f"The metrics are not there yet. Make them with '{COMMAND}'.")
    path = Path(searcher.checkpoint).resolve().parent / "figures.json"
    ranks = path.with_name("ranks.json")
    stamp = ranks.stat().st_mtime_ns if ranks.is_file() else 0
    return _load(searcher, searcher.checkpoint, path, stamp)


def length_of(address: Address) -> str:
    """Return the length of the texts that an address asks for; the default one for what is odd."""
    length = address.option("length", DEFAULT_LENGTH)
    return length if length in LENGTHS else DEFAULT_LENGTH


def worst_first(ranks: DescriptionRanks, length: str) -> np.ndarray:
    """Return the texts of a length, those that the app's model ranks worst first: (N,) from 0."""
    return np.argsort(-np.array(ranks.ranks[HICALM][length]), kind="stable")


def rows(
    collection: Collection, ranks: DescriptionRanks, length: str, texts: np.ndarray
) -> list[Row]:
    """Return the rows of some texts (N,) of one length."""
    origins, by_method = ranks.origins[length], ordered_methods(ranks)
    found = []
    for index in texts.tolist():
        museum = collection.museums[origins["museum"][index]]
        room, sentence = (origins[n][index] if n in origins else None for n in ("room", "sentence"))
        found.append(
            Row(
                description_text(museum, room, sentence),
                museum,
                room,
                sentence,
                {method: ranks.ranks[method][length][index] for method in by_method},
                collection.museums[ranks.first[length][index]],
            )
        )
    return found


def ordered_methods(ranks: DescriptionRanks) -> list[str]:
    """Return the methods in the order of their descriptions, others behind."""
    known = [name for name in DESCRIPTIONS if name in ranks.ranks]
    return known + sorted(ranks.ranks.keys() - set(known))


def kinds(metrics: "ComparisonMetrics") -> list[tuple[str, dict[str, float]]]:
    """Return each kind of structured queries, and the nDCG@5 that each method reaches there."""
    methods = metrics["methods"]
    found = {n: v["structured"]["kinds"] for n, v in methods.items() if "structured" in v}
    names: dict[str, dict] = next(iter(found.values()), {})
    return [(kind, {n: own[kind]["nDCG@5"] for n, own in found.items()}) for kind in names]
