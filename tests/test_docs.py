"""The README and the pages in ``docs/``: sizes, links, commands, and tables that were measured."""

import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from hicalm.cli import app

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted([README, *(ROOT / "docs").rglob("*.md")])
LARGEST_README = 10_000  # bytes
START = "pip install -r requirements.txt && python app.py"
TESTS = "pip install -r requirements-dev.txt && python -m pytest -n 2"
LINK = re.compile(r"\]\(([^)\s]+)\)|\bsrc=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = "python -m hicalm"


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands(page: Path) -> Iterator[list[str]]:
    """The words behind ``python -m hicalm``, of lines and of pieces of code inside a sentence."""
    text = page.read_text("utf-8")
    fenced = "\n".join(FENCE.findall(text)).replace("\\\n", " ").splitlines()
    for code in (*fenced, *SPAN.findall(FENCE.sub("", text))):
        for part in re.split(r"&&|;", code):
            if part.strip().startswith(f"{COMMAND} "):
                yield shlex.split(part.partition(COMMAND)[2], comments=True)


def test_the_readme_is_short_and_has_both_commands():
    assert README.stat().st_size <= LARGEST_README
    fenced = [
        block.split("\n", 1)[1].removesuffix("\n```")
        for block in FENCE.findall(README.read_text("utf-8"))
    ]
    assert START in fenced and TESTS in fenced


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path):
    text = FENCE.sub("", page.read_text("utf-8"))
    targets = [link or source for link, source in LINK.findall(text)]
    relative = [t.partition("#")[0] for t in targets if not re.match(r"[a-z]+:|#", t)]
    missing = [target for target in relative if not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_and_their_options_are_there(page: Path):
    for words in commands(page):
        found = typer.main.get_command(app)
        while hasattr(found, "commands"):  # a group
            assert words and words[0] in found.commands, f"{COMMAND} {' '.join(words)}"
            found, words = found.commands[words[0]], words[1:]
        options = [(*parameter.opts, *parameter.secondary_opts) for parameter in found.params]
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= {name for names in options for name in names}, f"{found.name}: {words}"


def test_some_commands_are_found():
    assert ["search", "a room of seascapes", "--top", "5", "--json"] in list(commands(README))


def test_the_tables_are_those_of_the_files():
    script = runpy.run_path(str(ROOT / "benchmarks" / "docs_tables.py"))
    for block_name, block in script["BLOCKS"].items():
        text = (ROOT / "docs" / block.page).read_text("utf-8")
        assert script["replace_block"](text, block_name, block.content()) == text
