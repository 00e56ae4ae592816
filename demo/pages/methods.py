"""Two methods on one query: their ranked lists side by side, and the ranks by every method."""

from dataclasses import dataclass
from typing import NamedTuple

import gradio as gr
import pandas as pd

from demo import text, views
from demo.address import Address
from demo.components.bump_chart import bump_chart, bump_chart_html, entries
from demo.pages.parts import Parts, Shown
from demo.shading import amount
from demo.workspace import Workspace
from hicalm.errors import HicalmError
from hicalm.retrieval.methods import Ranking, readable

OTHER_SIDE = ("flat", "hicalm-museum", "clip-mean")  # the first of them that is there


@dataclass(frozen=True)
class MethodsPage(Parts):
    """The parts of the page."""

    column: gr.Column
    heading: gr.HTML
    left: gr.Dropdown
    right: gr.Dropdown
    swap: gr.HTML
    chart: gr.HTML
    fold: gr.Accordion
    ranks: gr.Dataframe

    @property
    def controls(self) -> tuple[gr.Dropdown, gr.Dropdown]:
        """What chooses the methods, in the order of `changed`."""
        return self.left, self.right


def build() -> MethodsPage:
    """Lay the page out."""
    with gr.Column(elem_classes="page methods", visible=False) as column:
        heading = gr.HTML(apply_default_css=False)
        with gr.Row(elem_classes="sides"):
            left = gr.Dropdown(label="Left", min_width=140)
            right = gr.Dropdown(label="Right", min_width=140)
            swap = gr.HTML(apply_default_css=False, elem_classes="swap")
        chart = bump_chart()
        with gr.Accordion("Ranks by every method", open=False) as fold:
            ranks = gr.Dataframe(interactive=False, label="Ranks", visible=False, max_height=600)
    return MethodsPage(column, heading, left, right, swap, chart, fold, ranks)


class Agreement(NamedTuple):
    """How much two rankings agree: museums among the first of both, and Kendall's tau in -1..1."""

    common: int
    shown: int
    tau: float


def agreement(left: Ranking, right: Ranking, top: int) -> Agreement:
    """Return how much two rankings of the same museums agree."""
    from scipy.stats import kendalltau  # its import takes about a second

    common = set(left.museum_ids[:top]) & set(right.museum_ids[:top])
    ranks = right.ranks
    order = [ranks[museum] for museum in left.museum_ids]
    tau = float(kendalltau(range(len(order)), order).statistic) if len(order) > 1 else 1.0
    return Agreement(len(common), min(top, len(order)), tau)


def show_methods(page: MethodsPage, workspace: Workspace, address: Address) -> tuple[str, Shown]:
    """Return the title and the page of two methods on the address's query, over all museums.

    Raises HicalmError without words to rank by, and for an unknown method.
    """
    if not address.searches:
        raise HicalmError(text.METHODS_NEED_WORDS)
    address = address.without_filters()
    names = workspace.methods
    one = address.option("left", names[0])
    other = address.option("right", next((n for n in OTHER_SIDE if n in names), names[-1]))
    left, right = workspace.ranking(address, one), workspace.ranking(address, other)
    lists = (
        entries(workspace.collection, address, left, right),
        entries(workspace.collection, address, right, left),
    )
    best = {
        entry.museum.id: workspace.best_view(address, entry.museum.id)
        for entry in (*lists[0], *lists[1])
    }
    found = agreement(left, right, address.top)
    said = text.AGREEMENT.format(
        common=found.common, shown=found.shown, total=len(left.museum_ids), tau=amount(found.tau, 2)
    )
    swapped = address.turn_to("methods", left=other, right=one)
    return f"{readable(one)} / {readable(other)} · {text.APP_NAME}", {
        page.heading: views.two_sides(address, "Two methods on one query", said),
        page.left: _picker(names, one),
        page.right: _picker(names, other),
        page.swap: views.swap_link(swapped),
        page.chart: bump_chart_html(address, (one, other), lists, best),
    }


def rank_by_all(page: MethodsPage, workspace: Workspace, address: Address) -> Shown:
    """Return the ranks of the museums that any method has among its first ones.

    Takes seconds where models of methods are still to be loaded.
    """
    rankings = [workspace.ranking(address, name) for name in workspace.methods]
    ranks = [ranking.ranks for ranking in rankings]
    shown = dict.fromkeys(id for one in rankings for id in one.museum_ids[: address.top])
    rows = [
        (workspace.collection.museum(museum).title, *(one[museum] for one in ranks))
        for museum in shown
    ]
    columns = ["Museum", *(readable(ranking.method) for ranking in rankings)]
    return {page.ranks: gr.Dataframe(pd.DataFrame(rows, columns=columns), visible=True)}


def changed(address: Address, left: str, right: str) -> Address:
    """Return the address of two other methods on the same query."""
    return address.turn_to("methods", left=left, right=right)


def _picker(names: tuple[str, ...], chosen: str) -> gr.Dropdown:
    choices = [(readable(name), name) for name in names]
    return gr.Dropdown(choices=choices, value=chosen)
