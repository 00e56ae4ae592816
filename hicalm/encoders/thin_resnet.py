"""The built-in image encoder: a thin ResNet, small enough to train on two CPU cores.

Dense 3 x 3 convolutions were chosen over depthwise ones by measurement: at equal CPU seconds a
thin ResNet learned held-out subjects and styles far better than MobileNetV3, RegNet or LCNet,
because depthwise convolutions and squeeze-excite blocks are bound by memory on a CPU.

It is timm's ResNet of these sizes, with its names of modules and weights, in plain torch: importing
timm takes seconds.
"""

from torch import Tensor, nn

STEM = (9, 12, 24)  # channels
LAYERS = ((24, 1), (48, 2), (112, 2), (256, 1))  # channels and blocks; all but the first halve


class ThinResNet(nn.Module):
    """The encoder; ``dim`` is the width of the embedding, and all weights are random at first."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        first, second, last = STEM
        self.conv1 = nn.Sequential(
            *(_convolution(3, first, 2), nn.BatchNorm2d(first), nn.ReLU(inplace=True)),
            *(_convolution(first, second), nn.BatchNorm2d(second), nn.ReLU(inplace=True)),
            _convolution(second, last),
        )
        self.bn1, self.act1 = nn.BatchNorm2d(last), nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inner = last
        for number, (channels, blocks) in enumerate(LAYERS, 1):
            layer = [_Block(inner, channels, 1 if number == 1 else 2)]
            layer += [_Block(channels, channels, 1) for _ in range(blocks - 1)]
            self.add_module(f"layer{number}", nn.Sequential(*layer))
            inner = channels
        self.global_pool = AveragePool()
        self.fc = nn.Linear(inner, dim)
        self._draw()

    def forward_features(self, batch: Tensor) -> Tensor:
        """Return the last feature map of network input (N, 3, h, w): (N, 256, h / 32, w / 32)."""
        found = self.maxpool(self.act1(self.bn1(self.conv1(batch))))
        for number in range(1, len(LAYERS) + 1):
            found = self.get_submodule(f"layer{number}")(found)
        return found

    def forward(self, batch: Tensor) -> Tensor:
        """Return the embeddings of network input (N, 3, h, w), not normalised: (N, dim)."""
        return self.fc(self.global_pool(self.forward_features(batch)))

    def _draw(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                outgoing = module.weight.numel() / module.in_channels
                nn.init.normal_(module.weight, std=(2 / outgoing) ** 0.5)  # He et al., 2015
            elif isinstance(module, _Block):
                nn.init.zeros_(module.bn2.weight)  # a block changes nothing at first


class AveragePool(nn.Module):
    """The mean of a feature map (N, C, h, w): (N, C)."""

    pool_type = "avg"  # timm's name of it

    def forward(self, maps: Tensor) -> Tensor:
        """Average over all cells."""
        return maps.mean((2, 3))


class _Block(nn.Module):
    def __init__(self, inner: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = _convolution(inner, channels, stride), nn.BatchNorm2d(channels)
        self.act1 = nn.ReLU(inplace=True)
        self.conv2, self.bn2 = _convolution(channels, channels), nn.BatchNorm2d(channels)
        self.act2 = nn.ReLU(inplace=True)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1:
            self.downsample = nn.Sequential(
                nn.AvgPool2d(2, stride, ceil_mode=True, count_include_pad=False),
                nn.Conv2d(inner, channels, 1, bias=False),
                nn.BatchNorm2d(channels),
            )

    def forward(self, batch: Tensor) -> Tensor:
        found = self.act1(self.bn1(self.conv1(batch)))
        found = self.bn2(self.conv2(found))
        found += self.downsample(batch)
        return self.act2(found)


def _convolution(inner: int, channels: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inner, channels, 3, stride, 1, bias=False)
