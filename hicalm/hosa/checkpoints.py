"""Save and load HOSA models as folders: model.safetensors, config.json and vocabulary.json."""

import json
import os
import tempfile
from dataclasses import fields
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from hicalm.errors import HicalmError
from hicalm.hosa.model import KIND, HosaConfig, HosaModel

WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"


def save_hosa(model: HosaModel, folder: Path, **files: str) -> None:
    """Write the model to ``folder``: every file under another name first, then renamed.

    Args:
        files: texts of further JSON files by their names without `.json`, e.g. the vocabulary.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    config = json.dumps(model.config.to_json(), sort_keys=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".saving-") as temporary:
        inside = {"format": "pt", "config": config}
        save_file(tensors, Path(temporary) / WEIGHTS_FILE, metadata=inside)
        for name, text in {**files, Path(CONFIG_FILE).stem: config}.items():
            (Path(temporary) / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        for file in sorted(Path(temporary).iterdir()):
            os.replace(file, folder / file.name)


def load_hosa(folder: Path) -> HosaModel:
    """Load the model of ``folder`` for evaluation, on the CPU, as the weights' file describes it.

    Raises HicalmError for a file that is missing, damaged, of another kind of model, or without
    all weights.
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
        tensors = load_file(path)
    except (SafetensorError, ValueError, OSError) as error:
        raise HicalmError(f"{path} is damaged or not a safetensors file: {error}.") from error
    model = HosaModel(read_config(inside, path))
    try:
        model.load_state_dict(tensors)  # brings half precision back to single
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise HicalmError(f"{path} does not hold the weights it describes: {reason}") from error
    return model.eval()


def read_config(content: object, path: Path) -> HosaConfig:
    """Return the configuration that a checkpoint holds as JSON; HicalmError for another kind."""
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise HicalmError(f"{path} does not describe a HOSA model: its `kind` must be '{KIND}'.")
    kinds = {field.name: type(field.default) for field in fields(HosaConfig)}
    options = {name: value for name, value in content.items() if name != "kind"}
    for name, value in options.items():
        if type(value) is not kinds.get(name):
            raise HicalmError(f"{path} describes no HOSA model: {name} cannot be {value!r}.")
    return HosaConfig(**options)
