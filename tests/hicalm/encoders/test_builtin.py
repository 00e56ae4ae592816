"""The built-in encoder of the repository."""

from pathlib import Path

from hicalm.encoders import builtin


def test_the_built_in_folder_is_in_the_repository() -> None:
    assert Path(__file__).resolve().parents[3] / "checkpoints" / "encoder" == builtin.BUILTIN_FOLDER
