"""The app's wiring: which components the page is made of, and what each of them asks for."""

import hashlib
from collections.abc import Callable
from functools import partial
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi.responses import FileResponse
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from demo import handlers, text, views
from demo import pages as all_pages
from demo.address import format_address, parse_address
from demo.api import add_endpoints
from demo.components.address_state import AddressValue, How, address_state, address_value
from demo.evidence import HeatMapRequest, view_heat_map
from demo.maps import map_query, map_routes
from demo.mcp_tools import answering_tools
from demo.page_links import RelativeLinks
from demo.pages import collections, downloads, metrics, search
from demo.pictures import FOREVER, picture_routes
from demo.theme import theme
from demo.user_collections import ServedExplorer
from hicalm.errors import HicalmError

ASSETS = Path(__file__).parent.parent / "assets"
STYLES = (
    "style.css",
    "asked.css",
    "explain.css",
    "stages.css",
    "map.css",
    "research.css",
    "collections.css",
    "metrics.css",
)
SCRIPTS = (  # in the order of loading
    "js/strip.js",
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
    "js/api-page.js",
    "js/stage.js",
)
QUEUE_SIZE = 64  # waiting calls of the API; more are refused with 'Queue is full!'
PAGES_AT_ONCE = 8
POLL_SECONDS = 0.7
LARGEST_FILE = "200mb"  # a zip file; of a picture to search by, less is read
FILES_KEPT = (600, 7200)  # in Gradio's cache: seconds from check to check, and of a file's life
BUSY = "(...values) => { window.hicalm.busy(true); return values; }"
IDLE = "() => window.hicalm.busy(false)"


