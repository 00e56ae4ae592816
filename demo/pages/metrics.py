"""Metrics: what every method reaches, and which texts fail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
import numpy as np
import pandas as pd

from demo import text, views
from demo.address import Address, parse_address
from demo.components.address_state import AddressValue
from demo.measured import kinds, length_of, load_metrics, ordered_methods, rows, worst_first
from demo.pages import downloads
from demo.pages.downloads import Downloads
from demo.pages.parts import Parts, Shown
from demo.views import Page
from demo.workspace import Workspace
from hicalm.errors import HicalmError
from hicalm.evaluation.rank_file import DescriptionRanks
from hicalm.retrieval.methods import HICALM, describe, readable

NOT_MEASURED = "\N{EN DASH}"
# Gradio's field has a title and no label.
NAME_FILTERS = """
const page = element.closest(".page");
new MutationObserver(() => {
  for (const field of page.querySelectorAll(".search-input")) field.ariaLabel = field.title;
}).observe(page, { childList: true, subtree: true });
"""
NOT_GRADED = ("First, %", "In 5, %", "In 10, %", "Median rank", "p")  # columns of other numbers
RECALLS = ("R@1", "R@5", "R@10")
FAILURES = 6  # that are named
EXCERPT = 110  # characters of a text in the table
BANDS = ((1, 1, "first"), (2, 5, "2nd to 5th"), (6, 10, "6th to 10th"), (11, 10**9, "below"))
LENGTHS = [(name, key) for key, name in text.TEXT_LENGTHS]


@dataclass(frozen=True)
class MetricsPage(Parts):
    """The parts of the page."""

    column: gr.Column
    lead: gr.HTML
    measured: gr.Column
    methods: gr.Dataframe
    about: gr.HTML
    numbers: gr.Dataframe
    by_kind: gr.Dataframe
    sure: gr.HTML
    bins: gr.Dataframe
    length: gr.Radio
    failures: gr.HTML
    texts: gr.Dataframe
    chosen: gr.HTML
    files: Downloads


def build() -> MetricsPage:
    """Lay the page out."""
    with gr.Column(elem_classes="page metrics", visible=False) as column:
        lead = _html()
        with gr.Column(visible=False) as measured:
            methods = _table(label="Methods", show_label=False, pinned_columns=1)
            about = gr.HTML(apply_default_css=False, js_on_load=NAME_FILTERS)
            with gr.Accordion("Every number", open=False):
                numbers = _table(label="Every number", show_search="filter", max_height=420)
            with gr.Accordion("Structured queries by kind", open=False):
                by_kind = _table(label="nDCG@5 by kind", pinned_columns=1)
            with gr.Accordion("How sure this app is, and how rightly", open=False):
                sure = _html()
                bins = _table(label="Fits, and museums that show what was asked")
            gr.HTML("<h2>The right museum's rank for every text</h2>", apply_default_css=False)
            length = gr.Radio(LENGTHS, label="Texts", container=False)
            failures = _html()
            texts = _table(
                elem_id="ranks",
                label="Ranks",
                show_label=False,
                show_search="filter",
                max_height=560,
            )
            chosen = _html()
            files = downloads.build("ranks", ("csv", "json"))
    return MetricsPage(
        column, lead, measured, methods, about, numbers, by_kind, sure, bins,
        length, failures, texts, chosen, files,
    )  # fmt: skip


def _html() -> gr.HTML:
    return gr.HTML(apply_default_css=False)


def _table(**options: Any) -> gr.Dataframe:
    return gr.Dataframe(interactive=False, wrap=True, buttons=[], **options)


def metrics_page(page: MetricsPage, workspace: Workspace, address: Address) -> Page:
    """Return the page; a sentence where nothing was measured for this collection."""
    title = f"Metrics · {text.APP_NAME}"
    try:
        if address.collection:
            raise HicalmError(text.COLLECTION_NO_METRICS)
        shown = show_metrics(page, workspace, address)
    except HicalmError as error:
        lead = views.render("metrics_lead.html", address=address, metrics=None, message=str(error))
        shown = {page.lead: lead, page.measured: gr.Column(visible=False)}
    return views.answer("metrics", title, shown)


def show_metrics(page: MetricsPage, workspace: Workspace, address: Address) -> Shown:
    """Show what was measured. Raises HicalmError where nothing was, for this collection."""
    metrics, ranks = load_metrics(workspace)
    length, methods = length_of(address), dict(metrics["methods"])
    sets = [one for one in text.MEASURED if any(one[0] in own for own in methods.values())]
    known = [*methods, *(name for name in ordered_methods(ranks) if name not in methods)]
    paired: Mapping[str, Any] = metrics.get("paired") or {}
    certainty = metrics.get("certainty")
    failed = rows(workspace.collection, ranks, length, worst_first(ranks, length)[:FAILURES])
    return {
        page.lead: views.render("metrics_lead.html", address=address, metrics=metrics, message=""),
        page.measured: gr.Column(visible=True),
        page.methods: gr.Dataframe(
            _overview(methods, sets, paired),
            column_widths=["208px", *["145px"] * len(sets)],  # so that no head breaks on a phone
        ),
        page.about: views.render(
            "metrics_about.html",
            sets=sets,
            paired=paired,
            methods=[(readable(name), describe(name)) for name in known],
        ),
        page.numbers: _numbers(methods, sets, paired, metrics["queries"]),
        page.by_kind: _kinds(kinds(metrics)),
        page.sure: views.render("metrics_sure.html", certainty=certainty),
        page.bins: _bins(certainty["bins"] if certainty else []),
        page.length: length,
        page.failures: views.render(
            "metrics_failures.html",
            bands=_bands(ranks, length),
            rows=[row for row in failed if not row.found],
            model=readable(HICALM),
        ),
        page.texts: _texts(workspace, ranks, length),
        page.chosen: "",
    }


def changed(address: Address, length: str) -> Address:
    """Return the address of the page with texts of another length."""
    return replace(address, options=(("length", length),))


def chooser(workspace: Workspace) -> Callable[[AddressValue, gr.EventData], str]:
    """Return what shows the whole of a text whose row was chosen, with its explanation's link."""

    def choose(now: AddressValue, event: gr.EventData) -> str:
        chosen = getattr(event, "row_value", None)
        if not (isinstance(chosen, list) and chosen and str(chosen[0]).isdecimal()):
            raise gr.Error(text.WRONG_PAGE_VALUES, print_exception=False)
        _, ranks = load_metrics(workspace)
        length, number = length_of(parse_address(now["address"])), int(chosen[0]) - 1
        found = rows(workspace.collection, ranks, length, np.array([number]))
        return views.render("metrics_text.html", row=found[0], model=readable(HICALM))

    return choose


