"""TIFF files of all kinds of numbers, which Pillow does not write."""

import struct

import numpy as np

from hicalm.data.deep_tiffs import _directory

KINDS = {"u": 1, "i": 2, "f": 3}


def tiff(
    values: np.ndarray,
    *,
    planes: bool = False,
    photometric: int | None = None,
    extra: int | None = None,
    turned: int = 1,
) -> bytes:
    """Return a file of numbers (h, w, samples), in their own order of bytes, not compressed.

    ``planes``: a strip for the first half of the rows and one for the rest, of each plane.
    """
    height, width, samples = values.shape
    order = ">" if values.dtype.byteorder == ">" else "<"
    half = height // 2 if planes else height
    layers = np.split(values, samples, 2) if planes else [values]
    strips = [part.tobytes() for one in layers for part in (one[:half], one[half:]) if part.size]
    lengths = [len(strip) for strip in strips]
    starts = [8 + sum(lengths[:n]) for n in range(len(strips))]
    if photometric is None:
        photometric = 2 if samples > 2 else 1
    tags = {
        256: (width,), 257: (height,), 258: (8 * values.itemsize,) * samples, 259: (1,),
        262: (photometric,), 273: tuple(starts), 274: (turned,), 277: (samples,), 278: (half,),
        279: tuple(lengths), 284: (2 if planes else 1,),
        339: (KINDS[values.dtype.kind],) * samples,
    }  # fmt: skip
    if extra is not None:
        tags[338] = (extra,)
    data = b"".join(strips)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8 + len(data))
    return head + data + _directory(tags, order, 8 + len(data))
