"""The repository as a whole: its size, its boundaries, and its head as a Space."""

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from huggingface_hub import metadata_load

ROOT = Path(__file__).parents[2]
LARGEST_FILE = 10_000_000  # bytes; the hub takes nothing larger in plain git
LARGEST_REPOSITORY = 120_000_000  # bytes
LONGEST_MODULE = 400  # lines
MAX_MODULES_AT_THE_TOP = 10  # Python files directly in hicalm/
LONGEST_SPACE_DESCRIPTION = 60  # characters that the hub accepts
TEXT_SUFFIXES = (".css", ".html", ".js", ".json", ".jsonl", ".md", ".py", ".toml", ".txt", ".yaml")
# Folders of one machine, and pointers to somebody's numbered list, say nothing to a newcomer.
PRIVATE = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/|\b(?:issue|task|ticket) #?\d", re.I)


@lru_cache(maxsize=1)
def files() -> tuple[Path, ...]:
    """The files that git tracks or would add; without git, all but those in hidden folders."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        paths = [ROOT / os.fsdecode(name) for name in set(listed.split(b"\0")) if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [p for p in ROOT.rglob("*") if not _hidden(p.relative_to(ROOT))]
    return tuple(sorted(path for path in paths if path.is_file()))


def _hidden(path: Path) -> bool:
    return any(p == "__pycache__" or (p.startswith(".") and p != ".ci") for p in path.parts[:-1])


def modules(package: str) -> Iterator[Path]:
    folder = ROOT / package
    return (path for path in files() if path.suffix == ".py" and path.is_relative_to(folder))


def imports(path: Path) -> set[str]:
    """The top-level packages that a module imports anywhere, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module)
    return {name.split(".")[0] for name in found}


def pinned(name: str) -> dict[str, str]:
    """Package -> version of a requirements file; what is not pinned fails here."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith(("#", "-r "))]
    return {package: version for package, version in (line.split("==") for line in lines)}


def test_files_fit_into_plain_git():
    sizes = {path: path.stat().st_size for path in files()}
    assert {str(path): size for path, size in sizes.items() if size > LARGEST_FILE} == {}
    assert sum(sizes.values()) < LARGEST_REPOSITORY


def test_readme_heads_a_space():
    head = metadata_load(ROOT / "README.md")
    assert head["sdk"] == "gradio"
    assert (ROOT / head["app_file"]).is_file()
    assert head["sdk_version"] == pinned("requirements.txt")["gradio[mcp]"]
    assert len(head["short_description"]) <= LONGEST_SPACE_DESCRIPTION


def test_checkpoints_have_cards():
    weights = [path for path in files() if path.suffix == ".safetensors"]
    folders = {path.parent for path in weights if path.is_relative_to(ROOT / "checkpoints")}
    assert {str(folder) for folder in folders if not (folder / "README.md").is_file()} == set()


def test_library_imports_nothing_of_the_app():
    forbidden = {"app", "demo", "fastapi", "gradio", "tests"}
    found = {str(path): imports(path) & forbidden for path in modules("hicalm")}
    assert found and not any(found.values()), found


def test_only_the_fit_of_maps_imports_umap():
    fit = ROOT / "hicalm" / "maps" / "fit.py"
    for path in (ROOT / "app.py", *modules("demo"), *modules("hicalm")):
        if path != fit:
            assert "umap" not in imports(path), f"{path}: the import takes up to half a minute"
    assert "umap" in imports(fit)


@pytest.mark.slow
def test_serving_loads_neither_umap_nor_the_fit():
    names = [f"demo.{path.stem}" for path in modules("demo") if path.parent.name == "demo"]
    code = (
        f"import importlib, sys\nfor name in {['app', 'hicalm.search.searcher', *names]!r}:\n"
        "    importlib.import_module(name)\n"
        "print([name for name in sys.modules if name in ('umap', 'hicalm.maps.fit')])"
    )
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("package", ["hicalm", "demo"])
def test_modules_stay_short(package):
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in modules(package)}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_the_library_is_sorted_into_packages():
    top = [path.name for path in modules("hicalm") if path.parent == ROOT / "hicalm"]
    assert 0 < len(top) <= MAX_MODULES_AT_THE_TOP, top


def test_every_package_says_in_one_line_what_lives_there():
    for folder in {path.parent for path in modules("hicalm")}:
        docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
        assert docstring and docstring.splitlines()[0].endswith("."), folder


def test_no_two_modules_have_the_same_name():
    names = Counter(path.name for path in modules("hicalm") if path.name != "__init__.py")
    assert [name for name, count in names.items() if count > 1] == []


def test_scripts_stay_short():
    scripts = [path for path in files() if path.suffix == ".js"]
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in scripts}
    assert lengths
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_files_name_no_private_place():
    texts = [path for path in files() if path.suffix in TEXT_SUFFIXES or path.parent.name == ".ci"]
    found = {str(path): PRIVATE.findall(path.read_text("utf-8")) for path in texts}
    assert {path: places for path, places in found.items() if places} == {}


def test_requirements_are_pinned_once():
    named = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert all(named) and not named[0].keys() & named[1].keys()
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert f"rev: v{named[1]['ruff']}\n" in hooks