def _main(value: Mapping[str, Any] | None) -> float | None:
    """Return the one number of a set that stands for it: percent found first, or nDCG@5."""
    if not value:
        return None
    return value["nDCG@5"] if "nDCG@5" in value else 100 * value["R@1"]


def _overview(
    methods: Mapping[str, Any], sets: Sequence[tuple[str, str, str]], paired: Mapping[str, Any]
) -> Any:
    """Return a method a line, with the number of every set, marked where a difference is shown."""
    frame = pd.DataFrame(
        {
            "Method": [readable(name) for name in methods],
            **{name: [_main(own.get(key)) for own in methods.values()] for key, name, _ in sets},
        }
    )
    display = [
        [
            readable(method),
            *(_cell(own.get(key), paired.get(key, {}).get(method)) for key, *_ in sets),
        ]
        for method, own in methods.items()
    ]
    return _displayed(frame, display)


def _cell(value: Mapping[str, Any] | None, lead: Mapping[str, Any] | None) -> str:
    number = _main(value)
    if number is None or value is None:
        return NOT_MEASURED
    mark = "*" if lead and lead["difference_shown"] else ""
    return (f"{number:.2f}" if "nDCG@5" in value else f"{number:.1f} %") + mark


def _displayed(frame: pd.DataFrame, display: list[list[str]]) -> dict[str, Any]:
    """Return a table that is sorted by its values and read as ``display``."""
    data = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    metadata = {"display_value": display, "styling": [["" for _ in row] for row in display]}
    return {"headers": list(frame.columns), "data": data, "metadata": metadata}


