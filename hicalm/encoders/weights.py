"""Weight files of the encoders: half precision when written, keys and shapes checked when read."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hicalm.errors import HicalmError

if TYPE_CHECKING:  # torch takes a second to import: only loading and writing need it
    import torch

FLOATS = ("F16", "BF16", "F32", "F64")  # safetensors' names of types
HASH_DIGITS = 16  # hexadecimal digits of a content hash: 64 bits, enough to tell encoders apart


def content_hash(parts: Iterable[bytes]) -> str:
    """Return the short sha256 of byte strings, each hashed with its length before it."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:HASH_DIGITS]


def state_bytes(state: Mapping[str, "torch.Tensor"]) -> Iterator[bytes]:
    """Yield the bytes of weights, each after its name, type and shape, for ``content_hash``."""
    import torch

    for key in sorted(state):
        value = state[key].detach().cpu().contiguous()
        yield f"{key} {value.dtype} {tuple(value.shape)}".encode()
        yield value.reshape(-1).view(torch.uint8).numpy().tobytes()


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
    """Read a weights file whose keys, shapes and kinds of numbers must be the expected ones.

    Floating-point numbers may have another precision than ``expected``, which may be on torch's
    ``meta`` device: all but finiteness is checked before anything is read.

    Args:
        complete: every expected key must be there; otherwise only those of ``needed``.
    Raises HicalmError for an unreadable file, for foreign, wrong or missing keys, and for weights
    that are not finite.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            held = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118 (no dictionary)
            shapes = {key: (tuple(one.get_shape()), one.get_dtype()) for key, one in held.items()}
            check_shapes(path, shapes, expected, tuple(expected) if complete else needed)
            state = {key: file.get_tensor(key) for key in held}
    except (SafetensorError, OSError) as error:
        raise HicalmError(f"{path} is not a readable safetensors file: {error}.") from error
    for key, value in state.items():
        if not bool(value.isfinite().all()):
            raise HicalmError(
                f"{path} is damaged: its weights {key!r} are not all finite. Take another copy, or "
                "train again."
            )
    return state


def check_shapes(
    path: Path,
    found: Mapping[str, tuple[tuple[int, ...], str]],
    expected: Mapping[str, "torch.Tensor"],
    needed: tuple[str, ...],
) -> None:
    """Raise HicalmError unless a weights file holds, by keys, shapes and types, what is expected.

    ``found`` has a shape and a type (``F32``, as safetensors calls it) for each key.
    """
    for key, (shape, kind) in found.items():
        if key not in expected:
            raise HicalmError(f"{path} holds {key!r}, which this network does not have.")
        if shape != tuple(expected[key].shape):
            raise HicalmError(
                f"{path} holds {key!r} of shape {shape}, expected {tuple(expected[key].shape)}."
            )
        if expected[key].is_floating_point() != (kind in FLOATS):
            wanted = "floating-point" if expected[key].is_floating_point() else "whole"
            raise HicalmError(f"{path} holds {key!r} as {kind}, expected {wanted} numbers.")
    missing = [key for key in needed if key not in found]
    if missing:
        raise HicalmError(f"{path} is incomplete: {missing[0]!r} and {len(missing) - 1} more miss.")
