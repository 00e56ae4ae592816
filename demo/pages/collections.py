"""Your collections: pictures are brought, their rooms confirmed, and then they are searched."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import gradio as gr
import pandas as pd

from demo import text, views
from demo.address import Address, format_address, parse_address
from demo.components.address_state import AddressValue
from demo.pages.parts import Parts, Shown
from demo.picture_readers import BUILTIN, READINGS, reader_note
from demo.user_collections import (
    KEPT_HOURS,
    LONGEST_NAME,
    MAX_KEPT,
    MAX_VIEWS,
    ServedWorkspace,
    UserCollection,
)
from demo.views import Page
from demo.workspace import Workspace, clean_query
from hicalm.data.picture_files import MAX_FILE_PIXELS, MAX_PIXELS
from hicalm.data.room_discovery import LEAST_VIEWS
from hicalm.errors import HicalmError
from hicalm.files import encode_jpeg
from hicalm.importers import videos
from hicalm.importers.archive import MAX_BYTES, MAX_FILES, MAX_UNPACKED_BYTES
from hicalm.importers.sorting import Placed, take_in, titles
from hicalm.world.camera import VIEWS_PER_ROOM

HEADERS = ["Picture", "Museum", "Room"]
VIEWS_A_SECOND = 15  # that two cores encode; measured with the built-in encoder and art expert
SAMPLE_MUSEUMS = SAMPLE_ROOMS = 3
SAMPLE_VIEWS = 4  # of a room, all round
SAMPLE_WIDTH = 480  # pixels
# Gradio uploads a folder's files without the folders' names: the page notes those.
NOTE_FOLDERS = """
element.closest(".page").addEventListener("change", ({ target: { webkitdirectory, files } }) => {
  if (webkitdirectory) window.hicalmFolder = [...files].map((file) => file.webkitRelativePath);
}, true);
"""
WITH_FOLDERS = "(files) => { window.hicalm.busy(true); return [files, window.hicalmFolder]; }"


@dataclass(frozen=True)
class CollectionsPage(Parts):
    """The parts of the page."""

    column: gr.Column
    status: gr.HTML
    bring: gr.Row
    files: gr.File
    folder: gr.UploadButton
    names: gr.JSON
    sample: gr.Button
    check: gr.Column
    table: gr.Dataframe
    reading: gr.Radio
    discovers: gr.Checkbox
    start: gr.Button
    left_out: gr.Dataframe
    remove: gr.Button


def build() -> CollectionsPage:
    """Lay the page out."""
    with gr.Column(elem_classes="page add", visible=False) as column:
        status = gr.HTML(apply_default_css=False, elem_classes="status")
        with gr.Row(elem_classes="bring") as bring:
            with gr.Column(scale=5):
                files = gr.File(
                    file_count="multiple",
                    label="Pictures and videos, or one zip file of folders",
                    height=260,
                )
                with gr.Row():
                    folder = gr.UploadButton("Choose a folder", file_count="directory")
                    sample = gr.Button("Try a sample")
            gr.HTML(
                views.render("collections_about.html", **_limits()),
                js_on_load=NOTE_FOLDERS,
                apply_default_css=False,
                elem_classes="about-part",
            )
        names = gr.JSON(visible=False)
        with gr.Column(visible=False) as check:
            table = gr.Dataframe(
                headers=HEADERS,
                column_count=3,
                interactive=True,
                wrap=True,
                buttons=[],
                column_widths=["40%", "34%", "26%"],
                label="Rooms",
                show_label=False,
                max_height=420,
            )
            reading = gr.Radio(
                [(label, name) for name, label in READINGS.items()], value="", label="Read them"
            )
            discovers = gr.Checkbox(value=True, label=text.DISCOVER_ROOMS)
            start = gr.Button("Make it searchable", variant="primary", elem_id="make-searchable")
        left_out = gr.Dataframe(
            headers=["Left out", "Why"],
            interactive=False,
            wrap=True,
            buttons=[],
            label="Left out",
            show_label=False,
        )
        remove = gr.Button("Delete it now", size="sm", elem_id="delete-collection")
    return CollectionsPage(
        column, status, bring, files, folder, names, sample,
        check, table, reading, discovers, start, left_out, remove,
    )  # fmt: skip


def events(
    page: CollectionsPage, state: gr.HTML
) -> list[tuple[Any, Callable[..., str], list[Any], str | None]]:
    """Return what can be done here: the event, what finds the address that it leads to, of which
    inputs, and the browser's part of it."""
    return [
        (page.files.upload, take, [page.files, page.names], None),
        (page.folder.upload, take, [page.folder, page.names], WITH_FOLDERS),
        (page.sample.click, take_sample, [], None),
        (page.start.click, begin, [page.table, state, page.reading, page.discovers], None),
        (page.remove.click, delete, [state], None),
    ]


