"""The folders of a training that is repeated with several seeds."""

from pathlib import Path

from hicalm.errors import HicalmError
from hicalm.models.checkpoints import CONFIG_FILE
from hicalm.models.hicalm import WEIGHTS_FILE

SEED_PREFIX = "try-"  # folders of the seeds of one run: try-1, try-2, ...


def seed_folders(out: Path, seeds: int) -> list[Path]:
    """Return the folders of a run's seeds: ``out`` itself for one.

    Raises HicalmError for fewer than one, and where ``out`` holds a run of the other form.
    """
    out = Path(out)
    if seeds < 1:
        raise HicalmError(f"--seeds must be at least 1, not {seeds}.")
    if seeds == 1 and any(out.glob(f"{SEED_PREFIX}*")):
        raise HicalmError(f"'{out}' holds several seeds of a run. Name another folder as --out.")
    if seeds > 1 and any((out / name).exists() for name in (CONFIG_FILE, WEIGHTS_FILE, "last.pt")):
        raise HicalmError(
            f"'{out}' holds a run of a single try. Name another folder as --out, or --seeds 1."
        )
    return (
        [out] if seeds == 1 else [out / f"{SEED_PREFIX}{number}" for number in range(1, seeds + 1)]
    )
