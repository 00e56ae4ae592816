"""Five tiny items, and encoders for them, whose similarities can be worked out by hand."""

import numpy as np

from hicalm.hashing.picture_objects import Objects

E1, E2, E3 = np.eye(3, dtype=np.float32)

# Items 0 to 4; the last one's objects are cut to the first two where the paper cuts them.
OBJECTS = Objects(np.array([E1, E1, E2, E2, E3, E1, E2, E3, E3]), np.array([1, 2, 1, 1, 4]))
CLUSTERS = np.array([0, 0, 1, 1, 2, 0, 1, 2, 2])  # of the nine objects: one an axis
WORDS = np.array([E1, E1, E2, E3, E3])  # of items 0, 1, 1, 3 and 4; item 2 has none
WORD_COUNTS = np.array([1, 2, 0, 1, 1])
ALIKE = np.array(
    [
        [1.00, 0.75, 0.00, 0.00, 0.75],
        [0.75, 1.00, 0.75, 0.00, 1.00],
        [0.00, 0.75, 1.00, 0.00, 0.75],
        [0.00, 0.00, 0.00, 1.00, 0.00],
        [0.75, 1.00, 0.75, 0.00, 1.00],
    ]
)


def matrix(*pairs: tuple[int, int], diagonal: bool = True) -> np.ndarray:
    """Return a symmetric 5 x 5 matrix that is True at some pairs, and along its diagonal."""
    found = np.eye(5, dtype=bool) & diagonal
    for i, j in pairs:
        found[i, j] = found[j, i] = True
    return found