def show_collections(page: CollectionsPage, workspace: ServedWorkspace, address: Address) -> Shown:
    """Show where pictures are brought; with a token, how far those are."""
    added = workspace.user_collections.find(address.collection) if address.collection else None
    state = added.state if added else ""
    left = list(added.left_out.items()) if added and added.ended else []
    shown: Shown = {
        page.status: _status(workspace, address),
        page.bring: gr.Row(visible=state in ("", "failed")),
        page.files: None,
        page.check: gr.Column(visible=state == "proposed"),
        page.left_out: gr.Dataframe(visible=bool(left), value=_frame(left, ["Left out", "Why"])),
        page.remove: gr.Button(
            "Delete it now" if added and added.ended else "Stop and delete",
            visible=bool(added),
        ),
    }
    if added and state == "proposed":
        shown[page.table] = _frame(added.placed, HEADERS)
        shown[page.reading] = gr.Radio(value="", visible=_encoder_name(workspace) == BUILTIN)
        shown[page.discovers] = gr.Checkbox(value=True, visible=_may_discover(added))
    return shown


def collections_page(page: CollectionsPage, workspace: ServedWorkspace, address: Address) -> Page:
    """Return the page; it is asked for again while a collection is being read."""
    added = workspace.user_collections.find(address.collection) if address.collection else None
    status = "waiting" if added and not added.ended else "done"
    shown = show_collections(page, workspace, address)
    return views.answer("add", f"Your collections · {text.APP_NAME}", shown, status)


def gone_html() -> str:
    """Return what a visitor sees whose museums are no longer kept."""
    return views.render("gone.html", message=text.COLLECTION_GONE.format(hours=KEPT_HOURS))


def collection_line(name: str, workspace: Workspace, address: Address) -> str:
    """Return the line over a page of a visitor's collection that says which one it is."""
    return views.render(
        "collection_line.html",
        name=name,
        count=len(workspace.collection.museums),
        home=address.home(),
        builtin=Address(query=address.query, image=address.image, top=address.top),
        add=address.home().turn_to("add"),
    )


def take(workspace: ServedWorkspace, files: Sequence[str], folders: Sequence[str] | None) -> str:
    """Take pictures in and return the address where their rooms are proposed.

    ``folders`` are the files' names with their folders, where a folder was chosen. Raises
    HicalmError for what cannot be museums.
    """
    names = [Path(file).name for file in files]
    told = [clean_query(str(one)) for one in folders or ()]
    if [Path(one).name for one in told] == names:
        names = told
    by_name: dict[str, Path] = {}
    for name, file in zip(names, files, strict=True):
        number, place = 1, PurePosixPath(name)
        while name in by_name:  # of two folders: both belong to one room
            number += 1
            name = str(place.with_name(f"{place.stem}{number:02}{place.suffix}"))
        by_name[name] = Path(file)
    outer = names[0].split("/")[0]
    named = "/" in names[0] or (len(names) == 1 and outer.lower().endswith(".zip"))
    try:
        name = clean_name(outer if named else "")
        return _address(workspace.user_collections.add(name, partial(take_in, by_name)))
    except FileNotFoundError:  # another visitor brought the same file, and it was deleted
        raise HicalmError(text.COLLECTION_CUT) from None
    finally:  # nothing of it stays in Gradio's cache
        for file in files:
            Path(file).unlink(missing_ok=True)


