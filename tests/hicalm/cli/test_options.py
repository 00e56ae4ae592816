"""Options that the commands share."""

from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner

from hicalm.cli.options import shipped
from hicalm.errors import HicalmError


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
