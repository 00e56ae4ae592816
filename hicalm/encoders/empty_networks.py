"""Networks that know the shapes of their weights, and take neither memory nor time for them."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

Network = TypeVar("Network", bound=nn.Module)


def empty(build: Callable[[], Network]) -> Network:
    """Return a network without numbers, to be given weights of its shapes.

    ``build`` draws weights with ``torch.nn.init``'s ``uniform_``, ``normal_`` and
    ``kaiming_uniform_``, as torch's own modules do; nothing is drawn. Raises what ``build`` raises,
    such as RuntimeError for sizes beyond all memory.
    """
    with torch.device("meta"), _Undrawn():
        return build()


class _Undrawn(TorchFunctionMode):
    """Leaves weights alone: drawing shapes would import torch's compiler, which takes seconds."""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == nn.init.__name__:
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return func(*args, **kwargs)
