"""The precomputed layout: what is read, that it stays on disk, and every way it can be broken."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.errors import HicalmError
from hicalm.hosa.hosa_vocabulary import Vocabulary, words_of
from hicalm.hosa.precomputed import CaptionedImages, load_captions, load_images
from tests.hicalm.hosa.benchmark import REGIONS, WIDTH, images_of, write_split

WORDS = Vocabulary(["cat", "dog"])


def load(folder: Path) -> CaptionedImages:
    return load_images(folder, "dev", WORDS, REGIONS, WIDTH)


@pytest.mark.parametrize("each", [False, True])
def test_reads_features_and_captions(each: bool, tmp_path: Path) -> None:
    write_split(tmp_path, "dev", 6, each=each)
    pairs, (features, captions) = load(tmp_path), images_of("dev", 6, 0)
    assert pairs.images == 6
    assert pairs.image_of.tolist() == [image for image in range(6) for _ in range(5)]
    rows, counts = pairs.regions(np.array([4, 0]))
    assert rows.dtype == torch.float32 and counts.tolist() == [4, 4]
    np.testing.assert_array_equal(rows, features[[4, 0]])
    numbers, counts = pairs.words(np.array([7, 29]))
    known = {"cat": 2, "dog": 3}
    for row, count, caption in zip(numbers, counts, (captions[7], captions[29]), strict=True):
        wanted = [known.get(word, 1) for word in words_of(caption)]
        assert row[:count].tolist() == wanted and not row[count:].any()


def test_one_array_stays_on_disk(tmp_path: Path) -> None:
    """Of an array of 885 MB, a hole that takes no space, only what is asked for is in memory."""
    shape = (3000, 36, 2048)
    np.lib.format.open_memmap(tmp_path / "dev_ims.npy", "w+", np.float32, shape)
    (tmp_path / "dev_caps.txt").write_text("a dog\n" * 5 * shape[0])
    tracemalloc.start()
    try:
        pairs = load_images(tmp_path, "dev", WORDS, 36, 2048)
        for image in (0, 1500, 2999):
            rows, _ = pairs.regions(np.array([image]))
            assert rows.shape == (1, 36, 2048) and not rows.any()
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_ids_of_every_caption_name_the_images_too(tmp_path: Path) -> None:
    write_split(tmp_path, "dev", 3, each=True)
    path = tmp_path / "dev_ids.txt"
    path.write_text("".join(f"{name}\n" * 5 for name in path.read_text().split()))
    np.testing.assert_array_equal(
        load(tmp_path).regions(np.arange(3))[0], images_of("dev", 3, 0)[0]
    )


def test_half_precision_and_long_captions(tmp_path: Path) -> None:
    write_split(tmp_path, "dev", 1)
    np.save(tmp_path / "dev_ims.npy", np.ones((1, REGIONS, WIDTH), np.float16))
    (tmp_path / "dev_caps.txt").write_text("cat " * 1000 + "\n" + "dog\n" * 4)
    pairs = load(tmp_path)
    assert pairs.regions(np.array([0]))[0].dtype == torch.float32
    assert pairs.words(np.array([0, 1]))[1].tolist() == [80, 1]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _save(array: np.ndarray) -> Callable[[Path], None]:
    return lambda path: np.save(path, array)


def _objects(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], object), allow_pickle=True)


def _not_finite(path: Path) -> None:
    array = np.load(path)
    array.reshape(-1)[-1] = np.nan
    np.save(path, array)


def _text(text: str | bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(text if isinstance(text, bytes) else text.encode())


def _shape(shape: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}\n".encode()
        path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
        with path.open("ab") as file:
            file.write(bytes(4 * 3 * REGIONS * WIDTH))

    return damage


BROKEN_ARRAYS = [
    (_shape(f"(-3, -{REGIONS}, {WIDTH})"), r"damaged: \(-3, -4, 16\) is no shape"),
    (_shape(f"({'1, ' * 80})"), "damaged: .* is no shape"),
    (_shape(f"(True, {REGIONS}, {WIDTH})"), r"damaged: \(True, 4, 16\) is no shape"),
    (_cut, r"truncated: an array \(.*\) has \d+ bytes, but \d+ are there"),
    (_text(b"no array at all"), "damaged or no .npy file"),
    (_text(b""), "damaged or no .npy file"),
    (_text(b"\x93NUMPY\x01\x00\x04\x00{'a'"), "damaged or no .npy file"),
    (_objects, "holds Python objects, which are not loaded"),
    (_save(np.ones((3, REGIONS, WIDTH), np.int64)), "must hold floating-point numbers, not int64"),
    (_save(np.ones((0, REGIONS, WIDTH))), "is empty"),
    (_save(np.ones((3, REGIONS, WIDTH), order="F")), "is in Fortran's order"),
    (_save(np.ones((3, 5, WIDTH))), r"shape \(N, 4, 16\), regions and then features, not \(3, 5"),
    (_save(np.ones((3, REGIONS, 15))), r"shape \(N, 4, 16\).* not \(3, 4, 15\)"),
    (_save(np.ones((3, WIDTH))), r"shape \(N, 4, 16\).* not \(3, 16\)"),
    (_save(np.ones((4, REGIONS, WIDTH))), "4 images and 15 captions: 5 for each image would be 20"),
    (_not_finite, "features of image 3 in .* are not all finite"),
]


@pytest.mark.parametrize(("damage", "sentence"), BROKEN_ARRAYS)
def test_broken_arrays(damage: Callable[[Path], None], sentence: str, tmp_path: Path) -> None:
    write_split(tmp_path, "dev", 3)
    damage(tmp_path / "dev_ims.npy")
    with pytest.raises(HicalmError, match=sentence) as error:
        load(tmp_path).regions(np.arange(3))
    assert "\n" not in str(error.value)


BROKEN_FILES = [
    (_cut, "truncated"),
    (_objects, "holds Python objects"),
    (_save(np.ones((REGIONS + 1, WIDTH))), r"shape \(4, 16\).* not \(5, 16\)"),
    (_save(np.ones((REGIONS, WIDTH + 1))), r"shape \(4, 16\).* not \(4, 17\)"),
    (_not_finite, "features of image 2 .* are not all finite"),
    (Path.unlink, "There is no file .*dev001.npy"),
]


@pytest.mark.parametrize(("damage", "sentence"), BROKEN_FILES)
def test_broken_single_files(damage: Callable[[Path], None], sentence: str, tmp_path: Path) -> None:
    write_split(tmp_path, "dev", 3, each=True)
    damage(tmp_path / "dev_ims" / "dev001.npy")
    with pytest.raises(HicalmError, match=sentence):
        load(tmp_path).regions(np.arange(3))


BROKEN_TEXTS = [
    ("dev_caps.txt", _text("a dog\n" * 14), "must have 5 lines for each image, not 14 lines"),
    ("dev_caps.txt", _text(""), "must have 5 lines for each image, not 0 lines"),
    ("dev_caps.txt", _text("a dog\n" * 20), "3 images and 20 captions"),
    ("dev_caps.txt", _text("a dog\n" * 4 + "\n" + "a cat\n" * 10), "Line 5 of .* without a word"),
    ("dev_caps.txt", _text("a dog\n" * 14 + "...\n"), "Line 15 of .* without a word"),
    ("dev_caps.txt", _text(b"\xff\xfe" * 15), "not a text file in UTF-8"),
    ("dev_caps.txt", Path.unlink, "There is no file .*dev_caps.txt"),
    ("dev_ids.txt", Path.unlink, "There is no file .*dev_ids.txt"),
    ("dev_ids.txt", _text("dev000\ndev001\n"), "2 images and 15 captions"),
    ("dev_ids.txt", _text("dev000\n../dev001\ndev002\n"), "'../dev001' in the ids"),
]


@pytest.mark.parametrize(("name", "damage", "sentence"), BROKEN_TEXTS)
def test_broken_texts(
    name: str, damage: Callable[[Path], None], sentence: str, tmp_path: Path
) -> None:
    write_split(tmp_path, "dev", 3, each=True)
    damage(tmp_path / name)
    with pytest.raises(HicalmError, match=sentence):
        load(tmp_path)


def test_missing_features_and_missing_folder(tmp_path: Path) -> None:
    write_split(tmp_path, "dev", 3)
    (tmp_path / "dev_ims.npy").unlink()
    with pytest.raises(HicalmError, match=r"neither dev_ims\.npy nor a folder dev_ims"):
        load(tmp_path)
    with pytest.raises(HicalmError, match=r"There is no file .*test_caps\.txt"):
        load_captions(tmp_path, "test")
