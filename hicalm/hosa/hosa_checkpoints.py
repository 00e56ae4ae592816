"""Save and load HOSA models as folders: model.safetensors, config.json and vocabulary.json."""

from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from hicalm.encoders.empty_networks import empty
from hicalm.encoders.weights import load_state
from hicalm.errors import HicalmError
from hicalm.files import filling, parse_json, to_json
from hicalm.hosa.model import KIND, HosaConfig, HosaModel

WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"


def save_hosa(model: HosaModel, folder: Path, **files: str) -> None:
    """Write the model to ``folder``: every file under another name first, then renamed.

    Args:
        files: texts of further JSON files by their names without `.json`, e.g. the vocabulary.
    """
    tensors = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    config = to_json(model.config.to_json(), sort_keys=True)
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
            text = (file.metadata() or {}).get("config", "null")
    except (SafetensorError, OSError) as error:
        raise HicalmError(f"{path} is damaged or not a safetensors file: {error}.") from error
    config = read_config(parse_json(text, f"the configuration inside {path}"), path)
    try:
        described = empty(lambda: HosaModel(config)).state_dict()
    except (RuntimeError, TypeError) as error:  # torch's answers to sizes beyond all memory
        raise HicalmError(f"{path} describes a model of impossible size.") from error
    state = load_state(path, described, complete=True)
    model = HosaModel(config)
    model.load_state_dict(state)  # brings half precision back to single
    return model.eval()


def read_config(content: object, path: Path) -> HosaConfig:
    """Return the configuration that a checkpoint holds as JSON; HicalmError for another kind."""
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise HicalmError(f"{path} does not describe a HOSA model: its `kind` must be '{KIND}'.")
    options = {name: value for name, value in content.items() if name != "kind"}
    try:
        return HosaConfig(**options)
    except HicalmError as error:
        raise HicalmError(f"{path} describes no HOSA model: {error}") from error
