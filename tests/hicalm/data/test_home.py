"""What lies in the repository, and the sentence of a package that is away from it."""

from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner

from hicalm.cli.options import CHECKPOINTS, COLLECTION, QUERIES, shipped
from hicalm.data.home import not_at_home
from hicalm.encoders.art_expert import ART_EXPERT_FOLDER
from hicalm.encoders.builtin import BUILTIN_FOLDER
from hicalm.errors import HicalmError

CLONE = "set HICALM_HOME to the folder of a clone of the repository."


def test_a_checkout_is_its_own_home():
    for path in (COLLECTION, CHECKPOINTS, QUERIES, BUILTIN_FOLDER, ART_EXPERT_FOLDER):
        assert path.exists()


def test_the_sentence_says_what_is_missing_and_what_helps():
    missing = "The package does not bring the encoder, and 'away' is not there"
    for instead, mend in {"": CLONE, "ask": f"ask, or {CLONE}"}.items():
        assert str(not_at_home("the encoder", Path("away"), instead)) == f"{missing}: {mend}"


def test_only_a_default_that_is_missing_is_refused(tmp_path):
    default = tmp_path / "default"
    option = typer.Option("--model", callback=shipped("a model", default))
    app = typer.Typer()

    @app.command()
    def show(model: Annotated[Path, option] = default) -> None:
        print(model.name)

    missing = CliRunner().invoke(app).exception
    assert isinstance(missing, HicalmError) and "pass --model, or set HICALM_HOME" in str(missing)
    # What the caller named is judged by the command itself.
    assert CliRunner().invoke(app, ["--model", "other"]).stdout == "other\n"
    default.mkdir()
    assert CliRunner().invoke(app).stdout == "default\n"
