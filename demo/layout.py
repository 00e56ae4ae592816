"""Builds the Gradio app: one component that holds the page, and the endpoints of the API."""

import hashlib
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi.responses import FileResponse
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from demo import exports, handlers, text, views
from demo.add_page import add_routes
from demo.api import add_endpoints
from demo.evidence import HeatMapRequest, view_heat_map
from demo.exports import ExportRequest, export_routes
from demo.maps import map_query, map_routes
from demo.mcp_tools import answering_tools
from demo.page_links import RelativeLinks
from demo.pictures import FOREVER, picture_routes
from demo.user_collections import ServedExplorer

ASSETS = Path(__file__).parent.parent / "assets"
STYLES = (
    "style.css",
    "asked.css",
    "explain.css",
    "stages.css",
    "map.css",
    "research.css",
    "add.css",
)
SCRIPTS = (  # in the order of loading
    "js/strip.js",
    "js/history.js",
    "js/map-data.js",
    "js/map-address.js",
    "js/map-sight.js",
    "js/map-over.js",
    "js/map-lists.js",
    "js/map-colours.js",
    "js/map-plot.js",
    "js/map-seen.js",
    "js/map-selection.js",
    "js/map-hit.js",
    "js/map-pointer.js",
    "js/map.js",
    "js/methods.js",
    "js/evidence.js",
    "js/add.js",
    "js/export.js",
    "js/api-page.js",
    "js/explorer.js",
)
START = "window.hicalmExplorer.start(element, server);"
QUEUE_SIZE = 64  # waiting calls of the API; more are refused with 'Queue is full!'


def build_layout(explorer: ServedExplorer) -> gr.Blocks:
    """Return the app. Its page is drawn by ``assets/js`` with what ``open_page`` answers."""

    def open_page(search: str) -> handlers.OpenPage:
        return handlers.open_page(explorer, str(search))

    def models_state(_: object = None) -> dict[str, str]:
        return handlers.models_state(explorer)

    def locate_query(search: str) -> dict[str, object]:
        return map_query(explorer, str(search))

    def prepare_export(wanted: ExportRequest) -> dict[str, object]:
        search, kind = str(wanted.get("address", "")), str(wanted.get("kind", ""))
        return exports.prepare_export(explorer, search, kind, int(wanted.get("index", 0)))

    def find_heat_map(wanted: HeatMapRequest) -> dict[str, object]:
        return view_heat_map(explorer, wanted)

    with gr.Blocks(title=text.APP_NAME, analytics_enabled=False, fill_width=True) as blocks:
        add_endpoints(explorer)
        gr.HTML(
            html_template=views.shell(),  # constant: a template is evaluated again in the browser
            js_on_load=START,
            apply_default_css=False,
            elem_id="explorer",
            head="".join(f'<script src="{_versioned(name)}"></script>' for name in SCRIPTS),
            server_functions=[open_page, models_state, locate_query, prepare_export, find_heat_map],
        )
    blocks.queue(max_size=QUEUE_SIZE)
    return blocks


def launch_options(explorer: ServedExplorer) -> dict[str, Any]:
    """Return the arguments of ``Blocks.launch`` that the app depends on."""
    look = APIRoute("/look/{name:path}", _look, methods=["GET"])
    routes = [
        *picture_routes(explorer),
        *map_routes(explorer),
        *export_routes(explorer),
        *add_routes(explorer),
        look,
    ]
    description = escape(text.INTRODUCTION, quote=True)
    return {
        "app_kwargs": {
            "routes": routes,
            "lifespan": answering_tools(explorer),
            "middleware": [Middleware(RelativeLinks)],
        },
        "head": "".join(f'<link rel="stylesheet" href="{_versioned(name)}">' for name in STYLES)
        + f'<meta name="description" content="{description}">',
        "theme": gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        "ssr_mode": False,  # server-side rendering answers our routes with the page
        "run_history": False,
        "footer_links": ["api"],  # opens Gradio's page about the API; the page has its own footer
        "show_error": False,
    }


def _versioned(name: str) -> str:
    """Return the address of an asset with a hash of its content: it may be cached for ever."""
    digest = hashlib.blake2b((ASSETS / name).read_bytes(), digest_size=6).hexdigest()
    return f"look/{name}?v={digest}"


def _look(name: str) -> FileResponse:
    if name not in (*STYLES, *SCRIPTS):
        return FileResponse(ASSETS / STYLES[0], 404)
    return FileResponse(ASSETS / name, headers={"Cache-Control": FOREVER})
