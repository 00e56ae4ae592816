"""The pages of the app: each a module with its Gradio parts, ``build`` and ``show…``."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import gradio as gr

from demo.address import Address, format_address
from demo.components.cards import FindPlace
from demo.components.room_viewer import FindHeatMap
from demo.pages import collections, compare, methods, metrics, museum, search, why
from demo.pages import map as map_page
from demo.pages.collections import CollectionsPage
from demo.pages.compare import ComparePage
from demo.pages.map import MapPage
from demo.pages.methods import MethodsPage
from demo.pages.metrics import MetricsPage
from demo.pages.museum import MuseumPage
from demo.pages.search import SearchPage
from demo.pages.why import WhyPage


@dataclass(frozen=True)
class Pages:
    """All pages.

    ``line`` stands above every page of a collection that a visitor added; ``message``, in
    ``aside``, in place of a page that cannot be shown, or not yet. ``unfolded`` says what the folds
    are filled for.
    """

    line: gr.HTML
    search: SearchPage
    museum: MuseumPage
    why: WhyPage
    compare: ComparePage
    methods: MethodsPage
    map: MapPage
    metrics: MetricsPage
    collections: CollectionsPage
    aside: gr.Column
    message: gr.HTML
    unfolded: gr.State

    @property
    def columns(self) -> dict[str, gr.Column]:
        """The column of each kind of page."""
        return {
            "home": self.search.home,
            "results": self.search.results,
            "museum": self.museum.column,
            "compare": self.compare.column,
            "methods": self.methods.column,
            "map": self.map.column,
            "metrics": self.metrics.column,
            "add": self.collections.column,
        }

    @property
    def parts(self) -> list[Any]:
        """All parts that an address may change."""
        pages = [getattr(self, field.name) for field in fields(self)]
        return [part for page in pages for part in getattr(page, "parts", [page])]

    def turn_to(self, kind: str) -> dict[Any, Any]:
        """Return what draws the column of a kind of page, once; the browser hides the others."""
        return {self.columns.get(kind, self.aside): gr.Column(visible=True)}

    def folded(self, address: Address, unfolded: str) -> dict[Any, Any]:
        """Return the folds closed, where they were filled for another page than an address's."""
        if unfolded in ("", fold_key(address)):
            return {}
        return {
            self.why.fold: gr.Accordion(open=False),
            self.why.filled: gr.Column(visible=False),
            self.methods.fold: gr.Accordion(open=False),
            self.methods.ranks: gr.Dataframe(visible=False),
            self.unfolded: "",
        }


def fold_key(address: Address) -> str:
    """Return what a fold is filled for: a museum in all its rooms, or all pairs of methods."""
    return format_address(replace(address, room=None, view=None, options=()))


def build(
    find_place: FindPlace,
    find_heat_map: FindHeatMap,
    describe_points: Callable[..., Any],
) -> Pages:
    """Lay all pages out.

    They ask ``find_place`` (see ``demo.places``), ``find_heat_map`` (``demo.evidence``) and
    ``describe_points`` (``demo.maps``).
    """
    line = gr.HTML(apply_default_css=False)
    with gr.Column(elem_classes="page aside", visible=False) as aside:
        message = gr.HTML(apply_default_css=False)
    return Pages(
        line=line,
        search=search.build(find_place),
        museum=museum.build(find_place, find_heat_map),
        why=why.build(),
        compare=compare.build(),
        methods=methods.build(),
        map=map_page.build(describe_points),
        metrics=metrics.build(),
        collections=collections.build(),
        aside=aside,
        message=message,
        unfolded=gr.State(""),
    )
