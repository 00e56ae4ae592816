"""The package as it is installed: built as a wheel, and used from outside the checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import hicalm

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
NOT_SHIPPED = ("__pycache__", ".pyc", ".tmp")
# Every module but the one that runs the command line.
IMPORT_ALL = """
import importlib, pkgutil, sys
import hicalm
for module in pkgutil.walk_packages(hicalm.__path__, "hicalm."):
    if module.name != "hicalm.__main__":
        importlib.import_module(module.name)
        print(module.name)
"""
READ_DATA = """
from importlib.resources import files
from hicalm.retrieval.words import STOP_WORDS, load_stop_words
from hicalm.hosa.hosa_config import read_experiment
print(len(load_stop_words(STOP_WORDS)))
for path in sorted((files("hicalm") / "hosa" / "configs").iterdir()):
    print(read_experiment(path).data.folder)
"""
IDENTITY = """
import json, hicalm
from importlib.metadata import version
print(json.dumps([hicalm.__file__, hicalm.__version__, version("hicalm")]))
"""
# Runs commands one after the other, so that what they share is loaded once.
RUN_COMMANDS = """
import contextlib, io, json, sys
from hicalm.cli import main
answers = []
for arguments in json.loads(sys.argv[1]):
    sys.argv, out, err = ["hicalm", *arguments], io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            answers.append([end.code, out.getvalue(), err.getvalue()])
print(json.dumps(answers))
"""
MISSING = {  # a command -> what its sentence says besides the clone
    "search portraits": "pass --collection, or",
    "explain portraits museum-00000": "pass --collection, or",
    "museums": "pass --collection, or",
    "evaluate": "pass --collection, or",
    "evaluate --collection COLLECTION": "pass --checkpoints or --checkpoint, or",
    "faithfulness": "pass --collection, or",
    "search portraits --collection COLLECTION": "pass --checkpoint, or",
    "map COLLECTION": "pass --checkpoint, or",
    "weights COLLECTION": "pass --checkpoint, or",
    "encode COLLECTION": "make features without it (--no-art), or",
    "encode COLLECTION --no-art": "the built-in encoder",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout, built by the backend that is installed: nothing is downloaded."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def target(wheel, tmp_path_factory) -> Path:
    """The folder that the wheel is installed into, apart from this environment."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(folder), str(wheel)], check=True)
    return folder


class Outside:
    """Runs Python and the console script with the installed package, in a folder of its own."""

    def __init__(self, target: Path, folder: Path) -> None:
        self.target, self.folder = target, folder
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "HICALM_HOME")}
        self.environment = kept | {"PYTHONPATH": str(target), "OMP_NUM_THREADS": "1"}

    def python(self, code: str, *arguments: str) -> str:
        return self._run(["-c", code, *arguments], check=True).stdout

    def hicalm(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return self._run([str(self.target / "bin" / "hicalm"), *arguments], **environment)

    def _run(
        self, arguments: list[str], check: bool = False, **environment: str
    ) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=self.environment | environment,
            capture_output=True, text=True,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done


@pytest.fixture
def outside(target, tmp_path) -> Outside:
    return Outside(target, tmp_path)


def files_of(folder: Path) -> set[str]:
    """The files of a package's folder, named as a wheel names them."""
    return {
        path.relative_to(folder.parent).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.endswith(NOT_SHIPPED) for part in path.parts)
    }


def test_the_wheel_holds_the_library_and_nothing_else(wheel):
    names = set(ZipFile(wheel).namelist())
    information = f"hicalm-{hicalm.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"hicalm", information}
    assert {name for name in names if name.startswith("hicalm/")} == files_of(ROOT / "hicalm")
    assert {"hicalm/py.typed", f"{information}/licenses/LICENSE"} <= names


def test_the_installed_package_is_the_one_that_is_used(outside):
    file, version, installed = json.loads(outside.python(IDENTITY))
    assert Path(file) == outside.target / "hicalm" / "__init__.py"
    assert version == installed == hicalm.__version__


def test_every_module_is_there_and_can_be_imported(outside):
    imported = outside.python(IMPORT_ALL).split()
    assert len(imported) > 50 and "hicalm.cli" in imported


def test_data_files_are_read_from_the_installed_package(outside):
    words, *folders = outside.python(READ_DATA).split()
    assert int(words) > 100
    assert len(folders) == 3


def test_the_console_script_answers(outside):
    done = outside.hicalm("--help")
    assert done.returncode == 0, done.stderr
    assert "search" in done.stdout and "evaluate" in done.stdout


@pytest.fixture(scope="module")
def collection(target, tmp_path_factory) -> Path:
    """A collection of one museum without features, made by the installed package."""
    folder = tmp_path_factory.mktemp("world")
    sizes = ("--train", "0", "--validation", "0", "--test", "1")
    done = Outside(target, folder).hicalm("world", "made", *sizes)
    assert done.returncode == 0, done.stderr
    return folder / "made"


@pytest.fixture(scope="module")
def answers(target, collection, tmp_path_factory) -> dict[str, list]:
    """The status, output and errors of every command in MISSING."""
    commands = [
        [str(collection) if word == "COLLECTION" else word for word in command.split()]
        for command in MISSING
    ]
    outside = Outside(target, tmp_path_factory.mktemp("away"))
    found = json.loads(outside.python(RUN_COMMANDS, json.dumps(commands)))
    return dict(zip(MISSING, found, strict=True))


@pytest.mark.parametrize("command", MISSING)
def test_what_the_package_does_not_bring_is_asked_for_in_one_sentence(answers, command):
    status, output, errors = answers[command]
    assert status == 2 and output == ""
    (sentence,) = errors.splitlines()
    assert sentence.startswith("error: The package does not bring ")
    assert MISSING[command] in sentence
    assert sentence.endswith("set HICALM_HOME to the folder of a clone of the repository.")


def test_a_clone_brings_the_collection_and_the_models(outside):
    done = outside.hicalm("search", "red rooms", "--top", "1", "--json", HICALM_HOME=str(ROOT))
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["results"]) == 1
