"""The map page: museums, rooms or views as points, and what is selected of them.

All that is chosen is in the address: ``on.level``, ``on.color``, ``on.value`` (of the colours),
``on.zoom``, ``on.lasso``, ``on.above`` (the least similarity), ``on.within`` (words that rank the
selection), ``on.texts``, and ``on.museum`` with ``on.room`` (from 1), what the map is turned to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any

import gradio as gr
import numpy as np

from demo import text, views
from demo.address import Address, format_address
from demo.components.embedding_map import MapValue, embedding_map
from demo.listed import best_rows
from demo.maps import (
    HUES,
    OTHERS,
    SIMILARITY,
    Chart,
    describe,
    map_file,
    open_chart,
    packed,
    read_number,
    read_pairs,
)
from demo.pages.parts import Parts, Shown
from demo.workspace import Workspace, clean_query
from hicalm.data.collection import Museum
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS
from hicalm.maps.map import WIDTH, locate
from hicalm.maps.selection import typical_values

RANKED = 12  # results with a number on the map
LISTED = 60  # entries of a list; the file has all of them
SHADES = 5
TYPICAL = 2  # values of an attribute in the summary of a selection
# A query's star is left out where the points that place it lie farther apart (units of the map).
# For 60 of the plain queries two halves of the 30 nearest points placed it 1.7 units apart on the
# map of views, in the median, but 16 on those of museums and rooms; the spread tells which
# (correlations of 0.84, 0.61 and 0.65). A circle of that size would say less than it seems to: two
# thirds of the best hundredth of the views lay outside.
MAX_SPREAD = WIDTH / 10


@dataclass(frozen=True)
class MapPage(Parts):
    """The parts of the page."""

    column: gr.Column
    heading: gr.HTML
    body: gr.Column
    level: gr.Radio
    color: gr.Dropdown
    above: gr.Slider
    texts: gr.Checkbox
    drawing: gr.HTML
    legend: gr.HTML
    chosen: gr.Column
    summary: gr.HTML
    within: gr.Textbox
    clear: gr.Button
    selection: gr.HTML
    best: gr.HTML
    sight_fold: gr.Accordion
    sight: gr.HTML
    about: gr.HTML

    @property
    def controls(self) -> list[Any]:
        """What changes the map, in the order of `changed`."""
        return [self.level, self.color, self.above, self.texts, self.within]


def build(describe_points: Callable[..., Any]) -> MapPage:
    """Lay the page out; the drawing asks ``describe_points`` (see ``demo.maps``)."""
    levels = [(f"{level.capitalize()}s", level) for level in LEVELS]
    with gr.Column(elem_classes="page map", visible=False) as column:
        heading = gr.HTML(apply_default_css=False)
        with gr.Column(elem_classes="map-body") as body:
            with gr.Row(elem_classes="map-bar"):
                level = gr.Radio(levels, label="Level", show_label=False)
                color = gr.Dropdown(label="Colour by", min_width=260)
                texts = gr.Checkbox(label="Descriptions")
            with gr.Row():
                with gr.Column(scale=3, min_width=540):
                    drawing = embedding_map(describe_points)
                with gr.Column(elem_classes="map-side"):
                    legend = gr.HTML(apply_default_css=False)
                    above = gr.Slider(label="Select by similarity, at least", step=0.01, buttons=[])
                    with gr.Column(visible=False) as chosen:
                        summary = gr.HTML(apply_default_css=False)
                        within = gr.Textbox(
                            label="Rank these by", placeholder="e.g. red walls", max_length=300
                        )
                        clear = gr.Button("Clear the selection", size="sm")
                        selection = gr.HTML(apply_default_css=False)
                    best = gr.HTML(apply_default_css=False)
                    with gr.Accordion("In sight") as sight_fold:
                        sight = gr.HTML(apply_default_css=False)
                    with gr.Accordion("How to read this map", open=False):
                        about = gr.HTML(apply_default_css=False)
    return MapPage(
        column, heading, body, level, color, above, texts, drawing, legend, chosen, summary,
        within, clear, selection, best, sight_fold, sight, about,
    )  # fmt: skip


def show_map(page: MapPage, workspace: Workspace, address: Address) -> Shown:
    """Show the map of an address. Raises HicalmError for a query that cannot be searched by."""
    if workspace.warmup.maps is None:
        failure = workspace.warmup.maps_failure
        heading = views.render("map_heading.html", address=address, failure=failure)
        return {page.heading: heading, page.body: gr.Column(visible=False)}
    chart = open_chart(workspace, address)
    museum, room, focus = _focus(chart)
    ranked = _ranked(chart)
    return {
        page.heading: views.render(
            "map_heading.html",
            failure="",
            address=address,
            query=clean_query(address.query),
            level=chart.level,
            count=text.counted(len(chart.map.xy), chart.level),
            shown=len(chart.maps.levels[LEVELS[0]].xy),
            museums=len(workspace.collection.museums),
            notice=text.BAD_FOCUS if address.option("museum") and not museum else "",
            museum=museum,
            ringed=len(focus) > 0,
            room=room,
            whole=chart.change(museum="", room="", zoom=""),
        ),
        page.body: gr.Column(visible=True),
        page.drawing: _drawing(chart, focus, list(ranked)),
        page.legend: _legend(chart),
        page.best: _best(chart, ranked),
        page.about: views.render(
            "map_about.html",
            address=address,
            level=chart.level,
            sampled=chart.museums is not None,
            metrics=chart.maps.metrics.get(chart.level, {}),
            color=chart.color,
            purity=chart.maps.structure.purity.get(chart.level, {}).get(chart.color),
        ),
        **_controls(page, chart),
        **_selection(page, chart),
        **_in_sight(page, chart, focus),
    }


def show_moved(page: MapPage, workspace: Workspace, address: Address) -> Shown:
    """Show what depends on where an address is on the map: the points in sight, and links."""
    chart = open_chart(workspace, address)
    return {page.legend: _legend(chart), **_in_sight(page, chart, _focus(chart)[2])}


def cleared(address: Address) -> Address:
    """Return the address of a map without a selection."""
    kept = [one for one in address.options if one[0] not in ("lasso", "above", "value", "within")]
    return replace(address, options=tuple(kept))


def changed(
    workspace: Workspace,
    address: Address,
    level: str,
    color: str,
    above: float,
    texts: bool,
    within: str,
) -> Address:
    """Return the address of a map with what its controls say."""
    chart = open_chart(workspace, address)
    if level != chart.level:
        kept = {name: address.option(name) for name in ("color", "texts")}
        return address.turn_to("map", level=level, **kept)
    options = {"within": within.strip()}
    if color != chart.color:
        options |= {"color": color, "value": ""}
    if len(chart.map.texts):  # else they are kept for the other levels
        options["texts"] = "yes" if texts else ""
    if chart.values is not None:
        options["above"] = f"{above:.2f}" if above > _ends(chart.values)[0] else ""
    return chart.change(**options)


def _controls(page: MapPage, chart: Chart) -> Shown:
    option, searches = chart.address.option, chart.values is not None
    colors = [(text.label(column.name), column.name) for column in chart.map.columns]
    colors = [("Similarity to the query", SIMILARITY)] * searches + colors
    low, high = (0.0, 1.0) if chart.values is None else _ends(chart.values)
    above = min(max(read_number(option("above")) or low, low), high)
    described = len(chart.map.texts) > 0
    return {
        page.level: chart.level,
        page.color: gr.Dropdown(choices=colors, value=chart.color),
        page.above: gr.Slider(minimum=low, maximum=high, value=above, visible=searches),
        page.texts: gr.Checkbox(value=bool(option("texts")), visible=described),
        page.within: option("within"),
    }


def _ends(values: np.ndarray) -> tuple[float, float]:
    """Return numbers with two decimals that no value lies below and above."""
    return floor(100 * float(values.min())) / 100, ceil(100 * float(values.max())) / 100


def _drawing(chart: Chart, focus: np.ndarray, ranked: list[int]) -> MapValue:
    address, xy = chart.address, chart.map.xy
    shades, front = _numbers(chart), np.zeros(len(xy), bool)
    front[[] if chart.rows is None else chart.rows] = True
    if shades is not None:
        share = (shades - shades.min()) / max(1e-9, np.ptp(shades))
        shades = np.minimum(share * SHADES, SHADES - 1).astype(np.uint8)
    sight = _sight(chart, focus)
    return {
        "source": f"map/{chart.level}?v={map_file(chart.maps, chart.level).version}",
        "address": format_address(address),
        "level": chart.level,
        "color": chart.color,
        "shades": "" if shades is None else packed(shades),
        "front": "" if chart.rows is None else packed(np.packbits(front, bitorder="little")),
        "zoom": address.option("zoom"),
        "box": [*sight[0], *sight[1]] if sight else None,
        "lasso": read_pairs(address.option("lasso"), 3),
        "texts": bool(address.option("texts")) and len(chart.map.texts) > 0,
        "focus": focus.tolist(),
        "ranked": ranked,
        "star": _star(chart),
    }


def _star(chart: Chart) -> list[float] | None:
    if chart.values is None:
        return None
    place, spread = locate(chart.map.xy, chart.values)
    return list(place) if spread <= MAX_SPREAD else None


def _numbers(chart: Chart) -> np.ndarray | None:
    """Return what colours the points where that are numbers: the similarities, or a column's."""
    if chart.column is None:
        return chart.values
    return None if chart.column.values else chart.column.codes.astype(float)


