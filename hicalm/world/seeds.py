"""Random generators that depend only on a seed and on names, never on the order of calls."""

import hashlib

import numpy as np


def generator(seed: int, *keys: str | int) -> np.random.Generator:
    """Return the generator of one thing, e.g. ``generator(7, "museum-00001", 2, "room")``.

    The keys are hashed with BLAKE2, so that the stream is the same in every process and on every
    machine (Python's own ``hash`` of a string is not).
    """
    text = "\x1f".join(str(key) for key in (seed, *keys))
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))