def _is_graded(name: str, value: Any) -> bool:
    return isinstance(value, float) and name not in NOT_GRADED


def _two_decimals(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a table whose fractions have two decimals."""
    frame = pd.DataFrame(lines)
    columns = list(frame.columns)
    display = [
        [
            "" if value is None else f"{value:.2f}" if _is_graded(name, value) else str(value)
            for name, value in ((name, line[name]) for name in columns)
        ]
        for line in lines
    ]
    return _displayed(frame, display)


def _numbers(
    methods: Mapping[str, Any],
    sets: Sequence[tuple[str, str, str]],
    paired: Mapping[str, Any],
    queries: Mapping[str, int],
) -> dict[str, Any]:
    """Return everything that was measured, a set of texts of a method a line."""
    lines = []
    for key, name, _ in sets:
        for method, own in methods.items():
            if value := own.get(key):
                lead = paired.get(key, {}).get(method)
                percent = {
                    n: round(100 * value[n], 1) for n in ("R@1", "R@5", "R@10") if n in value
                }
                low, high = value.get("nDCG@5_interval", (None, None))
                lines.append(
                    {
                        "Method": readable(method),
                        "Texts": name,
                        "How many": queries.get(key),
                        "First, %": percent.get("R@1"),
                        "In 5, %": percent.get("R@5"),
                        "In 10, %": percent.get("R@10"),
                        "Median rank": value.get("median_rank"),
                        "nDCG@5": value.get("nDCG@5"),
                        "95 % interval": "" if low is None else f"{low:.2f} to {high:.2f}",
                        "P@5": value.get("P@5"),
                        "The app leads by": _lead(lead),
                        "p": None if lead is None else float(f"{lead['p']:.1g}"),
                    }
                )
    return _two_decimals(lines)


def _lead(lead: Mapping[str, Any] | None) -> str:
    if lead is None:
        return ""
    low, high = lead["interval"]
    return f"{lead['difference']:.2f} ({low:.2f} to {high:.2f})"


def _kinds(found: Sequence[tuple[str, Mapping[str, float]]]) -> Any:
    lines = [
        {"Kind": kind.capitalize()} | {readable(name): value for name, value in own.items()}
        for kind, own in found
    ]
    return gr.Dataframe(_two_decimals(lines), visible=bool(lines))


def _bins(bins: Sequence[Mapping[str, float]]) -> Any:
    lines = [
        {
            "Fits, %": f"{100 * one['low']:.1f} to {100 * one['high']:.1f}",
            "Mean fit, %": round(100 * one["fit"], 1),
            "Museums that show it, %": round(100 * one["share"], 1),
            "Museums judged": one["count"],
        }
        for one in bins
    ]
    return gr.Dataframe(pd.DataFrame(lines), visible=bool(lines))


def _bands(ranks: DescriptionRanks, length: str) -> list[tuple[str, int]]:
    """Return how many texts of a length the app's model ranks where."""
    values = np.array(ranks.ranks[HICALM][length])
    return [(name, int(((values >= low) & (values <= high)).sum())) for low, high, name in BANDS]


def _texts(workspace: Workspace, ranks: DescriptionRanks, length: str) -> gr.Dataframe:
    """Return a text a line with its rank by every method, the worst first."""
    order = worst_first(ranks, length)
    found = rows(workspace.collection, ranks, length, order)
    frame: dict[str, list[Any]] = {
        "No.": (order + 1).tolist(),
        "Text": [
            row.text if len(row.text) <= EXCERPT else row.text[: EXCERPT - 1].rstrip() + "…"
            for row in found
        ],
        "Museum": [row.museum.title for row in found],
    }
    widths: list[str | int] = ["60px", "330px", "180px"]
    if length != "full":
        frame["Room"] = [(row.room or 0) + 1 for row in found]
        widths.append("75px")
    methods = ordered_methods(ranks)
    for method in methods:
        frame[readable(method)] = [row.ranks[method] for row in found]
    return gr.Dataframe(pd.DataFrame(frame), column_widths=[*widths, *["95px"] * len(methods)])
