"""What is pinned agrees with what the package asks for, and with what the checks install."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
BASE = PYPROJECT["project"]["dependencies"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
FILES = {  # a file of pinned versions -> the dependencies that it pins
    "requirements.txt": [*BASE, *EXTRAS["app"], *EXTRAS["train"]],
    "requirements-dev.txt": EXTRAS["dev"],
}


def named(lines: list[str]) -> dict[str, Requirement]:
    """Requirements by their package's canonical name; one that stands twice fails here."""
    found = [Requirement(line) for line in lines]
    requirements = {canonicalize_name(requirement.name): requirement for requirement in found}
    assert len(requirements) == len(found)
    return requirements


def pinned(file: str) -> dict[str, Requirement]:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    return named([line for line in lines if line and not line.startswith(("#", "-r "))])


def version(requirement: Requirement) -> str:
    """The version of a pinned requirement; anything but one ``==`` fails here."""
    (specifier,) = requirement.specifier
    assert specifier.operator == "==" and "*" not in specifier.version, str(requirement)
    return specifier.version


@pytest.mark.parametrize("file", FILES)
def test_the_package_and_its_pins_name_the_same_packages(file):
    asked, pins = named(FILES[file]), pinned(file)
    assert pins.keys() == asked.keys()
    assert {name: pin.extras for name, pin in pins.items()} == {
        name: requirement.extras for name, requirement in asked.items()
    }


@pytest.mark.parametrize("file", FILES)
def test_pins_are_versions_that_the_package_accepts(file):
    pins = pinned(file)
    for name, requirement in named(FILES[file]).items():
        assert version(pins[name]) in requirement.specifier, f"{pins[name]}, not {requirement}"


def test_the_package_asks_for_a_least_version_of_everything():
    for line in [*BASE, *(line for extra in EXTRAS.values() for line in extra)]:
        assert [specifier.operator for specifier in Requirement(line).specifier] == [">="], line


@pytest.mark.parametrize("file", FILES)
def test_pins_are_those_of_the_constraints(file):
    constraints = pinned("constraints.txt")
    for name, pin in pinned(file).items():
        assert version(constraints[name]) == version(pin), name


def test_constraints_are_releases_that_the_index_has():
    for requirement in pinned("constraints.txt").values():
        assert requirement.url is None and "+" not in version(requirement), str(requirement)


def test_what_is_installed_with_hashes_are_the_constraints():
    text = (ROOT / "constraints-hashes.txt").read_text("utf-8").replace("\\\n", "")
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    assert sorted(pin for pin, *_ in lines) == sorted(
        f"{canonicalize_name(name)}=={version(one)}"
        for name, one in pinned("constraints.txt").items()
    )
    for pin, *hashes in lines:
        assert hashes and all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), (
            pin
        )


def test_the_build_and_the_tests_use_one_backend():
    assert PYPROJECT["build-system"]["requires"] == [
        line for line in EXTRAS["dev"] if Requirement(line).name == "hatchling"
    ]


def test_biome_is_one_release_everywhere():
    places = {
        "biome.jsonc": r"/schemas/([\d.]+)/",
        ".pre-commit-config.yaml": r"@biomejs/biome@([\d.]+)",
        ".ci/run": r"@biomejs/biome@([\d.]+)",
    }
    found = {re.search(rule, (ROOT / name).read_text("utf-8"))[1] for name, rule in places.items()}
    assert len(found) == 1