def _legend(chart: Chart) -> str:
    """Return the colours with their names; one of them can be chosen. Those without a colour of
    their own are one entry, which shows each of them once it was chosen."""
    column, chosen, numbers = chart.column, chart.address.option("value"), _numbers(chart)
    names = [] if column is None else [(name, name) for name in column.values]
    counts = [] if column is None else np.bincount(column.codes, minlength=len(names)).tolist()
    if rest := names[HUES:]:
        names.insert(HUES, (OTHERS, "others"))
        counts.insert(HUES, sum(counts[HUES:]))
        if chosen not in (OTHERS, *dict(rest)):
            del names[HUES + 1 :]
    return views.render(
        "map_legend.html",
        address=chart.address,
        name="Similarity to the query" if column is None else text.label(column.name),
        ends=() if numbers is None else (numbers.min(), numbers.max()),
        digits=2 if column is None else 0,
        entries=[
            (value, label, count, chart.change(value="" if value == chosen else value))
            for (value, label), count in zip(names, counts, strict=False)
            if count
        ],
        hues={value: hue for hue, (value, _) in enumerate(names[:HUES])},
        chosen=chosen,
        star=_star(chart) is not None,
    )


def _selection(page: MapPage, chart: Chart) -> Shown:
    if chart.rows is None:
        return {page.chosen: gr.Column(visible=False)}
    notice, words = "", chart.address.option("within").strip()
    try:
        rows, values = chart.ranked_rows()
    except HicalmError as error:
        rows, values, notice, words = chart.rows, None, str(error), ""
    typical = typical_values(chart.map.columns, chart.rows)
    if chart.address.option("value"):
        typical.pop(chart.color, None)  # it was chosen by that
    summary = views.render(
        "map_selection.html",
        address=chart.address,
        count=text.counted(len(rows), chart.level),
        typical={name: own[:TYPICAL] for name, own in typical.items() if own},
        notice=notice,
    )
    answered = replace(chart.address, query=words, like=None, image="") if words else None
    return {
        page.chosen: gr.Column(visible=True),
        page.summary: summary,
        page.selection: _list(chart, "selection", rows, values, answered),
    }


