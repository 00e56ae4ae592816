"""Where the built-in collection and the weights lie: in the repository, beside this package.

An installed package does not bring them: ``HICALM_HOME`` names the folder of a clone.
"""

import os
from pathlib import Path

from hicalm.errors import HicalmError

ZERO_SHOT = "zero-shot"  # in place of a checkpoint's folder: a hierarchy without training
HOME_VARIABLE = "HICALM_HOME"
HOME = Path(os.environ.get(HOME_VARIABLE) or Path(__file__).parents[2]).resolve()
COLLECTION = HOME / "assets" / "world"
CHECKPOINTS = HOME / "checkpoints"
QUERIES = HOME / "assets" / "queries" / "paraphrased.jsonl"
LABELLED = tuple(
    QUERIES.with_name(f"{name}.jsonl") for name in (QUERIES.stem, "plain", "structured")
)
# Validation queries that fits are calibrated on too, worded apart from what the encoder learned.
CALIBRATION = QUERIES.with_name("calibration.jsonl")
ABSENT = QUERIES.with_name("absent.jsonl")  # queries for what no museum has


def is_zero_shot(checkpoint: Path | None) -> bool:
    """Tell whether a checkpoint's path means ``models.zero_shot``, and no folder of that name."""
    return checkpoint is not None and (
        str(checkpoint) == ZERO_SHOT and not Path(checkpoint).is_dir()
    )


def not_at_home(what: str, path: Path, instead: str = "") -> HicalmError:
    """Return the error for something of the repository that is not there.

    Args:
        what: its name with an article; path: where it should be;
        instead: what else helps, such as "pass --collection".
    """
    clone = f"set {HOME_VARIABLE} to the folder of a clone of the repository"
    return HicalmError(
        f"The package does not bring {what}, and '{path}' is not there: "
        f"{f'{instead}, or {clone}' if instead else clone}."
    )
