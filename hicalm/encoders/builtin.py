"""The built-in encoder's folder: an open_clip configuration and two small weight files.

``image_encoder.safetensors`` holds the whole image encoder with timm's own key names;
``text_encoder.safetensors`` holds only what training changed in the text encoder, with key names
of open_clip's ``HFTextEncoder``: every other weight is all-MiniLM-L6-v2's. Both are float16.
``query_encoder.safetensors``, where it is there, is a second text encoder for what people type.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hicalm.data.home import CHECKPOINTS, not_at_home
from hicalm.encoders.loaded import LoadedModel
from hicalm.encoders.minilm import (
    MINILM_REPOSITORY,
    MINILM_SHA256,
    minilm_folder,
    quiet_transformers,
)
from hicalm.encoders.query_encoder import load_query_encoder
from hicalm.encoders.weights import content_hash, half_precision, load_state
from hicalm.errors import HicalmError
from hicalm.files import replacing

if TYPE_CHECKING:  # torch takes a second to import: only loading and writing need it
    import torch

BUILTIN = "builtin"
BUILTIN_FOLDER = CHECKPOINTS / "encoder"

CONFIG_FILE = "open_clip_config.json"
IMAGE_FILE = "image_encoder.safetensors"
TEXT_FILE = "text_encoder.safetensors"
QUERY_FILE = "query_encoder.safetensors"  # may be missing, and is no part of the encoder's hash

CONTEXT_LENGTH = 48  # tokens of a text, its two end marks included; longer texts are cut
IMAGE_SIZE = (120, 160)  # height, width in pixels
TEXT_PROJECTION = "proj.weight"  # the one key of the text encoder that MiniLM cannot supply


def builtin_config() -> dict[str, object]:
    """Return the built-in encoder's open_clip configuration, as its folder holds it.

    The text encoder is named by its hub repository; loading puts the local folder in its place,
    because open_clip resolves relative paths from the working directory.
    """
    from hicalm.encoders.attributes import EMBED_DIM
    from hicalm.encoders.augment import MEAN, STD
    from hicalm.encoders.thin_resnet import IMAGE_ENCODER

    vision = {
        "timm_model_name": IMAGE_ENCODER,
        "timm_model_pretrained": False,
        "timm_pool": "avg",
        "timm_proj": "",  # timm's classifier is the projection
        "image_size": list(IMAGE_SIZE),
    }
    text = {
        "hf_model_name": MINILM_REPOSITORY,
        "hf_tokenizer_name": MINILM_REPOSITORY,
        "hf_pooler_type": "mean_pooler",
        "hf_proj_type": "linear",
        "context_length": CONTEXT_LENGTH,
    }
    preprocess = {
        "mean": [MEAN] * 3,
        "std": [STD] * 3,
        "interpolation": "bilinear",
        "resize_mode": "squash",
    }
    model = {"embed_dim": EMBED_DIM, "custom_text": True, "vision_cfg": vision, "text_cfg": text}
    return {"model_cfg": model, "preprocess_cfg": preprocess}


def write_builtin(
    folder: Path,
    image_state: Mapping[str, "torch.Tensor"],
    text_state: Mapping[str, "torch.Tensor"],
) -> None:
    """Write a built-in encoder's configuration and weights (as float16) to ``folder``.

    The folder is prepared under another name and renamed when it is complete; other files that
    are there (the model card, the metrics) stay.

    Args:
        image_state: the whole state of the timm image encoder.
        text_state: what training changed of open_clip's ``HFTextEncoder``.
    Raises HicalmError for a weight that float16 cannot hold.
    """
    from safetensors.torch import save_file

    folder = Path(os.path.abspath(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        ready, replaced = Path(temporary) / "new", Path(temporary) / "old"
        ready.mkdir()
        if folder.exists():
            shutil.copytree(folder, ready, dirs_exist_ok=True)
        save_file(half_precision(image_state), ready / IMAGE_FILE)
        save_file(half_precision(text_state), ready / TEXT_FILE)
        config = json.dumps(builtin_config(), indent=2) + "\n"
        (ready / CONFIG_FILE).write_text(config, encoding="utf-8")
        if folder.exists():
            folder.rename(replaced)
        ready.rename(folder)


def write_query_encoder(folder: Path, state: Mapping[str, "torch.Tensor"]) -> None:
    """Write a query encoder's weights (as float16) beside those of the encoder in ``folder``.

    Raises HicalmError for a weight that float16 cannot hold and where no encoder is in ``folder``.
    """
    from safetensors.torch import save_file

    _read_config(folder)
    with replacing(folder / QUERY_FILE) as temporary:
        save_file(half_precision(state), temporary)


def load_builtin(folder: Path = BUILTIN_FOLDER, name: str = BUILTIN) -> LoadedModel:
    """Load a built-in encoder's folder, on the CPU and in evaluation mode.

    Raises HicalmError for missing files, a configuration or weights of something else, image
    weights that are incomplete and a broken query encoder; one that is missing is no error.
    """
    import torch
    from open_clip.tokenizer import HFTokenizer
    from open_clip.transform import PreprocessCfg, image_transform_v2

    import hicalm.encoders.thin_resnet  # noqa: F401 (registers the encoder with timm)
    from hicalm.encoders.augment import to_input

    folder = Path(folder)
    config = _read_config(folder)
    minilm = str(minilm_folder())
    model_config = config["model_cfg"]
    model_config["text_cfg"] |= {"hf_model_name": minilm, "hf_tokenizer_name": minilm}
    model = _build(model_config, folder)
    image = load_state(folder / IMAGE_FILE, model.visual.trunk.state_dict(), complete=True)
    model.visual.trunk.load_state_dict(image)
    text = load_state(folder / TEXT_FILE, model.text.state_dict(), needed=(TEXT_PROJECTION,))
    query = None
    if (folder / QUERY_FILE).is_file():
        query = load_query_encoder(folder / QUERY_FILE, model.text, text)
    model.text.load_state_dict(text, strict=False)
    model.visual.trunk.to(memory_format=torch.channels_last)  # a sixth faster on a CPU
    size = tuple(model.visual.image_size)
    return LoadedModel(
        name=name,
        dim=model_config["embed_dim"],
        hash=_folder_hash(folder),
        model=model.eval(),
        tokenizer=HFTokenizer(minilm, context_length=model_config["text_cfg"]["context_length"]),
        preprocess=image_transform_v2(
            PreprocessCfg(size=size, **config["preprocess_cfg"]), is_train=False
        ),
        pad_token=model.text.config.pad_token_id,
        size=size,
        batch_preprocess=lambda pictures: to_input(pictures, size),
        query=query,
    )


def _read_config(folder: Path) -> dict[str, Any]:
    if folder == BUILTIN_FOLDER and not folder.exists():
        raise not_at_home("the built-in encoder", folder)
    for name in (CONFIG_FILE, IMAGE_FILE, TEXT_FILE):
        if not (folder / name).is_file():
            raise HicalmError(f"There is no built-in encoder in {folder}: {name} is missing.")
    path = folder / CONFIG_FILE
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        vision, text = config["model_cfg"]["vision_cfg"], config["model_cfg"]["text_cfg"]
        known = "timm_model_name" in vision and text["hf_model_name"] == MINILM_REPOSITORY
    except (ValueError, KeyError, TypeError) as error:
        raise HicalmError(f"{path} is not the configuration of a built-in encoder.") from error
    if not known:
        raise HicalmError(
            f"{path} must name a timm image encoder and the text encoder {MINILM_REPOSITORY}."
        )
    return config


def _build(model_config: dict[str, Any], folder: Path) -> Any:
    """Build the model straight from its configuration, so that no global registry is changed."""
    import open_clip

    options = {key: value for key, value in model_config.items() if key != "custom_text"}
    try:
        with quiet_transformers():
            return open_clip.CustomTextCLIP(**options)
    except (TypeError, RuntimeError, ValueError) as error:
        raise HicalmError(
            f"open_clip cannot build the model of {folder / CONFIG_FILE}: {error}"
        ) from error


def _folder_hash(folder: Path) -> str:
    files = ((folder / name).read_bytes() for name in (CONFIG_FILE, IMAGE_FILE, TEXT_FILE))
    return content_hash([*files, bytes.fromhex(MINILM_SHA256)])
