"""What the experts share: small networks beside the encoder, each with one weights file."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Generic, Self, TypeVar

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from hicalm.data.home import not_at_home
from hicalm.encoders.encoder import check_picture
from hicalm.encoders.weights import HASH_DIGITS, half_precision, load_state
from hicalm.errors import HicalmError
from hicalm.files import replacing, to_json

Network = TypeVar("Network", bound=nn.Module)


class Expert(ABC, Generic[Network]):
    """A trained network that gives features of views; a subclass says which.

    name: what it is called; dim: how wide its features are; home: the folder that comes with the
    repository; file: the stem of its two files; option: what leaves it out on the command line.
    """

    name: str
    dim: int
    home: Path
    file: str
    option: str

    def __init__(
        self, network: Network, content: str, device: str | torch.device | None = None
    ) -> None:
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.network, self.hash = network.to(self.device).eval(), content

    @staticmethod
    @abstractmethod
    def build() -> Network:
        """Return the network, untrained."""

    @abstractmethod
    def prepare(self, views: np.ndarray) -> torch.Tensor:
        """Return the network input of views, uint8 (N, h, w, 3)."""

    @abstractmethod
    def read(self, batch: torch.Tensor) -> torch.Tensor:
        """Return the features of network input, (N, dim)."""

    @classmethod
    def load(cls, folder: Path | None = None, device: str | torch.device | None = None) -> Self:
        """Load the expert of a folder, the repository's by default.

        Raises HicalmError where it is missing or broken.
        """
        folder = cls.home if folder is None else Path(folder)
        path = folder / f"{cls.file}.safetensors"
        if folder == cls.home and not folder.exists():
            raise not_at_home(f"the {cls.name}", folder, f"make features without it ({cls.option})")
        if not path.is_file():
            raise HicalmError(f"There is no {cls.name} in {folder}: {path.name} is missing.")
        network = cls.build()
        network.load_state_dict(load_state(path, network.state_dict(), complete=True))
        return cls(network, hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_DIGITS], device)

    def encode_images(
        self, images: Sequence[np.ndarray] | np.ndarray, batch_size: int = 128
    ) -> np.ndarray:
        """Return the features of views, float32 (N, dim).

        Args:
            images: uint8 RGB, each (h, w, 3) of any size, or one array (N, h, w, 3).
        Raises HicalmError for images of another type or shape.
        """
        result = np.empty((len(images), self.dim), np.float32)
        for start in range(0, len(images), batch_size):
            chosen = images[start : start + batch_size]
            # Pictures of one size go through as one array.
            for image in chosen[:1] if isinstance(chosen, np.ndarray) else chosen:
                check_picture(image)
            groups = [chosen] if isinstance(chosen, np.ndarray) else [i[None] for i in chosen]
            batch = torch.cat([self.prepare(group) for group in groups])
            batch = batch.contiguous(memory_format=torch.channels_last)
            with torch.inference_mode():
                features = self.read(batch.to(self.device))
            result[start : start + batch_size] = features.float().cpu().numpy()
        return result

    @classmethod
    def save(
        cls, network: nn.Module, folder: Path, config: Mapping[str, object], history: list[dict]
    ) -> None:
        """Write the weights as float16 and, beside them, how they were trained.

        Args:
            config: the settings of the training; history: its losses over time.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / f"{cls.file}.safetensors") as temporary:
            save_file(half_precision(network.state_dict()), temporary)
        record = to_json({"config": config, "history": history}, indent=1)
        (folder / f"{cls.file}.json").write_text(record + "\n", encoding="utf-8")


__all__ = ["Expert"]
