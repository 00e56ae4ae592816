"""The folders of a training that is run several times, with one seed after another."""

import re
from pathlib import Path

from hicalm.errors import HicalmError
from hicalm.models.checkpoints import CONFIG_FILE
from hicalm.models.hicalm import WEIGHTS_FILE
from hicalm.training.state import STATE_FILE

SEED_PREFIX = "seed-"  # of the folder of one run: seed-0, seed-1, ...


def new_run_folders(out: Path, seed: int, seeds: int) -> list[Path]:
    """Return the folders of runs with the seeds ``seed``, ``seed`` + 1, ...: ``out`` for one.

    Raises HicalmError for fewer than one, and where ``out`` holds runs of the other form.
    """
    out = Path(out)
    if seeds < 1:
        raise HicalmError(f"--seeds must be at least 1, not {seeds}.")
    if seeds == 1 and any(out.glob(f"{SEED_PREFIX}*")):
        raise HicalmError(f"'{out}' holds runs with several seeds. Name another folder as --out.")
    single = (CONFIG_FILE, WEIGHTS_FILE, STATE_FILE)
    if seeds > 1 and any((out / name).exists() for name in single):
        raise HicalmError(
            f"'{out}' holds a run with a single seed. Name another folder as --out, or --seeds 1."
        )
    if seeds == 1:
        return [out]
    return [out / f"{SEED_PREFIX}{number}" for number in range(seed, seed + seeds)]


def run_folders(out: Path) -> list[Path]:
    """Return the folders of the runs in ``out``, by rising seed: itself where it has none."""
    numbered = {
        int(found[1]): path
        for path in Path(out).glob(f"{SEED_PREFIX}*")
        if (found := re.fullmatch(rf"{SEED_PREFIX}(\d+)", path.name))
    }
    return [numbered[seed] for seed in sorted(numbered)] or [Path(out)]
