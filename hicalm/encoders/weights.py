"""Weight files of the encoders: half precision when written, keys and shapes checked when read."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hicalm.errors import HicalmError

if TYPE_CHECKING:  # torch takes a second to import: only loading and writing need it
    import torch

HASH_DIGITS = 16  # hexadecimal digits of a content hash: 64 bits, enough to tell encoders apart


def content_hash(parts: Iterable[bytes]) -> str:
    """Return the short sha256 of byte strings, each hashed with its length before it."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:HASH_DIGITS]


def half_precision(state: Mapping[str, "torch.Tensor"]) -> dict[str, "torch.Tensor"]:
    """Return a copy of a state with float16 in place of wider floats; counters stay integers.

    Raises HicalmError for a value beyond float16's range.
    """
    halves = {}
    for key, value in state.items():
        value = value.detach().cpu()
        halves[key] = (value.half() if value.is_floating_point() else value.clone()).contiguous()
        if not halves[key].isfinite().all():
            raise HicalmError(
                f"The weight {key!r} holds values that float16 cannot: lower the learning rate "
                "or train again."
            )
    return halves


def load_state(
    path: Path,
    expected: Mapping[str, "torch.Tensor"],
    complete: bool = False,
    needed: tuple[str, ...] = (),
) -> dict[str, "torch.Tensor"]:
    """Read a weights file whose keys and shapes must be among the expected ones.

    Args:
        complete: every expected key must be there; otherwise only those of ``needed``.
    Raises HicalmError for an unreadable file and for foreign, wrong-shaped or missing keys.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = load_file(path)
    except (SafetensorError, OSError) as error:
        raise HicalmError(f"{path} is not a readable safetensors file: {error}.") from error
    for key, value in state.items():
        if key not in expected:
            raise HicalmError(f"{path} holds {key!r}, which this network does not have.")
        if value.shape != expected[key].shape:
            raise HicalmError(
                f"{path} holds {key!r} of shape {tuple(value.shape)}, "
                f"expected {tuple(expected[key].shape)}."
            )
    missing = [key for key in (expected if complete else needed) if key not in state]
    if missing:
        raise HicalmError(f"{path} is incomplete: {missing[0]!r} and {len(missing) - 1} more miss.")
    return state
