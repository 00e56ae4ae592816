"""Two heads turn features into codes, pictures and texts: D -> hidden -> ReLU -> k -> tanh."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hicalm.data.collection import Fingerprint
from hicalm.errors import HicalmError
from hicalm.geometry import unit
from hicalm.hashing.codes import pack
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.network_files import load_network, save_network

HEADS_FILE = "heads.safetensors"
ROWS_AT_ONCE = 16_384


class HashHeads(nn.Module):
    """The head of pictures and the head of texts, for features of the encoder ``fingerprint``."""

    def __init__(self, fingerprint: Fingerprint, settings: HashSettings) -> None:
        super().__init__()
        self.fingerprint, self.settings = fingerprint, settings
        self.image, self.text = _head(fingerprint.dim, settings), _head(fingerprint.dim, settings)

    @property
    def hash(self) -> str:
        """Names these weights: what reads their codes fits no others."""
        digest = hashlib.sha256()
        for value in self.state_dict().values():
            digest.update(value.numpy().tobytes())
        return digest.hexdigest()[:16]

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
        if features.ndim != 2 or features.shape[1] != self.fingerprint.dim:
            raise HicalmError(
                f"These codes are made from features of {self.fingerprint.dim} numbers (encoder "
                f"{self.fingerprint.name}), not of shape {features.shape}."
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
        nn.Linear(dim, settings.hidden),
        nn.ReLU(),
        nn.Linear(settings.hidden, settings.bits),
        nn.Tanh(),
    )


def save_heads(heads: HashHeads, folder: Path) -> None:
    """Write ``folder/heads.safetensors``, the configuration inside."""
    description = {"encoder": asdict(heads.fingerprint), "settings": heads.settings.to_json()}
    save_network(heads, description, Path(folder) / HEADS_FILE)


def load_heads(folder: Path) -> HashHeads:
    """Load the heads of a run, for evaluation. Raises HicalmError as ``load_network`` does."""
    path = Path(folder) / HEADS_FILE
    return load_network(path, _described, "hash heads", "python -m hicalm hash train")


def _described(description: dict[str, Any]) -> HashHeads:
    return HashHeads(Fingerprint(**description["encoder"]), HashSettings(**description["settings"]))
