from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from hicalm.errors import HicalmError
from hicalm.hashing.matfiles import load_matfiles
from tests.hicalm.hashing.matfiles import write_matfiles
from tests.hicalm.hashing.test_codes import MATLAB_73


@pytest.mark.parametrize("cells", [True, False])
def test_pictures_tags_and_labels_are_read(cells: bool, tmp_path: Path):
    write_matfiles(tmp_path / "data", 4, cells)
    found = load_matfiles(tmp_path / "data")
    assert [path.name for path in found.pictures] == ["im1.jpg", "im2.jpg", "im3.jpg", "im4.jpg"]
    assert found.tags[2:] == (("blue", "sky", "sea"), ("red", "warm"))
    assert found.texts()[0] == "red, warm"
    assert found.labels.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]


def test_tags_may_be_cells_in_cells_or_words(tmp_path: Path):
    write_matfiles(tmp_path / "data", 3)
    captions = np.empty(3, object)
    captions[:] = [np.array(["old  boat", "sea"], object), "a b  a", ""]
    savemat(tmp_path / "data" / "caption.mat", {"caption": captions})
    found = load_matfiles(tmp_path / "data")
    assert found.tags == (("old  boat", "sea"), ("a", "b"), ())


def test_as_many_last_parts_of_a_path_count_as_lead_to_a_file(tmp_path: Path):
    write_matfiles(tmp_path / "data", 2)
    images = tmp_path / "data" / "images"
    (images / "actor").mkdir()
    (images / "im1.jpg").rename(images / "actor" / "im1.jpg")
    written = np.array(["C:\\flickr\\actor\\im1.jpg", "../../images/im2.jpg"], object)
    savemat(tmp_path / "data" / "index.mat", {"index": written})
    found = load_matfiles(tmp_path / "data")
    assert [path.parent.name for path in found.pictures] == ["actor", "images"]


def test_pictures_outside_the_folder_are_not_read(tmp_path: Path):
    write_matfiles(tmp_path / "data", 1)
    (tmp_path / "secret.jpg").write_bytes(b"x")
    for path in ("../secret.jpg", str(tmp_path / "secret.jpg")):
        savemat(tmp_path / "data" / "index.mat", {"index": np.array([path], object)})
        with pytest.raises(HicalmError, match=r"secret.jpg' of index.mat is missing"):
            load_matfiles(tmp_path / "data")


def test_no_way_leads_out_of_the_folder(tmp_path: Path):
    write_matfiles(tmp_path / "data", 1)
    secret = tmp_path / "elsewhere" / "secret.jpg"
    secret.parent.mkdir()
    secret.write_bytes(b"x")
    (tmp_path / "data" / "link.jpg").symlink_to(secret)
    (tmp_path / "data" / "images" / "album").symlink_to(secret.parent)
    for path in (f"/{secret}", "link.jpg", "album/secret.jpg"):
        savemat(tmp_path / "data" / "index.mat", {"index": np.array([path], object)})
        with pytest.raises(HicalmError, match=r"jpg' of index.mat is missing"):
            load_matfiles(tmp_path / "data")
    savemat(tmp_path / "data" / "index.mat", {"index": np.array(["//mirror/im1.jpg"], object)})
    assert load_matfiles(tmp_path / "data").pictures == (tmp_path / "data" / "images" / "im1.jpg",)


def nested(depth: int) -> np.ndarray:
    cell: object = "sea"
    for _ in range(depth):
        outer = np.empty(1, object)
        outer[0], cell = cell, outer
    return cell


def test_cells_may_not_be_nested_without_end(tmp_path: Path):
    write_matfiles(tmp_path / "data", 1)
    savemat(tmp_path / "data" / "caption.mat", {"caption": nested(10)})
    assert load_matfiles(tmp_path / "data").tags == (("sea",),)
    savemat(tmp_path / "data" / "caption.mat", {"caption": nested(400)})
    with pytest.raises(HicalmError, match="recursion depth exceeded"):
        load_matfiles(tmp_path / "data")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("index.mat", None, "There is no file .*index.mat"),
        ("caption.mat", None, "There is no file .*caption.mat"),
        ("label.mat", b"broken", "label.mat' is damaged or not a .mat file"),
        ("caption.mat", MATLAB_73, "caption.mat' is a MATLAB 7.3 file"),
        ("caption.mat", {"captions": 1}, "has no 'caption': it holds captions"),
        ("caption.mat", {"caption": np.eye(3)}, "must be texts"),
        ("index.mat", {"index": np.array([1, 2, 3], object)}, "must be texts"),
        ("label.mat", {"label": np.eye(2)}, "index.mat has 3 rows, caption.mat 3 and label.mat 2"),
        ("label.mat", {"label": np.full((3, 2), 7)}, "must be a table of 0 and 1"),
        ("label.mat", {"label": np.full((3, 2), np.nan)}, "must be a table of 0 and 1"),
        ("label.mat", {"label": "words"}, "must be a table of 0 and 1"),
        ("index.mat", {"index": np.array(["im9.jpg"] * 3, object)}, "'im9.jpg' .* is missing"),
    ],
)
def test_what_is_broken_is_one_sentence(name: str, content: object, message: str, tmp_path: Path):
    write_matfiles(tmp_path / "data", 3)
    path = tmp_path / "data" / name
    if content is None:
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        savemat(path, content)
    with pytest.raises(HicalmError, match=message):
        load_matfiles(tmp_path / "data")
