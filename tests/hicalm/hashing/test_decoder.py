"""Codes that are read back to vectors."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from hicalm.data.collection import Fingerprint
from hicalm.errors import HicalmError
from hicalm.hashing.decoder import DECODER_FILE, Decoder, load_decoder, save_decoder
from hicalm.retrieval.index import MuseumIndex

FINGERPRINT, BITS = Fingerprint("tiny", "f00d", 12), 16
ROOMS, VIEWS = np.array([2, 1, 3]), np.array([3, 1, 5, 2, 1, 4])


def _decoder() -> Decoder:
    torch.manual_seed(0)
    return Decoder(FINGERPRINT, BITS, 24, "beef").eval()


def _codes() -> MuseumIndex:
    rng = np.random.default_rng(0)
    museum, room, view = (
        rng.integers(256, size=(count, BITS // 8), dtype=np.uint8) for count in (3, 6, 16)
    )
    return MuseumIndex(museum, room, view, ROOMS, VIEWS)


def _assert_equal(one: MuseumIndex, other: MuseumIndex) -> None:
    for level in ("museum", "room", "view"):
        np.testing.assert_allclose(getattr(one, level), getattr(other, level), atol=1e-5)


def test_a_museum_is_read_alone_as_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder, codes = _decoder(), _codes()
    whole = decoder.vectors(codes)
    for row in range(3):
        rows = np.array([row])
        _assert_equal(decoder.vectors(codes.select(rows)), whole.select(rows))
    monkeypatch.setattr("hicalm.hashing.decoder.VIEWS_AT_ONCE", 4)
    _assert_equal(decoder.vectors(codes), whole)
    np.testing.assert_allclose(np.linalg.norm(whole.view, axis=1), 1, atol=1e-5)


def test_which_view_of_a_room_comes_first_does_not_matter() -> None:
    decoder, codes = _decoder(), _codes()
    around = np.r_[
        1, 2, 0, 3, np.roll(np.arange(4, 9), 2), 10, 9, 11, np.roll(np.arange(12, 16), 1)
    ]
    turned = MuseumIndex(codes.museum, codes.room, codes.view[around], ROOMS, VIEWS)
    found, expected = decoder.vectors(turned), decoder.vectors(codes)
    np.testing.assert_allclose(found.view, expected.view[around], atol=1e-5)
    np.testing.assert_allclose(found.room, expected.room, atol=1e-5)
    np.testing.assert_allclose(found.museum, expected.museum, atol=1e-5)


def test_views_are_read_with_those_beside_them_and_not_with_other_rooms() -> None:
    decoder, codes = _decoder(), _codes()
    changed = codes.view.copy()
    changed[5] ^= 255  # the second of five views of the third room, the only one of its museum
    before = decoder.vectors(codes)
    after = decoder.vectors(MuseumIndex(codes.museum, codes.room, changed, ROOMS, VIEWS))
    others = np.r_[0:4, 9:16]
    np.testing.assert_allclose(after.view[others], before.view[others], atol=1e-5)
    assert (np.abs(after.view[4:9] - before.view[4:9]).max(axis=1) > 1e-3).all()
    assert np.abs(after.museum[1] - before.museum[1]).max() > 1e-3
    np.testing.assert_allclose(after.museum[[0, 2]], before.museum[[0, 2]], atol=1e-5)


def test_a_saved_decoder_reads_the_same(tmp_path: Path) -> None:
    decoder, codes = _decoder(), _codes()
    save_decoder(decoder, tmp_path / "run")
    found = load_decoder(tmp_path / "run")
    assert (found.fingerprint, found.bits, found.heads) == (FINGERPRINT, BITS, "beef")
    for level in ("museum", "room", "view"):  # half precision lies between
        own, other = (getattr(one.vectors(codes), level) for one in (found, decoder))
        np.testing.assert_allclose(own, other, atol=5e-3)
    assert [path.name for path in (tmp_path / "run").iterdir()] == [DECODER_FILE]


@pytest.mark.parametrize("content", [b"", b"x" * 50, {"config": "null"}, {"config": "{}"}])
def test_a_damaged_decoder_is_refused(content: bytes | dict, tmp_path: Path) -> None:
    if isinstance(content, bytes):
        (tmp_path / DECODER_FILE).write_bytes(content)
    else:
        save_file({"a": torch.zeros(1)}, tmp_path / DECODER_FILE, metadata=content)
    with pytest.raises(HicalmError, match="is damaged or does not hold decoder weights"):
        load_decoder(tmp_path)


def test_a_size_that_is_only_claimed_is_refused(tmp_path: Path) -> None:
    save_decoder(_decoder(), tmp_path)
    with safe_open(tmp_path / DECODER_FILE, framework="pt") as file:
        config = file.metadata()["config"].replace('"hidden": 24', '"hidden": 99999999')
    save_file(_decoder().state_dict(), tmp_path / DECODER_FILE, metadata={"config": config})
    with pytest.raises(HicalmError, match="is damaged"):
        load_decoder(tmp_path)
