"""The app's wiring: which components the page is made of, and what each of them asks for."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from demo import handlers, text, views
from demo import pages as all_pages
from demo.address import Address, format_address, parse_address
from demo.api import CALL_ERRORS, add_endpoints, refuse_call
from demo.brought import Brought
from demo.calls import Calls
from demo.components.address_state import AddressValue, How, address_state, address_value, asked
from demo.evidence import view_heat_map
from demo.guard import Refused, guarded, refuse
from demo.maps import describe_points, map_routes
from demo.mcp_tools import answering_tools
from demo.page_links import RelativeLinks
from demo.pages import collections, compare, downloads, fold_key, methods, metrics, search, why
from demo.pages import map as map_page
from demo.pages.parts import Shown
from demo.pictures import FOREVER, picture_routes
from demo.places import find_place
from demo.quick_blocks import QuickBlocks
from demo.refusals import BUSY_SECONDS, refuse_body, told, tried_again
from demo.theme import theme
from demo.turns import THREADS
from demo.unread import Unread
from demo.user_collections import ServedWorkspace
from hicalm.data.picture_files import ENDINGS

ASSETS = Path(__file__).parent.parent / "assets"
STYLES = ("style.css",)
QUEUE_SIZE = 200  # waiting calls of the API; more are refused with 'Queue is full!'
POLL_SECONDS = 0.7
QUEUE_SECONDS = 0.01  # until the queue is looked at again; Gradio's .001 takes .05 of a core
LARGEST_FILE = "200mb"  # a zip file; of a picture to search by, less is read
BUSY = "(...values) => { window.hicalm.busy(true); return values; }"
IDLE = "() => window.hicalm.busy(false)"


def build_layout(workspace: ServedWorkspace) -> gr.Blocks:
    """Return the app."""

    with QuickBlocks(title=text.APP_NAME, analytics_enabled=False, fill_width=True) as blocks:
        add_endpoints(workspace)
        with gr.Column(elem_classes="explorer", elem_id="explorer"):
            with gr.Row(elem_classes="masthead"):
                gr.HTML(views.brand(), elem_classes="brand-part", apply_default_css=False)
                gr.HTML(views.hero(), elem_classes="hero-part", apply_default_css=False)
                query = gr.MultimodalTextbox(
                    placeholder=text.DESCRIBE,
                    label="Describe a museum, a room or a painting",
                    show_label=False,
                    elem_id="query",
                    file_types=["image", *sorted(ENDINGS)],  # some systems do not know them all
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
                    partial(find_place, workspace),
                    partial(view_heat_map, workspace),
                    partial(describe_points, workspace),
                )
            colophon = gr.HTML(views.colophon(None), apply_default_css=False)
        clock = gr.Timer(POLL_SECONDS, active=True)

        answers = count(1)  # so that the same search, asked again, is a new value

        def shown(address: str, how: How, question: int = 0, kept: Sequence[str] = ()) -> Shown:
            page = handlers.open_page(workspace, pages, address)
            kind, typed = page["page"], how == "stay"  # whether the box may hold what was not asked
            number = -next(answers) if how in ("push", "changed") else question
            box: dict[str, Any] = {} if typed else {"value": {"text": page["query"], "files": []}}
            return {
                state: address_value(page, how, number),
                links: views.page_links(page["results"], kind),
                clock: gr.Timer(
                    BUSY_SECONDS if page["status"] == "busy" else POLL_SECONDS,
                    active=page["status"] != "done" or page["models"] == "warming",
                ),
                **({} if kind in kept else pages.turn_to(kind)),
                **page["shown"],
                colophon: views.colophon(page["museums"]),
                query: gr.update(placeholder=page["placeholder"], **box),
            }

        def go(unfolded: str, event: gr.EventData) -> Shown:
            with told():
                address, question, kept = asked(event)
            page = shown(address, "asked", question, kept)
            return {**page, **pages.folded(parse_address(page[state]["address"]), unfolded)}

        def wait(now: AddressValue) -> Shown:
            done = (now["status"], now["models"]) == ("done", workspace.warmup.state)
            if done or not now["page"]:
                return {clock: gr.skip()}
            return shown(now["address"], "stay")

        def lead(find: Callable[..., str], *values: Any) -> Shown:
            with told():
                return shown(find(workspace, *values), "push")

        def change(
            changed: Callable[..., Address], control: Any, now: AddressValue, *values: Any
        ) -> Shown:
            address = changed(parse_address(now["address"]), *values)
            page = shown(format_address(address), "changed")
            page.pop(control, None)  # its visitor may have moved it on meanwhile
            return page

        async def unfold(fill: Callable[..., Shown], now: AddressValue) -> Shown:
            address = parse_address(now["address"])
            with told():
                shown = await tried_again(lambda: fill(workspace.at(address), address))
                return {**shown, pages.unfolded: fold_key(address)}

        def move_map(event: gr.EventData) -> Shown:
            with told():
                return map_page.show_moved(pages.map, workspace, parse_address(asked(event)[0]))

        def turn(
            event: Any, handler: Any, inputs: list[Any], mode: str = "once", js: str | None = None
        ) -> Any:
            """Let an event turn to another page, or change the one on screen."""
            return event(
                handler,
                inputs,
                [links, clock, query, colophon, *pages.parts, state],  # the address comes last
                js=js,
                trigger_mode=mode,
                show_progress="hidden",
                show_progress_on=state,  # else Gradio's script goes through all parts for each
                api_visibility="private",
                concurrency_limit=None,  # they take turns
            )

        def ask(
            event: Any, handler: Any, inputs: list[Any], mode: str = "once", js: str = BUSY
        ) -> None:
            turn(event, handler, inputs, mode, js).failure(None, js=IDLE)

        quietly: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "concurrency_limit": None,  # a visitor has so many places, see demo.calls
        }
        turn(state.go, go, [pages.unfolded], "multiple")
        turn(clock.tick, wait, [state])
        ask(query.submit, partial(lead, handlers.search_address), [query, state])
        ask(
            pages.search.examples.click,
            partial(lead, handlers.example_address),
            [pages.search.examples, state],
        )
        for controls, changed in (
            (pages.search.controls, search.changed),
            (pages.compare.controls, compare.changed),
            (pages.methods.controls, methods.changed),
            (pages.map.controls, partial(map_page.changed, workspace)),
            ([pages.metrics.length], metrics.changed),
        ):
            for control in controls:
                event = control.submit if control is pages.map.within else control.input
                ask(event, partial(change, changed, control), [state, *controls], "always_last")
        for fold, fill in (
            (pages.why.fold, partial(why.explain, pages.why)),
            (pages.methods.fold, partial(methods.rank_by_all, pages.methods)),
        ):
            turn(fold.expand, partial(unfold, fill), [state], js=BUSY).then(None, js=IDLE)
        ask(pages.map.clear.click, partial(change, map_page.cleared, None), [state])
        turn(pages.map.drawing.moved, move_map, [], "always_last")
        choose = metrics.chooser(workspace)
        pages.metrics.texts.select(choose, state, pages.metrics.chosen, **quietly)
        for event, handler, inputs, js in collections.events(pages.collections, state):
            ask(event, partial(lead, handler), inputs, js=js or BUSY)
        own = pages.collections
        remember = partial(collections.remember, workspace)
        own.table.input(remember, [own.table, state], own.status, **quietly)
        for files in (pages.search.files, pages.metrics.files):
            downloads.listen(files, workspace, state)
    blocks.queue(max_size=QUEUE_SIZE)
    Unread(blocks._queue)
    Calls(blocks._queue)
    blocks._queue.sleep_when_free = QUEUE_SECONDS
    return blocks


def launch_options(workspace: ServedWorkspace) -> dict[str, Any]:
    """Return the arguments of ``Blocks.launch`` that the app depends on."""
    look = APIRoute("/look/{name:path}", _look, methods=["GET"])
    description = escape(text.INTRODUCTION, quote=True)
    return {
        "app_kwargs": {
            "routes": [*picture_routes(workspace), *map_routes(workspace), look],
            "lifespan": guarded(answering_tools(workspace), Brought()),
            "middleware": [Middleware(RelativeLinks)],
            "exception_handlers": {
                **dict.fromkeys(CALL_ERRORS, refuse_call),
                Refused: refuse,
                RequestValidationError: refuse_body,
                Exception: refuse,
            },
        },
        "head": "".join(f'<link rel="stylesheet" href="{_versioned(name)}">' for name in STYLES)
        + f'<meta name="description" content="{description}">',
        "theme": theme(),
        "ssr_mode": False,  # server-side rendering answers our routes with the page
        "run_history": False,
        "footer_links": ["api", "settings"],
        "show_error": True,
        "max_file_size": LARGEST_FILE,
        "max_threads": THREADS,
    }


def _versioned(name: str) -> str:
    """Return the address of an asset with a hash of its content: it may be cached for ever."""
    digest = hashlib.blake2b((ASSETS / name).read_bytes(), digest_size=6).hexdigest()
    return f"look/{name}?v={digest}"


def _look(name: str) -> FileResponse:
    if name not in STYLES:
        return FileResponse(ASSETS / STYLES[0], 404)
    return FileResponse(ASSETS / name, headers={"Cache-Control": FOREVER})