def take_sample(workspace: ServedWorkspace) -> str:
    """Make a few museums of the served collection's pictures; return the address of their rooms."""
    museums = workspace.collection.museums
    chosen = museums[:: max(1, len(museums) // SAMPLE_MUSEUMS)][:SAMPLE_MUSEUMS]

    def draw(files: Path) -> dict[str, str]:
        for museum in chosen:
            house = files / museum.title.replace("/", " ")
            for number, room in enumerate(museum.rooms[:SAMPLE_ROOMS]):
                folder = house / room.name.replace("/", " ")
                folder.mkdir(parents=True, exist_ok=True)  # two rooms may be called the same
                (folder / "room.txt").write_text(" ".join(room.paragraph), "utf-8")
                for view in range(0, room.views, -(-room.views // SAMPLE_VIEWS)):
                    picture = workspace.pictures.picture(museum.id, number, view, SAMPLE_WIDTH)
                    (folder / f"view {view + 1}.jpg").write_bytes(encode_jpeg(picture))
            (house / "museum.txt").write_text(" ".join(museum.introduction), "utf-8")
        return {}

    return _address(workspace.user_collections.add("A sample", draw))


def remember(workspace: ServedWorkspace, table: pd.DataFrame, now: AddressValue) -> str:
    """Keep what was changed of the proposed rooms, so that a reload shows it; return the status."""
    address = parse_address(now["address"])
    added = workspace.user_collections.find(address.collection)
    if added and added.state == "proposed":
        rows = {str(row[0]): Placed(*map(str, row)) for row in table.to_numpy().tolist()}
        added.placed = [rows.get(one.file, one) for one in added.placed]
    return _status(workspace, address)


def begin(
    workspace: ServedWorkspace,
    table: pd.DataFrame,
    now: AddressValue,
    reading: str = "",
    discovers: bool = True,
) -> str:
    """Let the collection on screen be read, its pictures in these rooms; return its address.

    ``reading`` is one of ``picture_readers.READINGS``, ``discovers`` says whether museums without
    rooms get discovered ones.

    Raises HicalmError for none or too many of them, and where others are read already.
    """
    remember(workspace, table, now)
    token = parse_address(now["address"]).collection
    added = workspace.user_collections.find(token)
    if added and added.state == "proposed":
        kind = reading if reading in READINGS else ""
        workspace.user_collections.enqueue(added, titles(added.placed), kind, bool(discovers))
    return now["address"]


def delete(workspace: ServedWorkspace, now: AddressValue) -> str:
    """Delete the collection on screen and return the address to bring others at."""
    workspace.user_collections.remove(parse_address(now["address"]).collection)
    return format_address(Address(page="add"))


def clean_name(name: str) -> str:
    """Return a file's name as the name of its museums."""
    stem = re.sub(r"\.\w{2,4}$", "", clean_query(name).replace("\\", "/").split("/")[-1])
    return " ".join(stem.replace("_", " ").split())[:LONGEST_NAME].strip() or "Your collection"


def _status(workspace: ServedWorkspace, address: Address) -> str:
    """Return what the page is about, and how far a collection is."""
    added = workspace.user_collections.find(address.collection) if address.collection else None
    museums = added.workspace.collection.museums if added and added.workspace else ()
    kept = titles(added.placed) if added else []
    rooms = sum(len(museum.rooms) for museum in museums)
    return views.render(
        "collections_status.html",
        address=address,
        added=added,
        encoder=_encoder_note(workspace),
        reader=_reader(added),
        ahead=workspace.user_collections.ahead(added) if added else 0,
        kept=kept,
        museums=museums,
        rooms=rooms or len({one[1:] for one in kept}),
        pictures=sum(room.views for museum in museums for room in museum.rooms),
        discovered=sum(not room.paragraph for museum in museums for room in museum.rooms),
        home=Address(collection=address.collection),
    )


def _may_discover(added: UserCollection) -> bool:
    """Tell whether a museum is proposed without rooms, of pictures enough to be sorted."""
    rooms: dict[str, list[str]] = defaultdict(list)
    for _, museum, room in added.placed:
        rooms[museum].append(room)
    return any(len(own) >= LEAST_VIEWS and set(own) == {name} for name, own in rooms.items())


def _address(added: UserCollection) -> str:
    return format_address(Address(page="add", collection=added.token))


def _frame(rows: Sequence[Sequence[str]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame([list(row) for row in rows], columns=columns)


def _encoder_name(workspace: ServedWorkspace) -> str:
    """Return the name of the app's own encoder; empty while the collection is being opened."""
    collection = workspace.warmup.collection
    fingerprint = collection.features.fingerprints.get("view") if collection else None
    return fingerprint.name if fingerprint else ""


def _encoder_note(workspace: ServedWorkspace) -> str:
    """Return what will read pictures; nothing while the collection is being opened."""
    name = _encoder_name(workspace)
    if not name:
        return ""
    if workspace.warmup.searcher is not None and workspace.warmup.searcher.pictures_note:
        return workspace.warmup.searcher.pictures_note
    return text.ENCODER_PHOTOS if name == BUILTIN else text.ENCODER_OTHER.format(name=name)


def _reader(added: UserCollection | None) -> str:
    """Return what has read a collection that is ready, and what that means."""
    if added is None or added.workspace is None:
        return ""
    fingerprint = added.workspace.collection.features.fingerprints.get("view")
    return reader_note(fingerprint.name) if fingerprint else ""


def _limits() -> dict[str, int]:
    return {
        "megabytes": MAX_BYTES // 1_000_000,
        "unpacked": MAX_UNPACKED_BYTES // 1_000_000,
        "files": MAX_FILES,
        "views": MAX_VIEWS,
        "around": VIEWS_PER_ROOM,
        "frames": videos.FRAMES,
        "megapixels": MAX_PIXELS // 1_000_000,
        "jpeg_megapixels": MAX_FILE_PIXELS // 1_000_000,
        "video": videos.LONGEST // 60,
        "minutes": max(1, round(MAX_VIEWS / VIEWS_A_SECOND / 60)),
        "hours": KEPT_HOURS,
        "kept": MAX_KEPT,
    }
