"""The methods of a comparison: trained models in their folders, each of one run or of several."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hicalm.data.home import ZERO_SHOT, is_zero_shot
from hicalm.errors import HicalmError
from hicalm.files import read_json
from hicalm.models.checkpoints import CONFIG_FILE
from hicalm.models.hicalm import WEIGHTS_FILE, ModelConfig
from hicalm.models.score_weights import WEIGHTS_OF_LEVELS
from hicalm.retrieval.methods import (
    BASELINES,
    DEFAULT,
    DESCRIPTIONS,
    HICALM,
    MEAN_FEATURES,
    MUSEUM_VECTOR,
)
from hicalm.training.seed_runs import SEED_PREFIX, best_run, run_folders


@dataclass(frozen=True)
class Method:
    """A method by its name and the folders of its runs, one a seed, the best first; none for mean
    features.

    The default of the product is the first run of ``hicalm``, with all that is done around it.

    ``by_levels``: it ranks by the sum of its levels, otherwise by the museum's vector alone.
    """

    name: str
    runs: tuple[Path, ...] = ()
    by_levels: bool = False


def find_methods(
    checkpoints: Path | None,
    runs: Sequence[Path],
    names: Sequence[str] = (),
    levels: bool = False,
    product: bool = False,
) -> list[Method]:
    """Return the methods in a folder of models and in single runs, as ``retrieval.methods`` orders.

    Args:
        checkpoints: a folder of models and runs, to which the encoder's mean features are added.
        runs: folders of single models or runs; a folder with ``seed-0``, ``seed-1``, ... is one.
        names: only these methods; none for all.
        levels: models without chosen level weights rank by levels too, as far as they have them.
        product: a model called ``hicalm`` is also ranked with all that the product does by default.

    Raises HicalmError for a folder without a model, two runs of one name, and an unknown name.
    """
    found: dict[str, Method] = {}
    for folder in runs:
        if is_zero_shot(folder):
            _add(found, Method(ZERO_SHOT, (folder,), by_levels=True))
            continue
        if not (own := _models_of(folder)):
            raise HicalmError(
                f"There is no trained model in '{folder}', nor in a {SEED_PREFIX}0 there."
            )
        name = Path(folder).resolve().name
        _add(found, Method(name, own, _by_levels(name, own[0], levels)))
    if checkpoints is not None:
        for folder in _folders_of(Path(checkpoints)):
            if folder.name not in (DEFAULT, MUSEUM_VECTOR, MEAN_FEATURES) and (
                own := _models_of(folder)
            ):
                by_levels = _by_levels(folder.name, own[0], levels)
                _add(found, Method(folder.name, own, by_levels))
    if HICALM in found and found[HICALM].by_levels:
        found[MUSEUM_VECTOR] = replace(found[HICALM], name=MUSEUM_VECTOR, by_levels=False)
    if HICALM in found and product:
        found[DEFAULT] = replace(found[HICALM], name=DEFAULT, runs=found[HICALM].runs[:1])
    if checkpoints is not None or MEAN_FEATURES in names:
        found[MEAN_FEATURES] = Method(MEAN_FEATURES)
    if unknown := [name for name in names if name not in found]:
        raise HicalmError(
            f"There is no model '{unknown[0]}' to evaluate: found {', '.join(sorted(found))}."
        )
    known = [name for name in DESCRIPTIONS if name in found]
    ordered = [*known, *sorted(set(found) - set(known))]
    return [found[name] for name in ordered if not names or name in names]


def _add(found: dict[str, Method], method: Method) -> None:
    if method.name in found:
        raise HicalmError(f"Two models are called '{method.name}'. Rename the folder of one.")
    found[method.name] = method


def _folders_of(checkpoints: Path) -> list[Path]:
    if not checkpoints.is_dir():
        raise HicalmError(f"There is no folder '{checkpoints}' of trained models.")
    if _models_of(checkpoints):  # the folder of one run
        return [checkpoints.resolve()]
    return sorted(folder for folder in checkpoints.iterdir() if folder.is_dir())


def _models_of(folder: Path) -> tuple[Path, ...]:
    """Return the folders of the models of a method's runs: the best, then by rising seed."""
    found = [path for path in run_folders(folder) if _config(path) is not None]
    best = best_run(folder)  # that the app opens
    return tuple(sorted(found, key=lambda path: path != best))


def _config(folder: Path) -> ModelConfig | None:
    """Return the configuration of a model, or None for a folder that holds something else."""
    if not (folder / WEIGHTS_FILE).is_file():
        return None
    try:
        return ModelConfig(**read_json(folder / CONFIG_FILE))
    except (ValueError, KeyError, TypeError, OSError, HicalmError):
        return None


def _by_levels(name: str, folder: Path, levels: bool) -> bool:
    chosen = levels or (folder / WEIGHTS_OF_LEVELS).is_file()
    config = _config(folder)
    return chosen and name not in BASELINES and config is not None and config.has_levels
