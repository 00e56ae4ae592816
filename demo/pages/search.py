"""The search page: the first screen, and ranked museums with filters and how they were ranked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

import gradio as gr
import numpy as np
import pandas as pd

from demo import text, views
from demo.address import DEFAULT_TOP, Address
from demo.asked import asked
from demo.components.cards import FindPlace, cards
from demo.listed import listed
from demo.pages import downloads
from demo.pages.downloads import Downloads
from demo.pages.parts import Parts, Shown
from demo.stages import Pipeline, pipeline
from demo.vocabulary import examples_of, own_examples
from demo.workspace import Workspace, clean_query
from hicalm.data.collection import Collection
from hicalm.levels import LEVELS
from hicalm.retrieval.results import SearchResult
from hicalm.retrieval.stages import RANK, STAGES

FILTER_VALUES = range(2, 61)  # an attribute with this many values becomes a filter
ANY = 0  # rooms: no bound
NO_STAGES = Pipeline((), ())  # with ranking alone there is nothing to choose


@dataclass(frozen=True)
class SearchPage(Parts):
    """The parts of the page."""

    home: gr.Column
    examples: gr.Dataset
    wall: gr.HTML
    results: gr.Column
    heading: gr.HTML
    listed: gr.Radio
    filters: gr.Accordion
    allowed: gr.Dropdown
    min_rooms: gr.Dropdown
    max_rooms: gr.Dropdown
    top: gr.Dropdown
    how: gr.Accordion
    stages: gr.CheckboxGroup
    said: gr.HTML
    ranks: gr.Dataframe
    files: Downloads
    museums: gr.HTML

    @property
    def controls(self) -> tuple[gr.Dropdown | gr.CheckboxGroup | gr.Radio, ...]:
        """What changes the search, in the order of `changed`."""
        return (
            self.listed, self.allowed, self.min_rooms, self.max_rooms, self.top, self.stages,
        )  # fmt: skip


def build(find_place: FindPlace) -> SearchPage:
    """Lay the page out; ``find_place`` is that of ``demo.places``."""
    with gr.Column(elem_classes="page home", visible=False) as home:
        examples = gr.Dataset(
            label="Try one of these",
            components=["textbox"],
            samples=[],
            elem_id="examples",
        )
        wall = gr.HTML(apply_default_css=False)
    with gr.Column(elem_classes="page results", visible=False) as results:
        heading = gr.HTML(apply_default_css=False, elem_classes="heading")
        with gr.Row(elem_classes="folds"):
            listed = gr.Radio(
                list(text.LISTED),
                show_label=False,
                label="What is listed",
                container=False,
                elem_id="listed",
            )
            with gr.Accordion("Filters", open=False) as filters, gr.Row():
                allowed = gr.Dropdown(multiselect=True, label="Only", scale=3, min_width=240)
                min_rooms = gr.Dropdown(label="Rooms, at least", min_width=120)
                max_rooms = gr.Dropdown(label="Rooms, at most", min_width=120)
                top = gr.Dropdown(label="Results", min_width=120)
            with gr.Accordion(text.HOW_RANKED, open=False) as how:
                stages = gr.CheckboxGroup(label="Stages of this search")
                said = gr.HTML(apply_default_css=False)
                ranks = gr.Dataframe(interactive=False, label="Ranks after each stage")
                files = downloads.build("results", ("csv", "json", "html"))
        museums = cards(find_place)
    return SearchPage(
        home, examples, wall, results, heading, listed, filters, allowed, min_rooms, max_rooms, top,
        how, stages, said, ranks, files, museums,
    )  # fmt: skip


def show_home(
    page: SearchPage, collection: Collection | None, address: Address, adds: bool
) -> Shown:
    """Show the first screen: examples and a wall of museums (once the collection is open).

    ``adds`` says whether visitors can add pictures of their own.
    """
    queries: list[str] = []
    if collection is not None:
        queries = (own_examples if address.collection else examples_of)(collection)
    return {
        page.examples: gr.update(  # a new gr.Dataset would need its components again
            samples=[[one] for one in queries], sample_labels=queries, visible=bool(queries)
        ),
        page.wall: views.home_page(collection, address, adds),
    }


def show_results(page: SearchPage, workspace: Workspace, address: Address) -> Shown:
    """Show the ranked museums of a search. Raises HicalmError where there are none."""
    result, known = workspace.find(address), workspace.known(address)
    collection, steps = workspace.collection, pipeline(workspace, address, result)
    understood = views.Understood(asked(result.plan, address, known), known)
    query = clean_query(address.query)
    bounds = [("any", ANY), *((str(n), n) for n in _bounds(collection, address))]
    left = next((r.museums for r in result.stages), None)
    return {
        page.heading: views.results_heading(collection, address, result, query, understood),
        page.listed: gr.Radio(list(text.LISTED), value=address.listed),
        page.museums: _list(workspace, address, result),
        page.filters: gr.Accordion(label=_filters_label(address, left, len(collection.museums))),
        page.allowed: gr.Dropdown(
            choices=_choices(collection, address), value=_chosen(address), multiselect=True
        ),
        page.min_rooms: gr.Dropdown(choices=bounds, value=address.min_rooms or ANY),
        page.max_rooms: gr.Dropdown(choices=bounds, value=address.max_rooms or ANY),
        page.top: gr.Dropdown(choices=sorted({*text.TOP_CHOICES, address.top}), value=address.top),
        **_how(page, workspace, address, result, steps),
    }


def _list(workspace: Workspace, address: Address, result: SearchResult) -> str:
    if address.listed == LEVELS[0]:
        return views.cards_html(workspace.collection, address, result)
    return views.render("tiles.jinja", address=address, tiles=listed(workspace, address))


def changed(
    address: Address,
    level: str,
    allowed: Sequence[str],
    min_rooms: int,
    max_rooms: int,
    top: int,
    stages: Sequence[str],
) -> Address:
    """Return the address of a search with what its controls say.

    It names all stages; ``handlers.open_page`` leaves the default ones unsaid.
    """
    values: dict[str, list[str]] = {}
    for one in allowed or ():
        name, _, value = one.partition("=")
        values.setdefault(unquote(name), []).append(value)
    return replace(
        address.results(),
        listed=level if level in LEVELS else LEVELS[0],
        allowed=tuple((name, tuple(words)) for name, words in sorted(values.items())),
        min_rooms=min_rooms or None,
        max_rooms=max_rooms or None,
        top=top or DEFAULT_TOP,
        stages=tuple(stage for stage in STAGES if stage in (RANK, *(stages or ()))),
    )


def _how(
    page: SearchPage,
    workspace: Workspace,
    address: Address,
    result: SearchResult,
    steps: Pipeline | None,
) -> Shown:
    said = views.how_ranked(address, result, steps or NO_STAGES, clean_query(address.query))
    if steps is None:
        return {
            page.stages: gr.CheckboxGroup(choices=[], value=[], visible=False),
            page.said: said,
            page.ranks: gr.Dataframe(visible=False),
        }
    # What was chosen, not what ran: a picture cannot be re-ranked, the next text can.
    chosen = address.stages or workspace.warmup.wait(0).default_stages
    offered = [step.name for step in steps.steps if step.name != RANK]
    names = [text.STAGE_NAMES[report.name] for report in steps.reports]
    rows = [[row.museum.title, *row.ranks] for row in steps.rows]
    ranks = pd.DataFrame(rows, columns=["Museum", *names])
    return {
        page.stages: gr.CheckboxGroup(
            choices=[(text.STAGE_NAMES[name], name) for name in offered],
            value=[name for name in offered if name in chosen],
            visible=True,
        ),
        page.said: said,
        page.ranks: gr.Dataframe(ranks.astype(dict.fromkeys(names, "Int64")), visible=True),
    }


def _bounds(collection: Collection, address: Address) -> list[int]:
    """Return the numbers of rooms to choose from: those that there are, and what was chosen."""
    counts = set(np.flatnonzero(np.bincount(collection.room_counts)).tolist())
    return sorted(counts | {n for n in (address.min_rooms, address.max_rooms) if n})


def _choices(collection: Collection, address: Address) -> list[tuple[str, str]]:
    """Return what can be filtered by: the values of each attribute that has few different ones, and
    what was chosen, by a link, beside them."""
    chosen, columns = dict(address.allowed), collection.columns
    found = []
    for name in sorted({*columns.attributes, *chosen}):
        words = columns.texts.get(name, {})
        offered = {*words} if len(words) in FILTER_VALUES else set()
        for word in sorted(offered | set(chosen.get(name, ()))):
            count = words[word] if word in words else int(columns.having(name, [word]).sum())
            found.append((f"{text.label(name)}: {word} ({count})", _choice(name, word)))
    return found


def _chosen(address: Address) -> list[str]:
    return [_choice(name, value) for name, values in address.allowed for value in values]


def _choice(name: str, value: str) -> str:
    return f"{quote(name, safe='', errors='replace')}={value}"


def _filters_label(address: Address, left: int | None, total: int) -> str:
    if not address.filters:
        return "Filters"
    return "Filters" if left is None else f"Filters: {left} of {total} museums"
