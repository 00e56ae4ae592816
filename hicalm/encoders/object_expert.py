"""The object expert: which of the five kinds of objects a view shows.

The image encoder hardly sees what stands on the floor. This network looks at the lower part of a
view at the encoder's scale and gives a logit a kind for every cell of it; the logit of a view is
the log-sum-exp over its cells, and a room shows what one of its views shows.
"""

import numpy as np
import torch
from torch import nn

from hicalm.data.collection import Named
from hicalm.data.home import CHECKPOINTS
from hicalm.encoders.augment import to_input
from hicalm.encoders.builtin import BUILTIN
from hicalm.encoders.expert import Expert
from hicalm.world.vocabulary import OBJECTS

INPUT_SIZE = (72, 160)  # height, width in pixels: a view of 120 x 160 without its upper part
LOWER_SHARE = 0.6  # of a view's height that is looked at: objects stand on the floor
COLUMNS = 10  # of cells, 16 pixels wide each; there are five rows of them
STEM_WIDTH = 32
LAYERS = ((32, 1), (64, 2), (64, 1), (128, 2), (128, 1))  # width and stride of each convolution
START_LOGIT = -7.0  # of a cell before training: hardly any cell shows a given kind


class ObjectExpertNetwork(nn.Module):
    """Plain convolutions behind a stem of stride 4, and a linear classifier of every cell."""

    def __init__(self) -> None:
        super().__init__()
        layers = _convolution(3, STEM_WIDTH, 6, 4, 2)
        width = STEM_WIDTH
        for wider, stride in LAYERS:
            layers += _convolution(width, wider, 3, stride, 1)
            width = wider
        self.trunk = nn.Sequential(*layers)
        self.classifier = nn.Conv2d(width, len(OBJECTS), 1)
        with torch.no_grad():
            self.classifier.get_parameter("bias").add_(START_LOGIT)

    def columns(self, batch: torch.Tensor) -> torch.Tensor:
        """Return the logits of the columns of views, network input (N, 3, 72, 160): (N, 5, 10)."""
        return self.classifier(self.trunk(batch)).logsumexp(2)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Return the logits of views, network input (N, 3, 72, 160): (N, 5)."""
        return self.columns(batch).logsumexp(2)


def _convolution(inner: int, outer: int, size: int, stride: int, padding: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inner, outer, size, stride, padding, bias=False)
    return [convolution, nn.BatchNorm2d(outer), nn.ReLU(inplace=True)]


class ObjectExpert(Expert[ObjectExpertNetwork]):
    """A trained object expert, to be asked for a logit a kind of ``OBJECTS`` of views."""

    name = "object expert"
    dim = len(OBJECTS)
    home = CHECKPOINTS / "object_expert"
    file = "object_expert"
    option = "--no-objects"

    @staticmethod
    def build() -> ObjectExpertNetwork:
        """Return the network, untrained."""
        return ObjectExpertNetwork()

    def prepare(self, views: np.ndarray) -> torch.Tensor:
        """Return the network input of the lower parts of views, uint8 (N, h, w, 3)."""
        return to_input(lower_part(views), INPUT_SIZE)

    @classmethod
    def beside(cls, encoder: Named) -> "ObjectExpert | None":
        """Load the expert that comes with an encoder: with the built-in one, and with no other.

        Raises HicalmError where it is missing or broken.
        """
        return cls.load() if encoder.name == BUILTIN else None

    def read(self, batch: torch.Tensor) -> torch.Tensor:
        """Return the logits of network input (N, 3, 72, 160), (N, 5)."""
        return self.network(batch)


def lower_part(views: np.ndarray) -> np.ndarray:
    """Return the lower 60 % of views (N, h, w, 3), at least a pixel high."""
    height = max(1, round(views.shape[1] * LOWER_SHARE))
    return np.ascontiguousarray(views[:, -height:])


__all__ = ["ObjectExpert", "ObjectExpertNetwork", "lower_part"]
