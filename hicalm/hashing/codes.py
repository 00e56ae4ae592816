"""Codes of bits: packed, and as files.

A set of codes holds queries and what is searched, each as picture and as text, with their labels.
The .mat file has the published keys ``q_img, q_txt, r_img, r_txt`` (numbers -1 and 1, (N, k)) and
``q_l, r_l`` (0 and 1, (N, L)), and beside them ``l_kind``, the kind of each column of the labels,
and ``protocol``, the pieces of the protocol that the codes were learnt by, as JSON. The .npz file
has the same keys, with codes packed: uint8 (N, k / 8), the first bit highest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from hicalm.data.untrusted import read_member
from hicalm.errors import HicalmError
from hicalm.files import parse_json, replacing, to_json
from hicalm.hashing.mat_reading import check_size, read_mat

CODE_KEYS = ("q_img", "q_txt", "r_img", "r_txt")
LABEL_KEYS = ("q_l", "r_l")
KIND_KEY = "l_kind"
PROTOCOL_KEY = "protocol"
ONE_KIND = "label"  # of labels whose file names no kinds
ARRAY = b"\x93NUMPY"  # how every array in an .npz file begins
MAX_BYTES = 2**30  # of a file's arrays, unpacked


def pack(bits: np.ndarray) -> np.ndarray:
    """Return bits (N, k) as uint8 (N, k / 8), as faiss's binary indices take them."""
    return np.packbits(bits.astype(bool), axis=1)


def unpack(codes: np.ndarray) -> np.ndarray:
    """Return packed codes uint8 (N, k / 8) as bits, bool (N, k)."""
    return np.unpackbits(codes, axis=1).astype(bool)


@dataclass(frozen=True)
class CodeSet:
    """Packed codes (N, k / 8) by key, and labels kind -> bool (N, L) of queries and the rest.

    ``protocol``: the pieces of the protocol of learning (``HashSettings.pieces``); None: not said.
    """

    codes: Mapping[str, np.ndarray]
    query_labels: Mapping[str, np.ndarray]
    labels: Mapping[str, np.ndarray]
    protocol: Mapping[str, object] | None = None

    @property
    def bits(self) -> int:
        """The length of a code, k."""
        return 8 * self.codes["q_img"].shape[1]


def save_codes(found: CodeSet, path: Path) -> None:
    """Write codes as ``.mat`` or ``.npz`` (by the name), to a temporary name first.

    Raises HicalmError for another name.
    """
    from scipy.io import savemat

    kinds = [kind for kind, labels in found.labels.items() for _ in range(labels.shape[1])]
    labels = {
        "q_l": np.concatenate(list(found.query_labels.values()), axis=1).astype(np.uint8),
        "r_l": np.concatenate(list(found.labels.values()), axis=1).astype(np.uint8),
        KIND_KEY: np.array(kinds),
    }
    if found.protocol is not None:
        labels[PROTOCOL_KEY] = np.array(to_json(dict(found.protocol), sort_keys=True))
    if path.suffix == ".npz":
        arrays = {key: found.codes[key] for key in CODE_KEYS} | labels
        _write(path, lambda file: np.savez_compressed(file, allow_pickle=False, **arrays))
        return
    if path.suffix != ".mat":
        raise HicalmError(f"Codes are written as .mat or .npz, not as '{path.name}'.")
    signs = {key: (2 * unpack(found.codes[key]).astype(np.int8) - 1) for key in CODE_KEYS}
    labels[KIND_KEY] = np.array(kinds, object)  # a cell array of names
    _write(path, lambda file: savemat(file, signs | labels, do_compression=True))


