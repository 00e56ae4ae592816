"""The folders of a training that is run several times, with one seed after another."""

import re
from pathlib import Path

from hicalm.errors import HicalmError
from hicalm.files import read_json
from hicalm.models.checkpoints import CONFIG_FILE
from hicalm.models.hicalm import WEIGHTS_FILE
from hicalm.training.loop import METRICS_FILE
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


def best_run(out: Path) -> Path:
    """Return the folder of the run in ``out`` that was best by validation: itself where it is one.

    The best has the highest R@10 of full descriptions, then R@1, then mean reciprocal rank, as the
    best epoch of a run; ties go to the lowest seed. A run without metrics comes last.
    """
    return max(run_folders(out), key=_validated)


def _validated(run: Path) -> tuple[float, ...]:
    try:
        full = read_json(run / METRICS_FILE)["best"]["full"]
        return float(full["R@10"]), float(full["R@1"]), float(full["MRR"])
    except (OSError, ValueError, KeyError, TypeError):
        return (-1.0,)
