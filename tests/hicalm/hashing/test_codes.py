import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from hicalm.errors import HicalmError
from hicalm.hashing import codes
from hicalm.hashing.codes import CodeSet, load_codes, pack, save_codes, unpack
from tests.hicalm.lying_zip import write_lying

MATLAB_73 = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(64)


def example() -> CodeSet:
    rng = np.random.default_rng(0)
    sizes = {"q_img": 3, "q_txt": 3, "r_img": 5, "r_txt": 5}
    codes = {key: pack(rng.random((size, 16)) > 0.5) for key, size in sizes.items()}
    columns = {"subject": 2, "style": 1}
    queries = {kind: rng.random((3, width)) > 0.5 for kind, width in columns.items()}
    return CodeSet(codes, queries, {k: rng.random((5, w)) > 0.5 for k, w in columns.items()})


def test_the_first_bit_is_the_highest():
    bits = np.zeros((1, 16), bool)
    bits[0, [0, 15]] = True
    assert pack(bits).tolist() == [[128, 1]]
    assert (unpack(pack(bits)) == bits).all()


@pytest.mark.parametrize("name", ["codes.mat", "codes.npz"])
def test_codes_are_read_as_they_were_written(name: str, tmp_path: Path):
    written = replace(example(), protocol={"draw": "legacy", "valid_freq": 1})
    save_codes(written, tmp_path / "new" / name)
    found = load_codes(tmp_path / "new" / name)
    assert found.bits == 16 and found.protocol == written.protocol
    assert all((found.codes[key] == code).all() for key, code in written.codes.items())
    for kind in ("subject", "style"):
        assert (found.labels[kind] == written.labels[kind]).all()
        assert (found.query_labels[kind] == written.query_labels[kind]).all()
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_the_mat_file_has_the_published_keys(tmp_path: Path):
    save_codes(example(), tmp_path / "codes.mat")
    found = loadmat(tmp_path / "codes.mat")
    assert found["q_img"].shape == (3, 16) and set(np.unique(found["r_txt"])) == {-1, 1}
    assert found["q_l"].shape == (3, 3) and found["r_l"].shape == (5, 3)


def test_published_codes_have_one_kind_of_labels(tmp_path: Path):
    signs = {key: np.ones((2, 16)) for key in ("q_img", "q_txt", "r_img", "r_txt")}
    savemat(tmp_path / "their.mat", signs | {"q_l": np.eye(2), "r_l": np.eye(2)})
    found = load_codes(tmp_path / "their.mat")
    assert list(found.labels) == ["label"] and found.protocol is None
    savemat(tmp_path / "odd.mat", signs | {"q_l": np.eye(2), "r_l": np.eye(2), "protocol": "?"})
    with pytest.raises(HicalmError, match="does not say its protocol as JSON"):
        load_codes(tmp_path / "odd.mat")


def test_other_names_are_not_written(tmp_path: Path):
    with pytest.raises(HicalmError, match=r"as .mat or .npz, not as 'codes.txt'"):
        save_codes(example(), tmp_path / "codes.txt")


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "codes.npz"
    save_codes(example(), path)
    with np.load(path) as file:
        arrays = dict(file)
    np.savez_compressed(path, **arrays, more=np.zeros(10**6))  # not read, so it does not count
    monkeypatch.setattr(codes, "MAX_BYTES", 10_000)
    assert load_codes(path).bits == 16
    np.savez_compressed(path, **arrays | {"q_l": np.zeros((10**6, 3))})
    with pytest.raises(HicalmError, match=r"have 24,\d+,\d+ bytes unpacked; at most 10,000"):
        load_codes(path)


def test_a_large_array_of_a_mat_file_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(codes, "MAX_BYTES", 10_000)
    large = {"a": np.zeros((100, 50), np.float64), "b": np.zeros((100, 50), np.uint8)}
    savemat(tmp_path / "large.mat", large, do_compression=True)
    assert list(codes.read_arrays(tmp_path / "large.mat", ("b",))) == ["b"]
    with pytest.raises(HicalmError, match="have 45,000 bytes unpacked; at most 10,000 are read"):
        codes.read_arrays(tmp_path / "large.mat", ("a", "b"))


@pytest.mark.parametrize("name", ["q_img", "q_img.npy"])
def test_parts_that_are_no_arrays_do_not_count(name: str, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "codes.npz", "w") as file:
        file.writestr(name, b"no array")
    with pytest.raises(HicalmError, match="it has no 'q_img'"):
        load_codes(tmp_path / "codes.npz")


def test_only_the_arrays_asked_for_are_read(tmp_path: Path):
    savemat(tmp_path / "some.mat", {"a": np.eye(2), "b": np.eye(3)})
    assert list(codes.read_arrays(tmp_path / "some.mat", ("b", "c"))) == ["b"]
    np.savez(tmp_path / "some.npz", a=np.array([{}], object), b=np.eye(3))
    assert list(codes.read_arrays(tmp_path / "some.npz", ("b", "c"))) == ["b"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_an_archive_that_lies_about_sizes_is_not_unpacked(method: int, tmp_path: Path):
    path = tmp_path / "codes.npz"
    write_lying(path, "q_img.npy", method, 900_000)
    tracemalloc.start()
    try:
        with pytest.raises(HicalmError):
            load_codes(path)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.mat", None, "There is no file"),
        ("broken.mat", b"no matlab at all" * 20, "is damaged or not a .mat file"),
        ("empty.mat", b"", "is damaged or not a .mat file"),
        ("broken.npz", b"PK\x03\x04 cut", "is damaged"),
        ("new.mat", MATLAB_73, "MATLAB 7.3 file"),
        ("keys.mat", {"q_img": np.ones((2, 16))}, "has no 'q_txt'"),
        ("rows.mat", {"r_l": np.ones((2, 3))}, r"do not fit together: .*r_l \(2, 3\)"),
        ("columns.mat", {"q_l": np.ones((3, 1))}, r"do not fit together: .*q_l \(3, 1\)"),
        ("bits.mat", {"q_txt": np.ones((3, 32))}, r"do not fit together: .*q_txt \(3, 32\)"),
        ("signs.npz", {"r_img": -np.ones((5, 16))}, r"not packed \(uint8\)"),
        ("flat.npz", {"q_img": np.ones(3)}, "do not fit together"),
        (
            "words.mat",
            {"q_img": np.full((3, 16), "a", object)},
            "codes or labels that are no numbers",
        ),
    ],
)
def test_files_that_hold_no_codes(name: str, content: object, message: str, tmp_path: Path):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, dict):
        whole = {key: np.ones((3, 16)) for key in ("q_img", "q_txt")}
        whole |= {key: np.ones((5, 16)) for key in ("r_img", "r_txt")}
        whole |= {"q_l": np.ones((3, 3)), "r_l": np.ones((5, 3))}
        whole = content if name == "keys.mat" else whole | content
        np.savez(path, **whole) if name.endswith("npz") else savemat(path, whole)
    with pytest.raises(HicalmError, match=message):
        load_codes(path)