def load_codes(path: Path) -> CodeSet:
    """Read codes: ours, or a .mat file of the published code (labels without kinds).

    Raises HicalmError for a file that is missing, damaged, without a key or of unequal sizes.
    """
    arrays = read_arrays(path, (*CODE_KEYS, *LABEL_KEYS, KIND_KEY, PROTOCOL_KEY))
    missing = [key for key in (*CODE_KEYS, *LABEL_KEYS) if key not in arrays]
    if missing:
        raise HicalmError(f"'{path}' holds no codes: it has no '{missing[0]}'.")
    packed = path.suffix == ".npz"
    shapes = ", ".join(f"{key} {arrays[key].shape}" for key in (*CODE_KEYS, *LABEL_KEYS))
    unfit = HicalmError(f"The codes and labels in '{path}' do not fit together: {shapes}.")
    if any(arrays[key].ndim != 2 for key in (*CODE_KEYS, *LABEL_KEYS)):
        raise unfit
    if packed and any(arrays[key].dtype != np.uint8 for key in CODE_KEYS):
        raise HicalmError(
            f"The codes in '{path}' are not packed (uint8): write them by `hash encode`, or save "
            "codes of -1 and 1 as a .mat file."
        )
    try:
        codes = {key: arrays[key] if packed else pack(arrays[key] > 0) for key in CODE_KEYS}
        queries, rest = (arrays[key].astype(bool) for key in LABEL_KEYS)
        kinds = [str(np.squeeze(kind)) for kind in arrays.get(KIND_KEY, np.zeros(0)).ravel()]
    except (TypeError, ValueError) as error:
        raise HicalmError(f"'{path}' holds codes or labels that are no numbers.") from error
    kinds = kinds or [ONE_KIND] * queries.shape[1]
    sizes = (
        {len(codes["q_img"]), len(codes["q_txt"]), len(queries)},
        {len(codes["r_img"]), len(codes["r_txt"]), len(rest)},
    )
    widths = {code.shape[1] for code in codes.values()}
    columns = {len(kinds), queries.shape[1], rest.shape[1]}
    if any(len(found) > 1 for found in (*sizes, widths, columns)):
        raise unfit
    own = {kind: [c for c, name in enumerate(kinds) if name == kind] for kind in kinds}
    return CodeSet(
        codes,
        {kind: queries[:, columns] for kind, columns in own.items()},
        {kind: rest[:, columns] for kind, columns in own.items()},
        _protocol(arrays.get(PROTOCOL_KEY), path),
    )


def _protocol(text: np.ndarray | None, path: Path) -> Mapping[str, object] | None:
    if text is None:
        return None
    try:
        found = parse_json(str(np.squeeze(text)), "it")
    except ValueError as error:
        raise HicalmError(f"'{path}' does not say its protocol as JSON.") from error
    if not isinstance(found, dict):
        raise HicalmError(f"'{path}' must say its protocol as pieces by their names.")
    return found


def read_arrays(path: Path, keys: Sequence[str]) -> dict[str, np.ndarray]:
    """Read the arrays of some keys, those that are there, of a .mat or .npz file.

    Raises HicalmError for a file that is missing, cannot be read, or unpacks to too many bytes.
    """
    path = Path(path)
    if not path.is_file():
        raise HicalmError(f"There is no file '{path}'.")
    if path.suffix != ".npz":
        return read_mat(path, keys, MAX_BYTES)[0]
    try:
        return _read_npz(path, keys)
    except HicalmError:
        raise
    except Exception as error:  # damaged files make the readers raise many unrelated types
        reason = " ".join(str(error).split())[:200]  # it may quote the file
        raise HicalmError(f"'{path}' is damaged or not a .npz file: {reason}.") from error


def _read_npz(path: Path, keys: Sequence[str]) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        names = {f"{key}.npy": key for key in keys}
        parts = [part for part in file.zip.infolist() if part.filename in names]
        check_size(path, sum(part.file_size for part in parts), MAX_BYTES)
        # What is no array numpy would unpack whole, whatever the archive says of its size.
        begins = {part.filename: read_member(file.zip, part, len(ARRAY)) for part in parts}
        return {names[part]: file[part] for part, begin in begins.items() if begin == ARRAY}


def _write(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, temporary.open("wb") as file:
        write(file)
