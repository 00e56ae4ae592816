"""The art expert: a classifier of subject, style and palette whose penultimate features are kept.

It is the second image branch of the paper, optional here: its features are concatenated to the
encoder's. It looks at the centre of a view, where a faced painting hangs, at a finer scale than
the image encoder sees it; a whole painting is squashed to the same size.
"""

import numpy as np
import torch
from torch import nn

from hicalm.data.home import CHECKPOINTS
from hicalm.encoders.attributes import KINDS, PAINTING_KINDS
from hicalm.encoders.augment import to_input
from hicalm.encoders.expert import Expert
from hicalm.encoders.thin_resnet import ThinResNet

FEATURES = 64  # penultimate features of an image
INPUT_SIZE = (96, 96)  # height, width in pixels
CENTRE_WIDTH, CENTRE_HEIGHT = 0.6, 0.8  # share of a view that is looked at
ART_EXPERT_FOLDER = CHECKPOINTS / "art_expert"


class ArtExpertNetwork(nn.Module):
    """The thin ResNet with one linear classifier a kind of attribute on its features."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = ThinResNet(FEATURES)
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


class ArtExpert(Expert[ArtExpertNetwork]):
    """A trained art expert, to be asked for the features of the centres of views."""

    name = "art expert"
    dim = FEATURES
    home = ART_EXPERT_FOLDER
    file = "art_expert"
    option = "--no-art"

    @staticmethod
    def build() -> ArtExpertNetwork:
        """Return the network, untrained."""
        return ArtExpertNetwork()

    def prepare(self, views: np.ndarray) -> torch.Tensor:
        """Return the network input of the centres of views, uint8 (N, h, w, 3)."""
        return to_input(centre(views), INPUT_SIZE)

    def read(self, batch: torch.Tensor) -> torch.Tensor:
        """Return the features of network input (N, 3, 96, 96): (N, 64), at least 0."""
        return self.network.features(batch)


def centre(views: np.ndarray) -> np.ndarray:
    """Return the central 60 % x 80 % (width x height) of views (N, h, w, 3), at least a pixel."""
    height, width = views.shape[1:3]
    h, w = max(1, round(height * CENTRE_HEIGHT)), max(1, round(width * CENTRE_WIDTH))
    top, left = (height - h) // 2, (width - w) // 2
    return np.ascontiguousarray(views[:, top : top + h, left : left + w])


__all__ = ["ArtExpert", "ArtExpertNetwork", "centre"]
