"""Gradio's import is spared what only editors need."""

import inspect
import subprocess
import sys
from pathlib import Path

import gradio as gr
import pytest
from gradio.routes import App

from demo.quick_import import without_servers, without_stubs

ROOT = Path(__file__).parents[2]
CODE = """
import ast
ast.get_source_segment = None  # what stubs are made with
{head}
    import gradio
gradio.Textbox(value="still a component")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "fails"),
    [("from demo.quick_import import without_stubs\nwith without_stubs():", 0), ("if True:", 1)],
)
def test_no_stub_is_made(head: str, fails: int) -> None:
    command = [sys.executable, "-c", CODE.format(head=head)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == fails, done.stderr


def test_other_sources_are_found_as_ever() -> None:
    getfile = inspect.getfile
    with without_stubs():
        assert inspect.getfile(without_stubs) == getfile(without_stubs)
    assert inspect.getfile is getfile


def test_blocks_laid_out_without_a_server_can_get_one() -> None:
    with without_servers(), gr.Blocks() as blocks:
        gr.Textbox()
    assert blocks.app is None
    assert isinstance(App.create_app(blocks), App)
