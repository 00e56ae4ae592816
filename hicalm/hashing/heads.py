"""Two heads turn features into codes, pictures and texts: D -> hidden -> ReLU -> k -> tanh."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from hicalm.data.collection import Mark
from hicalm.errors import HicalmError
from hicalm.geometry import unit
from hicalm.hashing.codes import pack
from hicalm.hashing.settings import HashSettings

HEADS_FILE = "heads.safetensors"
FORMAT = 1
ROWS_AT_ONCE = 16_384


class HashHeads(nn.Module):
    """The head of pictures and the head of texts, for features of the encoder ``mark``."""

    def __init__(self, mark: Mark, settings: HashSettings) -> None:
        super().__init__()
        self.mark, self.settings = mark, settings
        self.image, self.text = _head(mark.dim, settings), _head(mark.dim, settings)

    def image_codes(self, features: np.ndarray) -> np.ndarray:
        """Return the codes of pictures' or views' features (N, D): packed uint8 (N, bits / 8)."""
        return self._codes(self.image, features)

    def text_codes(self, features: np.ndarray) -> np.ndarray:
        """Return the codes of texts' features (N, D): packed uint8 (N, bits / 8)."""
        return self._codes(self.text, features)

    @torch.inference_mode()
    def text_activations(self, features: np.ndarray) -> np.ndarray:
        """Return what the signs of texts' codes are taken of: float32 (N, bits), in -1..1."""
        return self.text(head_input(features)).numpy()

    @torch.inference_mode()
    def _codes(self, head: Callable[[Tensor], Tensor], features: np.ndarray) -> np.ndarray:
        if features.ndim != 2 or features.shape[1] != self.mark.dim:
            raise HicalmError(
                f"These codes are made from features of {self.mark.dim} numbers (encoder "
                f"{self.mark.name}), not of shape {features.shape}."
            )
        blocks = range(0, len(features), ROWS_AT_ONCE)
        parts = [np.zeros((0, self.settings.bits // 8), np.uint8)]
        for start in blocks:
            rows = head_input(features[start : start + ROWS_AT_ONCE])
            parts.append(pack(head(rows).numpy() > 0))
        return np.concatenate(parts)


def head_input(features: np.ndarray) -> Tensor:
    """Return features (N, D) of any length as the heads take them: of length √D.

    Numbers of about 1 are what freshly drawn layers expect, and what CLIP's features are nearer to
    than vectors of length 1, with which the published rate of learning is too small.
    """
    return stretched(torch.from_numpy(unit(features)))


def stretched(vectors: Tensor) -> Tensor:
    """Return unit vectors (N, D) with length √D."""
    return vectors * vectors.shape[1] ** 0.5


def _head(dim: int, settings: HashSettings) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(dim, settings.hidden), nn.ReLU(), nn.Linear(settings.hidden, settings.bits),
        nn.Tanh(),
    )  # fmt: skip


def save_heads(heads: HashHeads, folder: Path) -> None:
    """Write ``folder/heads.safetensors``, the configuration inside; to a temporary name first."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark = {"name": heads.mark.name, "hash": heads.mark.hash, "dim": heads.mark.dim}
    config = {"format": FORMAT, "encoder": mark, "settings": heads.settings.to_json()}
    temporary = folder / f"{HEADS_FILE}.tmp"
    tensors = {key: value.contiguous() for key, value in heads.state_dict().items()}
    save_file(tensors, temporary, metadata={"config": json.dumps(config, sort_keys=True)})
    os.replace(temporary, folder / HEADS_FILE)


def load_heads(folder: Path) -> HashHeads:
    """Load the heads of a run, for evaluation.

    Raises HicalmError for a missing or damaged file, another format, and weights that do not fit
    or are not finite. Nothing is allocated for weights that the file does not hold.
    """
    path = Path(folder) / HEADS_FILE
    if not path.is_file():
        raise HicalmError(
            f"There are no hash heads in '{folder}': {HEADS_FILE} is missing. "
            "Train them with `python -m hicalm hash train`."
        )
    try:
        with safe_open(path, framework="pt") as file:
            config: Any = json.loads((file.metadata() or {}).get("config", "null"))
            if config["format"] != FORMAT:
                raise HicalmError(
                    f"'{path}' has the format {config['format']}; {FORMAT} is read here."
                )
            of = Mark(**config["encoder"]), HashSettings(**config["settings"])
            with torch.device("meta"):
                described = HashHeads(*of).state_dict()
            expected = {key: list(value.shape) for key, value in described.items()}
            keys = file.keys()
            if {key: file.get_slice(key).get_shape() for key in keys} != expected:
                raise ValueError("other weights than described")
            state = {key: file.get_tensor(key).float() for key in expected}
        if not all(value.isfinite().all() for value in state.values()):
            raise ValueError("weights that are not finite")
        heads = HashHeads(*of)
        heads.load_state_dict(state)
    except HicalmError:
        raise
    except (SafetensorError, ValueError, TypeError, KeyError, RuntimeError, OSError) as error:
        raise HicalmError(
            f"'{path}' is damaged or does not hold hash heads. Train them again."
        ) from error
    return heads.eval()