def _in_sight(page: MapPage, chart: Chart, focus: np.ndarray) -> Shown:
    xy, values = chart.map.xy, chart.values
    box = np.array(_sight(chart, focus) or [xy.min(axis=0), xy.max(axis=0)])
    rows = np.flatnonzero(((xy >= box[0]) & (xy <= box[1])).all(axis=1))
    far = np.linalg.norm(xy[rows] - box.mean(axis=0), axis=1) if values is None else -values[rows]
    return {
        page.sight_fold: gr.Accordion(label=f"In sight: {len(rows):,}"),
        page.sight: _list(chart, "sight", rows[np.argsort(far, kind="stable")], values),
    }


def _best(chart: Chart, ranked: Mapping[int, float]) -> str:
    """Return the list of the best and, of a sample, how many of the museums found it has."""
    found, placed, on_map = 0, 0, ""
    if chart.museums is not None and chart.address.searches:
        matches = chart.workspace.find(chart.address.results()).matches
        rows = chart.workspace.collection.columns.rows([one.museum_id for one in matches])
        found, placed, on_map = len(rows), int(np.isin(rows, chart.museums).sum()), " on the map"
    if not ranked:
        return views.render("map_found.html", found=found, placed=placed)
    heading = f"The best {text.counted(len(ranked), chart.level)}{on_map}"
    return _list(chart, "results", [*ranked], ranked, None, heading, found=found, placed=placed)


