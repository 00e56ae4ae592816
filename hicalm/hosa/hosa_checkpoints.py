"""Save and load HOSA models as folders: model.safetensors, config.json and vocabulary.json."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from hicalm.encoders.empty_networks import empty
from hicalm.errors import HicalmError
from hicalm.files import filling
from hicalm.hosa.model import KIND, HosaConfig, HosaModel

WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"


def save_hosa(model: HosaModel, folder: Path, **files: str) -> None:
    """Write the model to ``folder``: every file under another name first, then renamed.

    Args:
        files: texts of further JSON files by their names without `.json`, e.g. the vocabulary.
    """
    tensors = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    config = json.dumps(model.config.to_json(), sort_keys=True)
    with filling(folder) as temporary:
        # Nothing beside it: several entries are written in random order, and hashes would differ.
        inside = {"config": config}
        save_file(tensors, temporary / WEIGHTS_FILE, metadata=inside)
        for name, text in {**files, Path(CONFIG_FILE).stem: config}.items():
            (temporary / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def load_hosa(folder: Path) -> HosaModel:
    """Load the model of ``folder`` for evaluation, on the CPU, as the weights' file describes it.

    Raises HicalmError for a file that is missing, damaged, of another kind of model, or without
    all weights. Nothing is allocated for weights that the file does not hold.
    """
    path = Path(folder) / WEIGHTS_FILE
    if not path.is_file():
        raise HicalmError(
            f"There is no HOSA model in '{folder}': {WEIGHTS_FILE} is missing. Train one with "
            "`python -m hicalm hosa train`."
        )
    try:
        with safe_open(path, framework="pt") as file:
            inside = json.loads((file.metadata() or {}).get("config", "null"))
            names = file.keys()
            shapes = {name: file.get_slice(name).get_shape() for name in names}
    except (SafetensorError, ValueError, OSError) as error:
        raise HicalmError(f"{path} is damaged or not a safetensors file: {error}.") from error
    config = read_config(inside, path)
    _check_shapes(shapes, config, path)
    model = HosaModel(config)
    model.load_state_dict(load_file(path))  # brings half precision back to single
    if not all(value.isfinite().all() for value in model.state_dict().values()):
        raise HicalmError(f"{path} is damaged: its weights are not all finite.")
    return model.eval()


def _check_shapes(found: dict[str, list[int]], config: HosaConfig, path: Path) -> None:
    try:
        described = empty(lambda: HosaModel(config)).state_dict()
    except (RuntimeError, TypeError) as error:  # torch's answers to sizes beyond all memory
        raise HicalmError(f"{path} describes a model of impossible size.") from error
    wanted = {name: list(value.shape) for name, value in described.items()}
    for name in sorted(wanted.keys() | found.keys()):
        if found.get(name) != wanted.get(name):
            sizes = (found.get(name, "missing"), wanted.get(name, "unknown"))
            raise HicalmError(
                f"{path} does not hold the weights it describes: {name!r} is {sizes[0]} in the "
                f"file and {sizes[1]} in the model."
            )


def read_config(content: object, path: Path) -> HosaConfig:
    """Return the configuration that a checkpoint holds as JSON; HicalmError for another kind."""
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise HicalmError(f"{path} does not describe a HOSA model: its `kind` must be '{KIND}'.")
    options = {name: value for name, value in content.items() if name != "kind"}
    try:
        return HosaConfig(**options)
    except HicalmError as error:
        raise HicalmError(f"{path} describes no HOSA model: {error}") from error
