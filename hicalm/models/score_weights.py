"""How much each level counts in the score of a model, a file beside its checkpoint."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from hicalm.data.collection import Collection
from hicalm.data.home import is_zero_shot
from hicalm.errors import HicalmError
from hicalm.files import read_json, to_json, write_text
from hicalm.levels import LEVELS, QUERY_LENGTHS, query_length

WEIGHTS_OF_LEVELS = "scoring.json"  # beside a checkpoint
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class LevelWeights:
    """Weights of the museum, room and view level, by ``levels.QUERY_LENGTHS``.

    ``plan`` is the share of a score that the value of a query's plan has (``matching``): the levels
    of a phrase have the rest. A description has no plan.
    """

    phrase: Triple = (0.2, 0.5, 0.3)  # one sentence or less
    paragraph: Triple = (0.2, 0.5, 0.3)  # several sentences about one room
    description: Triple = (0.4, 0.3, 0.3)  # several rooms
    plan: float = 0.9  # of validation queries of all kinds .7 to .98 do as well

    def of(self, paragraphs: int, sentences: int) -> np.ndarray:
        """Return the weights for a query of so many paragraphs and sentences, float32 (3,)."""
        return np.array(getattr(self, query_length(paragraphs, sentences)), np.float32)

    def save(self, folder: Path) -> None:
        """Write ``scoring.json`` beside a checkpoint."""
        write_text(Path(folder) / WEIGHTS_OF_LEVELS, to_json(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path, collection: Collection | None = None) -> "LevelWeights":
        """Read ``scoring.json``; the defaults where there is none, and a rule without training.

        That rule asks whether the ``collection`` to be ranked has discovered rooms. Raises
        HicalmError for a file that does not hold three numbers for each length.
        """
        if is_zero_shot(folder):
            discovered = collection is not None and collection.has_discovered_rooms
            return UNSORTED_WEIGHTS if discovered else ZERO_SHOT_WEIGHTS
        path = Path(folder) / WEIGHTS_OF_LEVELS
        if not path.exists():
            return cls()
        try:
            values = read_json(path)
            found = {name: [float(w) for w in values[name]] for name in QUERY_LENGTHS}
            plan = float(values.get("plan", cls.plan))
        except (ValueError, KeyError, TypeError) as error:
            raise HicalmError(f"'{path}' does not hold the level weights: {error}.") from error
        if any(len(w) != len(LEVELS) or not np.isfinite(w).all() for w in found.values()):
            raise HicalmError(f"'{path}' must hold three weights for each length of query.")
        if not 0 <= plan <= 1:
            raise HicalmError(f"'{path}' must hold a share from 0 to 1 for the plan, not {plan}.")
        triples: dict[str, Triple] = {
            name: (museum, room, view) for name, (museum, room, view) in found.items()
        }
        return cls(**triples, plan=plan)


_MUSEUM = (1.0, 0.0, 0.0)
MUSEUM_ONLY = LevelWeights(_MUSEUM, _MUSEUM, _MUSEUM, plan=0.0)  # the paper's score
# Without training views decide, and their rooms where views are alike: pooled vectors are nearer to
# the middle, as nothing has taught them what to keep. See benchmarks/front3d.py --zero-shot.
_VIEWS = (0.0, 0.1, 0.9)
ZERO_SHOT_WEIGHTS = LevelWeights(_VIEWS, _VIEWS, _VIEWS)
# Where rooms are discovered a description is of none of them: see front3d.py --zero-shot again.
_UNSORTED = (0.1, 0.0, 0.9)
UNSORTED_WEIGHTS = LevelWeights(_UNSORTED, _UNSORTED, _UNSORTED)
