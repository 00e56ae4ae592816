"""Save and load small networks as one safetensors file, how they are built written inside."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from hicalm.encoders.empty_networks import empty
from hicalm.encoders.weights import load_state
from hicalm.errors import HicalmError
from hicalm.files import parse_json, replacing, to_json

FORMAT = 1
Network = TypeVar("Network", bound=nn.Module)


def save_network(network: nn.Module, description: Mapping[str, object], path: Path) -> None:
    """Write weights and description to ``path``; to a temporary name first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {key: value.contiguous() for key, value in network.state_dict().items()}
    inside = to_json({"format": FORMAT, **description}, sort_keys=True)
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata={"config": inside})


def load_network(
    path: Path, build: Callable[[dict[str, Any]], Network], what: str, command: str
) -> Network:
    """Return the network of ``path``, for evaluation, built of the description inside.

    Args:
        what: what is in the file, and ``command``: what makes it; for the sentence of an error.

    Raises HicalmError for a missing or damaged file, another format, and weights that do not fit
    or are not finite. Nothing is allocated for weights that the file does not hold.
    """
    if not path.is_file():
        raise HicalmError(
            f"There are no {what} in '{path.parent}': {path.name} is missing. "
            f"Train them with `{command}`."
        )
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get("config", "null")
            description: Any = parse_json(text, f"the description inside '{path}'")
            if description["format"] != FORMAT:
                raise HicalmError(
                    f"'{path}' has the format {description['format']}; {FORMAT} is read here."
                )
        described = empty(lambda: build(description)).state_dict()
        try:
            state = load_state(path, described, complete=True)
        except HicalmError as error:
            raise ValueError(str(error)) from error
        network = build(description)
        network.load_state_dict(state)
    except HicalmError:
        raise
    except (SafetensorError, ValueError, TypeError, KeyError, RuntimeError, OSError) as error:
        raise HicalmError(
            f"'{path}' is damaged or does not hold {what}. Train them again."
        ) from error
    return network.eval()
