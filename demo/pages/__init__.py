"""The pages of the app: each a module with its Gradio parts, ``build`` and ``show…``."""

from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from demo.pages import collections, metrics, search
from demo.pages.collections import CollectionsPage
from demo.pages.metrics import MetricsPage
from demo.pages.search import SearchPage


@dataclass(frozen=True)
class Pages:
    """All pages, and the line above every page of a collection that a visitor added.

    ``other`` is the place of those that are one piece of HTML in ``stage``.
    """

    line: gr.HTML
    search: SearchPage
    collections: CollectionsPage
    metrics: MetricsPage
    other: gr.Column
    stage: gr.HTML

    @property
    def columns(self) -> dict[str, gr.Column]:
        """The column of each kind of page that has one of its own."""
        return {
            "home": self.search.home,
            "results": self.search.results,
            "add": self.collections.column,
            "metrics": self.metrics.column,
        }

    @property
    def parts(self) -> list[Any]:
        """All parts that an address may change."""
        pages = [getattr(self, field.name) for field in fields(self)]
        return [part for page in pages for part in getattr(page, "parts", [page])]

    def turn_to(self, kind: str) -> dict[Any, Any]:
        """Return which columns are visible for a kind of page."""
        columns = self.columns
        shown = {column: gr.Column(visible=kind == name) for name, column in columns.items()}
        return {**shown, self.other: gr.Column(visible=kind not in columns)}


def build(stage: dict[str, Any]) -> Pages:
    """Lay all pages out; ``stage`` are the arguments of the HTML part of ``other``."""
    line = gr.HTML(apply_default_css=False)
    parts, own, measured = search.build(), collections.build(), metrics.build()
    with gr.Column(elem_classes="page") as other:
        html = gr.HTML(**stage)
    return Pages(line, parts, own, measured, other, html)