def build_layout(explorer: ServedExplorer) -> gr.Blocks:
    """Return the app."""

    def locate_query(search: str) -> dict[str, object]:
        return map_query(explorer, str(search))

    def find_heat_map(wanted: HeatMapRequest) -> dict[str, object]:
        return view_heat_map(explorer, wanted)

    with gr.Blocks(
        title=text.APP_NAME, analytics_enabled=False, fill_width=True, delete_cache=FILES_KEPT
    ) as blocks:
        add_endpoints(explorer)
        with gr.Column(elem_classes="explorer", elem_id="explorer"):
            with gr.Row(elem_classes="masthead"):
                gr.HTML(views.brand(), elem_classes="brand-part", apply_default_css=False)
                gr.HTML(views.hero(), elem_classes="hero-part", apply_default_css=False)
                query = gr.MultimodalTextbox(
                    placeholder="Describe what to find",
                    label="Describe a museum, a room or a painting",
                    show_label=False,
                    elem_id="query",
                    file_types=["image"],
                    lines=1,
                    max_lines=6,
                    max_plain_text_length=1_000_000,
                    submit_btn="Search",
                    container=False,
                )
                links = gr.HTML(
                    views.page_links(), elem_classes="pages-part", apply_default_css=False
                )
            state = address_state()
            with gr.Column(elem_id="stage", elem_classes="stage"):
                pages = all_pages.build(
                    {
                        "html_template": "",  # stage.js draws: Gradio would mend old nodes
                        "js_on_load": "window.hicalmStage.start(element, props, server, watch);",
                        "apply_default_css": False,
                        "head": "".join(
                            f'<script src="{_versioned(name)}"></script>' for name in SCRIPTS
                        ),
                        "server_functions": [locate_query, find_heat_map],
                    }
                )
            gr.HTML(views.colophon(), apply_default_css=False)
        clock = gr.Timer(POLL_SECONDS, active=True)

        answers = count(1)  # so that the same search, asked again, is a new value

        def shown(address: str, how: How, question: int = 0) -> dict[Any, Any]:
            page = handlers.open_page(explorer, pages, address)
            kind, typed = page["page"], how == "stay"  # whether the box may hold what was not asked
            number = -next(answers) if how == "push" else question
            return {
                state: address_value(page, how, number),
                links: views.page_links(page["results"], kind),
                clock: gr.Timer(active=page["status"] == "waiting" or page["models"] == "warming"),
                **pages.turn_to(kind),
                **({pages.stage: page["html"]} if page["html"] else {}),
                **page["shown"],
                **({} if typed else {query: {"text": page["query"], "files": []}}),
            }

        def go(event: gr.EventData) -> dict[Any, Any]:
            return shown(str(event.address), "asked", event.question)

        def wait(now: AddressValue | None) -> dict[Any, Any]:
            if now is None or (now["status"], now["models"]) == ("done", explorer.warmup.state):
                return {clock: gr.skip()}
            return shown(now["address"], "stay")

        def leading(find: Callable[..., str]) -> Callable[..., dict[Any, Any]]:
            def lead(*values: Any) -> dict[Any, Any]:
                try:
                    return shown(find(explorer, *values), "push")
                except HicalmError as error:
                    raise gr.Error(str(error), print_exception=False) from None

            lead.__name__ = find.__name__
            return lead

        def change(now: AddressValue, *values: Any) -> dict[Any, Any]:
            address = search.changed(parse_address(now["address"]), *values)
            return shown(format_address(address), "push")

        def listen(
            event: Any, handler: Any, inputs: list[Any], mode: str = "once", js: str | None = None
        ) -> Any:
            return event(
                handler,
                inputs,
                [links, clock, query, *pages.parts, state],  # the address comes last
                js=js,
                trigger_mode=mode,
                show_progress="hidden",
                api_visibility="private",
                concurrency_limit=PAGES_AT_ONCE,
            )

        def ask(_: ServedExplorer, asked: dict[str, Any], now: AddressValue | None) -> str:
            return handlers.search_address(explorer, asked, now["address"] if now else "?")

        listen(state.go, go, [], "multiple")
        listen(clock.tick, wait, [state])
        listen(query.submit, leading(ask), [query, state], js=BUSY).failure(None, js=IDLE)
        for files in (pages.search.files, pages.metrics.files):
            downloads.listen(files, explorer, state)
        measured = pages.metrics
        turning = [measured.length, state]
        listen(measured.length.input, leading(metrics.turned), turning, js=BUSY).failure(
            None, js=IDLE
        )
        measured.texts.select(
            metrics.chooser(explorer),
            state,
            measured.chosen,
            show_progress="hidden",
            api_visibility="private",
        )
        own = pages.collections
        for event, handler, inputs, js in collections.events(own, state):
            listen(event, leading(handler), inputs, js=js or BUSY).failure(None, js=IDLE)
        own.table.input(
            partial(collections.remember, explorer),
            [own.table, state],
            own.status,
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        for control in pages.search.controls:
            values = [state, *pages.search.controls]
            listen(control.input, change, values, "always_last", BUSY).failure(None, js=IDLE)
    blocks.queue(max_size=QUEUE_SIZE)
    return blocks


def launch_options(explorer: ServedExplorer) -> dict[str, Any]:
    """Return the arguments of ``Blocks.launch`` that the app depends on."""
    look = APIRoute("/look/{name:path}", _look, methods=["GET"])
    routes = [
        *picture_routes(explorer),
        *map_routes(explorer),
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
        "theme": theme(),
        "ssr_mode": False,  # server-side rendering answers our routes with the page
        "run_history": False,
        "footer_links": ["api", "settings"],
        "show_error": True,
        "max_file_size": LARGEST_FILE,
    }


def _versioned(name: str) -> str:
    """Return the address of an asset with a hash of its content: it may be cached for ever."""
    digest = hashlib.blake2b((ASSETS / name).read_bytes(), digest_size=6).hexdigest()
    return f"look/{name}?v={digest}"


def _look(name: str) -> FileResponse:
    if name not in (*STYLES, *SCRIPTS):
        return FileResponse(ASSETS / STYLES[0], 404)
    return FileResponse(ASSETS / name, headers={"Cache-Control": FOREVER})
