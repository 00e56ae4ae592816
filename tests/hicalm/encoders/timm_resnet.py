"""The built-in image encoder as timm builds it; importing this registers it by its name."""

from typing import Any

from timm.models import register_model
from timm.models.resnet import BasicBlock, ResNet


@register_model
def hicalm_thin_resnet(pretrained: bool = False, **options: object) -> ResNet:
    shape: dict[str, Any] = {
        "block": BasicBlock,
        "layers": (1, 2, 2, 1),
        "channels": (24, 48, 112, 256),
        "stem_width": 12,
        "stem_type": "deep_tiered",
        "avg_down": True,
    }
    shape |= {key: value for key, value in options.items() if not key.startswith("pretrained")}
    shape.pop("cache_dir", None)
    return ResNet(**shape)