def _list(
    chart: Chart,
    kind: str,
    rows: Sequence[int] | np.ndarray,
    values: Mapping[int, float] | np.ndarray | None,
    answered: Address | None = None,
    heading: str = "",
    **found: int,
) -> str:
    entries = describe(chart, rows[:LISTED], answered)
    return views.render(
        "map_list.html",
        address=chart.address,
        kind=kind,
        best=heading,
        **found,
        by="score" if heading and _by_score(chart) else SIMILARITY,
        entries=[(one, None if values is None else values[one["index"]]) for one in entries],
        more=len(rows) - len(entries),
    )


def _sight(chart: Chart, focus: np.ndarray) -> list[list[float]]:
    """Return two corners of what is to be in sight, lower left and upper right; none for all."""
    zoom = read_pairs(chart.address.option("zoom"), 2)
    if len(zoom) == 2 and zoom[0][0] < zoom[1][0] and zoom[0][1] < zoom[1][1]:
        return zoom
    if not len(focus):
        return []
    around = chart.map.xy[focus].astype(float)
    low, high = around.min(axis=0), around.max(axis=0)
    half = 0.6 * np.maximum(high - low, WIDTH / 10)
    return [((low + high) / 2 - half).tolist(), ((low + high) / 2 + half).tolist()]


def _focus(chart: Chart) -> tuple[Museum | None, int, np.ndarray]:
    """Return the museum that the map is turned to, its room from 0, and their points, none where it
    is not in the sample; None, -1 and no points without one that the collection has."""
    museum, number = chart.address.option("museum"), chart.address.option("room")
    museums = chart.workspace.collection.museums
    row = int(chart.workspace.collection.columns.rows([museum])[0])
    room = int(number) - 1 if number.isascii() and number.isdecimal() else -1
    if row < 0 or (number and room not in range(len(museums[row].rooms))):
        return None, -1, np.arange(0)
    points = chart.points
    own = points[:, 0] == row
    if room >= 0 and chart.level != LEVELS[0]:
        own &= points[:, 1] == room
    return museums[row], room, np.flatnonzero(own)


def _ranked(chart: Chart) -> dict[int, float]:
    """Return the best museums with their scores, as the results rank them, or, of a sample and of
    rooms and views, those most similar to the query, by their point."""
    workspace, address, values = chart.workspace, chart.address, chart.values
    if values is None:
        return {}
    if _by_score(chart):
        matches = workspace.find(replace(address.results(), top=RANKED)).matches
        return {workspace.collection.row(match.museum_id): match.score for match in matches}
    best = best_rows(workspace, replace(address, top=RANKED), chart.level, values, chart.museums)
    return {row: float(values[row]) for row, _ in best}


def _by_score(chart: Chart) -> bool:
    """Tell whether the best are those of the results: museums, and all of them are on the map."""
    return chart.level == LEVELS[0] and chart.museums is None
