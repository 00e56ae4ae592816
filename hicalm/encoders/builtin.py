"""The built-in encoder's folder: an open_clip configuration and two small weight files.

``image_encoder.safetensors`` holds the whole image encoder with timm's own key names;
``text_encoder.safetensors`` holds only what training changed in the text encoder, with key names
of open_clip's ``HFTextEncoder``: every other weight is all-MiniLM-L6-v2's. Both are float16.
``query_encoder.safetensors``, where it is there, is a second text encoder for what people type.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from hicalm.data.home import CHECKPOINTS, not_at_home
from hicalm.encoders.loaded import LoadedModel
from hicalm.encoders.minilm import MINILM_REPOSITORY, MINILM_SHA256
from hicalm.encoders.query_encoder import load_query_encoder
from hicalm.encoders.tokens import MiniLMTokenizer
from hicalm.encoders.weights import content_hash, half_precision, load_state
from hicalm.errors import HicalmError
from hicalm.files import making, read_json, replacing, to_json

if TYPE_CHECKING:  # torch takes a second to import: only loading and writing need it
    import torch

BUILTIN = "builtin"
BUILTIN_FOLDER = CHECKPOINTS / "encoder"

CONFIG_FILE = "open_clip_config.json"
IMAGE_FILE = "image_encoder.safetensors"
TEXT_FILE = "text_encoder.safetensors"
QUERY_FILE = "query_encoder.safetensors"  # may be missing, and is no part of the encoder's hash

IMAGE_ENCODER = "hicalm_thin_resnet"
CONTEXT_LENGTH = 48  # tokens of a text, its two end marks included; longer texts are cut
IMAGE_SIZE = (120, 160)  # height, width in pixels
TEXT_PROJECTION = "proj.weight"  # the one key of the text encoder that MiniLM cannot supply


def builtin_config() -> dict[str, object]:
    """Return the built-in encoder's open_clip configuration, as its folder holds it."""
    from hicalm.encoders.attributes import EMBED_DIM
    from hicalm.encoders.augment import MEAN, STD

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
    with making(folder) as ready:
        if folder.exists():
            shutil.copytree(folder, ready, dirs_exist_ok=True)
        save_file(half_precision(image_state), ready / IMAGE_FILE)
        save_file(half_precision(text_state), ready / TEXT_FILE)
        config = to_json(builtin_config(), indent=2) + "\n"
        (ready / CONFIG_FILE).write_text(config, encoding="utf-8")


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

    from hicalm.encoders.augment import to_input
    from hicalm.encoders.builtin_networks import BuiltinNetworks, BuiltinText
    from hicalm.encoders.empty_networks import empty
    from hicalm.encoders.minilm_network import PAD, fill, single_precision

    folder = Path(folder)
    config = _read_config(folder)["model_cfg"]
    dim, (height, width) = config["embed_dim"], config["vision_cfg"]["image_size"]
    networks = empty(lambda: BuiltinNetworks(dim))
    image_encoder = networks.visual["trunk"]
    image = load_state(folder / IMAGE_FILE, image_encoder.state_dict(), complete=True)
    image_encoder.load_state_dict(single_precision(image), assign=True)
    image_encoder.to(memory_format=torch.channels_last)  # a sixth faster on a CPU
    text = load_state(folder / TEXT_FILE, networks.text.state_dict(), needed=(TEXT_PROJECTION,))
    fill(networks.text, "transformer", text)
    query = None
    if (folder / QUERY_FILE).is_file():
        empty_text = empty(lambda: BuiltinText(dim))
        query = load_query_encoder(folder / QUERY_FILE, empty_text, text)

    def to_batch(pictures: np.ndarray) -> torch.Tensor:
        return to_input(pictures, (height, width))

    def preprocess(picture: Image.Image) -> torch.Tensor:
        resized = picture.resize((width, height), Image.Resampling.BILINEAR)
        return to_batch(np.array(resized)[None])[0]

    return LoadedModel(
        name=name,
        dim=dim,
        hash=_folder_hash(folder),
        model=networks.eval(),
        tokenizer=MiniLMTokenizer(config["text_cfg"]["context_length"]),
        preprocess=preprocess,
        pad_token=PAD,
        size=(height, width),
        batch_preprocess=to_batch,
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
        config = read_json(path)
        vision, text = config["model_cfg"]["vision_cfg"], config["model_cfg"]["text_cfg"]
        names = vision["timm_model_name"], text["hf_model_name"]
    except (ValueError, KeyError, TypeError) as error:
        raise HicalmError(f"{path} is not the configuration of a built-in encoder.") from error
    if names != (IMAGE_ENCODER, MINILM_REPOSITORY):
        raise HicalmError(
            f"{path} must name the image encoder {IMAGE_ENCODER} and the text encoder "
            f"{MINILM_REPOSITORY}, not {names[0]} and {names[1]}."
        )
    return config


def _folder_hash(folder: Path) -> str:
    files = ((folder / name).read_bytes() for name in (CONFIG_FILE, IMAGE_FILE, TEXT_FILE))
    return content_hash([*files, bytes.fromhex(MINILM_SHA256)])
