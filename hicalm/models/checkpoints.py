"""Save and load models as folders: model.safetensors, config.json and README.md."""

import shutil
from pathlib import Path

from safetensors import SafetensorError, safe_open

from hicalm.data.collection import Collection
from hicalm.data.home import ZERO_SHOT, is_zero_shot
from hicalm.encoders.empty_networks import empty
from hicalm.encoders.encoder import Encoder
from hicalm.encoders.weights import load_state
from hicalm.errors import HicalmError
from hicalm.files import filling, hash_files, parse_json, read_json, replacing, to_json
from hicalm.models import MODEL_CLASSES, DualEncoder, ModelConfig, make_model
from hicalm.models.hicalm import WEIGHTS_FILE
from hicalm.models.known_texts import KNOWN_TEXTS, KnownTexts
from hicalm.models.zero_shot import VERSION, ZeroShot

CONFIG_FILE = "config.json"
CARD_FILE = "README.md"


def save_model(model: DualEncoder, folder: Path, card: str | None = None) -> None:
    """Write the model to ``folder``: every file under another name first, then renamed.

    Args:
        card: text of README.md; None leaves a README.md that is there as it is.
    """
    with filling(folder) as temporary:
        model._save_pretrained(temporary)
        config = to_json(model.config.to_json(), sort_keys=True, indent=2) + "\n"
        (temporary / CONFIG_FILE).write_text(config, encoding="utf-8")
        if card is not None:
            (temporary / CARD_FILE).write_text(card, encoding="utf-8")


def open_model(
    checkpoint: Path, collection: Collection, encoder: Encoder | None = None
) -> DualEncoder:
    """Load a checkpoint for a collection; ``zero-shot`` is made of the collection itself.

    ``encoder`` is the collection's, where it is loaded already. Raises HicalmError as
    ``load_model`` and ``ZeroShot.of``.
    """
    if is_zero_shot(checkpoint):
        return ZeroShot.of(collection, encoder)
    return load_model(checkpoint)


def load_model(folder: Path) -> DualEncoder:
    """Load the model of ``folder`` for evaluation, of the class that its config names.

    Raises HicalmError for a folder or file that is missing, a config of something else, weights
    that belong to another config, weights that are incomplete, and damaged texts of training.
    """
    folder = Path(folder)
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        if not (folder / name).is_file():
            raise HicalmError(
                f"There is no HiCALM checkpoint in {folder}: {name} is missing. "
                f"Train one with `python -m hicalm train`, or name {ZERO_SHOT}, which needs none."
            )
    content = _read_config(folder / CONFIG_FILE)
    _check_config(folder / WEIGHTS_FILE, content)
    try:
        config = ModelConfig(**content)
        model = empty(lambda: make_model(config))
    except HicalmError as error:
        raise HicalmError(f"{folder / CONFIG_FILE} does not describe a model: {error}") from error
    except (RuntimeError, TypeError) as error:  # torch's answers to sizes beyond all memory
        raise HicalmError(
            f"{folder / CONFIG_FILE} describes a model of impossible size."
        ) from error
    # Not by `from_pretrained`, which prints to standard output, where the CLI prints JSON; and
    # nothing is built that the file does not hold the weights of.
    described = model.state_dict()
    state = load_state(folder / WEIGHTS_FILE, described, complete=True)
    single = {name: value.to(described[name].dtype, copy=True) for name, value in state.items()}
    model.load_state_dict(single, assign=True)
    hidden, detail = config.hidden, config.detail
    model.known_texts = KnownTexts.load(folder, (hidden, hidden, detail or hidden))
    return model.eval()


def publish_model(run: Path, folder: Path) -> None:
    """Write a run's best model to ``folder`` in half precision, with its metrics.

    Half precision keeps a checkpoint below the size that the hub takes in plain git; loading
    brings it back to single precision. A card that is there stays as it is.
    """
    save_model(load_model(run).half(), folder)
    for name in ("metrics.json", "scoring.json", KNOWN_TEXTS):
        if (Path(run) / name).is_file():
            with replacing(Path(folder) / name) as temporary:
                shutil.copy(Path(run) / name, temporary)


def content_hash(folder: Path) -> str:
    """Return a hash of a checkpoint: of its weights, and of what else its scores depend on.

    Raises HicalmError where there are no weights.
    """
    if is_zero_shot(folder):
        return VERSION
    if not (Path(folder) / WEIGHTS_FILE).is_file():
        raise HicalmError(f"There is no HiCALM checkpoint in {folder}: {WEIGHTS_FILE} is missing.")
    return hash_files([Path(folder) / name for name in (WEIGHTS_FILE, "scoring.json", KNOWN_TEXTS)])


def _read_config(path: Path) -> dict:
    try:
        config = read_json(path)
    except OSError as error:
        raise HicalmError(f"{path} cannot be read: {error.strerror}.") from error
    if not isinstance(config, dict) or config.get("kind") not in (*MODEL_CLASSES,):
        raise HicalmError(
            f"{path} does not describe a HiCALM model: its `kind` must be one of "
            f"{', '.join(MODEL_CLASSES)}."
        )
    return config


def _check_config(path: Path, config: dict) -> None:
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get("config", "null")
    except (SafetensorError, OSError) as error:
        raise HicalmError(f"{path} is damaged or not a safetensors file: {error}.") from error
    inside = parse_json(text, f"the configuration inside {path}")
    if inside != config:
        raise HicalmError(
            f"{path} was not saved with the {CONFIG_FILE} beside it: the configuration inside it "
            f"is {inside}, the one beside it is {config}."
        )
