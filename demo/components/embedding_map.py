"""A map of points on a canvas: moved, enlarged, and chosen from with a lasso or a box.

A canvas colours and draws 35,544 points in 0.1 s, without a graphics card and without WebGL. Plotly
took 0.7 to 1.1 s until it had drawn them first, 1.4 MB of script included.

value   `MapValue`, or None. The points come from its ``source`` (see ``demo.maps.map_file``)
events  moved({address}): the visitor has moved the map, and that is the page's address now. A
        lasso, or a point that is opened, is an address that the address state follows
server  describe_points({address, points}): see ``demo.maps.describe_points``
size    fills its column, 70 % of the window high
"""

from collections.abc import Callable
from typing import Any, TypedDict

import gradio as gr

from demo.components import read, show_alone


class MapValue(TypedDict):
    """What is drawn. Positions are in units of the map; arrays of bytes are in base64.

    ``address`` is the page's; ``color`` names a column of categories, or ``shades`` has a shade 0
    to 4 for every point; ``front`` has a bit for every point that stands out, "" where all do.
    ``box`` is to be in sight (left, bottom, right, top; None: everything),
    which is what ``zoom`` of the address says, if it says any. ``texts``: whether descriptions are
    drawn; ``focus`` are ringed, ``ranked`` have numbers from 1, and ``star`` is the query's place.
    """

    source: str
    address: str
    level: str
    color: str
    shades: str
    front: str
    zoom: str
    box: list[float] | None
    lasso: list[list[float]]
    texts: bool
    focus: list[int]
    ranked: list[int]
    star: list[float] | None


def embedding_map(describe: Callable[..., Any] = lambda wanted: []) -> gr.HTML:
    """Return the component; ``describe`` answers as ``demo.maps.describe_points``."""

    def describe_points(wanted: dict[str, Any]) -> list[dict[str, Any]]:
        return describe(wanted)

    return gr.HTML(
        html_template=read("embedding_map.jinja"),
        css_template=read("embedding_map.css"),
        js_on_load=read("embedding_map_drawing.js") + read("embedding_map.js"),
        apply_default_css=False,
        server_functions=[describe_points],
    )


def sample() -> MapValue:
    """Return a value whose points are in its address; one region has a hostile name."""
    from urllib.parse import quote

    import numpy as np

    from demo.maps import packed
    from hicalm.files import to_json

    rng = np.random.default_rng(1)
    xy = rng.normal(0, 14, (600, 2)).astype(np.float32)
    region = {"name": "<b>${1+1}</b> {{7*7}}", "x": 0, "y": 20}
    points = {
        "level": "view",
        "width": 100,
        "count": len(xy),
        "box": [-50, -50, 50, 50],
        "xy": packed(xy),
        "texts": "",
        "hues": {"side": packed((xy[:, 0] > 0).astype(np.uint8))},
        "regions": [{"zoom": 1, "regions": [region]}],
    }
    return {
        "source": "data:application/json," + quote(to_json(points)),
        "address": "?",
        "level": "view",
        "color": "side",
        "shades": "",
        "front": "",
        "zoom": "",
        "box": None,
        "lasso": [],
        "texts": False,
        "focus": [0],
        "ranked": [1, 2, 3],
        "star": [10.0, 5.0],
    }


if __name__ == "__main__":
    show_alone("Embedding map", embedding_map, sample)
