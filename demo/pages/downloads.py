"""Files to take away, a button each: made when asked for, and then saved by the browser."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from demo.components.address_state import AddressValue
from demo.exports import FORMATS, make_file
from demo.refusals import told, tried_again
from demo.user_collections import ServedWorkspace
from hicalm.files import replacing, to_json

NAMES = {"csv": "Table (CSV)", "json": "Data (JSON)", "html": "Report with pictures (HTML)"}


@dataclass(frozen=True)
class Downloads:
    """A button for each kind of file, where it is said how far one is, and what saves it."""

    buttons: dict[str, gr.Button]
    making: gr.HTML
    file: gr.DownloadButton


def build(name: str, kinds: Sequence[str]) -> Downloads:
    """Lay out buttons for files of these kinds; ``name`` tells the places on the page apart."""
    with gr.Row():
        buttons = {
            kind: gr.Button(
                NAMES[kind], size="sm", scale=0, min_width=120, elem_id=f"{name}-{kind}"
            )
            for kind in kinds
        }
    making = gr.HTML(elem_classes="making", apply_default_css=False)
    file = gr.DownloadButton(visible="hidden", elem_id=f"{name}-file")
    return Downloads(buttons, making, file)


def listen(downloads: Downloads, workspace: ServedWorkspace, state: gr.HTML) -> None:
    """Make and save the file of the address in ``state`` on a click."""
    saving = f"document.getElementById({to_json(downloads.file.elem_id)}).click()"
    save = f"() => setTimeout(() => {saving})"  # once the button knows the file

    def maker(kind: str) -> Any:
        async def make(
            now: AddressValue, progress: gr.Progress = gr.Progress()
        ) -> gr.DownloadButton:
            def tell(done: int, of: int) -> None:
                progress((done, of), "Explaining", unit="museums")

            def written() -> str:
                name, content = make_file(workspace, kind, now["address"], tell)
                return _written(downloads.file, kind, name, content)

            with told():
                return gr.DownloadButton(value=await tried_again(written))

        return make

    for kind, button in downloads.buttons.items():
        button.click(
            maker(kind),
            state,
            downloads.file,
            show_progress_on=downloads.making,
            api_visibility="private",
            concurrency_limit=None,  # they take turns, a few museums in each
        ).success(None, js=save)


def _written(part: gr.DownloadButton, kind: str, name: str, content: str) -> str:
    """Return the path of a file in Gradio's cache. Raises FullDiskError."""
    path = Path(part.GRADIO_CACHE, secrets.token_urlsafe(12), name)
    with replacing(path) as unfinished:
        unfinished.write_bytes(content.encode(FORMATS[kind], "replace"))
    part.temp_files.add(str(path))
    return str(path)
