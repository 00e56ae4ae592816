"""The folders of a training that is repeated with several seeds."""

from pathlib import Path

from hicalm.errors import HicalmError
from hicalm.models.checkpoints import CONFIG_FILE
from hicalm.models.hicalm import WEIGHTS_FILE

TRY = "try-"  # folders of the tries of one run: try-1, try-2, ...


def try_folders(out: Path, tries: int) -> list[Path]:
    """Return the folders of a run's tries: ``out`` itself for one.

    Raises HicalmError for fewer than one, and where ``out`` holds a run of the other form.
    """
    out = Path(out)
    if tries < 1:
        raise HicalmError(f"--tries must be at least 1, not {tries}.")
    if tries == 1 and any(out.glob(f"{TRY}*")):
        raise HicalmError(f"'{out}' holds several tries of a run. Name another folder as --out.")
    if tries > 1 and any((out / name).exists() for name in (CONFIG_FILE, WEIGHTS_FILE, "last.pt")):
        raise HicalmError(
            f"'{out}' holds a run of a single try. Name another folder as --out, or --tries 1."
        )
    return [out] if tries == 1 else [out / f"{TRY}{number}" for number in range(1, tries + 1)]
