"""The art expert: a classifier of subject, style and palette whose penultimate features are kept.

It is the second image branch of the paper, optional here: its features are concatenated to the
encoder's. It looks at the centre of a view, where a faced painting hangs, at a finer scale than
the image encoder sees it; a whole painting is squashed to the same size.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import timm
import torch
from safetensors.torch import save_file
from torch import nn

from hicalm.data.home import CHECKPOINTS, not_at_home
from hicalm.encoders.attributes import KINDS, PAINTING_KINDS
from hicalm.encoders.augment import to_input
from hicalm.encoders.encoder import check_picture
from hicalm.encoders.thin_resnet import IMAGE_ENCODER
from hicalm.encoders.weights import HASH_DIGITS, half_precision, load_state
from hicalm.errors import HicalmError
from hicalm.files import replacing

FEATURES = 64  # penultimate features of an image
INPUT_SIZE = (96, 96)  # height, width in pixels
CENTRE_WIDTH, CENTRE_HEIGHT = 0.6, 0.8  # share of a view that is looked at
ART_EXPERT_FOLDER = CHECKPOINTS / "art_expert"
WEIGHTS_FILE, CONFIG_FILE = "art_expert.safetensors", "art_expert.json"


class ArtExpertNetwork(nn.Module):
    """The thin ResNet with one linear classifier a kind of attribute on its features."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = timm.create_model(IMAGE_ENCODER, num_classes=FEATURES)
        self.classifiers = nn.ModuleDict(
            {kind: nn.Linear(FEATURES, len(KINDS[kind])) for kind in PAINTING_KINDS}
        )

    def features(self, batch: torch.Tensor) -> torch.Tensor:
        """Return the penultimate features of network input (N, 3, h, w): (N, 64), at least 0."""
        return self.trunk(batch).relu()

    def forward(self, batch: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the logits of network input (N, 3, h, w) by kind: (N, values of the kind)."""
        features = self.features(batch)
        return {kind: layer(features) for kind, layer in self.classifiers.items()}


class ArtExpert:
    """A trained art expert, to be asked for the features of views."""

    name = "art expert"
    dim = FEATURES

    def __init__(
        self, network: ArtExpertNetwork, content: str, device: str | torch.device | None = None
    ) -> None:
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.network, self.hash = network.to(self.device).eval(), content

    @classmethod
    def load(
        cls, folder: Path = ART_EXPERT_FOLDER, device: str | torch.device | None = None
    ) -> "ArtExpert":
        """Load the art expert of a folder; raises HicalmError where it is missing or broken."""
        path = Path(folder) / WEIGHTS_FILE
        if folder == ART_EXPERT_FOLDER and not folder.exists():
            raise not_at_home("the art expert", folder, "make features without it (--no-art)")
        if not path.is_file():
            raise HicalmError(f"There is no art expert in {folder}: {WEIGHTS_FILE} is missing.")
        network = ArtExpertNetwork()
        network.load_state_dict(load_state(path, network.state_dict(), complete=True))
        return cls(network, hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_DIGITS], device)

    def encode_images(
        self, images: Sequence[np.ndarray] | np.ndarray, batch_size: int = 128
    ) -> np.ndarray:
        """Return the features of the centres of views, float32 (N, 64).

        Args:
            images: uint8 RGB, each (h, w, 3) of any size, or one array (N, h, w, 3).
        Raises HicalmError for images of another type or shape.
        """
        result = np.empty((len(images), FEATURES), np.float32)
        for start in range(0, len(images), batch_size):
            chosen = images[start : start + batch_size]
            # Pictures of one size go through as one array.
            for image in chosen[:1] if isinstance(chosen, np.ndarray) else chosen:
                check_picture(image)
            groups = [chosen] if isinstance(chosen, np.ndarray) else [i[None] for i in chosen]
            batch = torch.cat([to_input(centre(group), INPUT_SIZE) for group in groups])
            batch = batch.contiguous(memory_format=torch.channels_last)
            with torch.inference_mode():
                features = self.network.features(batch.to(self.device))
            result[start : start + batch_size] = features.float().cpu().numpy()
        return result


def centre(views: np.ndarray) -> np.ndarray:
    """Return the central 60 % x 80 % (width x height) of views (N, h, w, 3), at least a pixel."""
    height, width = views.shape[1:3]
    h, w = max(1, round(height * CENTRE_HEIGHT)), max(1, round(width * CENTRE_WIDTH))
    top, left = (height - h) // 2, (width - w) // 2
    return np.ascontiguousarray(views[:, top : top + h, left : left + w])


def save_art_expert(
    network: ArtExpertNetwork, folder: Path, config: Mapping[str, object], history: list[dict]
) -> None:
    """Write the weights as float16 and, beside them, how they were trained.

    Args:
        config: the settings of the training; history: its losses over time.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / WEIGHTS_FILE) as temporary:
        save_file(half_precision(network.state_dict()), temporary)
    record = json.dumps({"config": config, "history": history}, indent=1)
    (folder / CONFIG_FILE).write_text(record + "\n", encoding="utf-8")


__all__ = ["ArtExpert", "ArtExpertNetwork", "centre", "save_art_expert"]
