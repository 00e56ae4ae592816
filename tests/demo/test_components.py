"""Components alone: their sample values, and that no template of the page runs what it shows."""

import gradio as gr
import pytest

from demo.components.address_state import address_state, address_value
from demo.components.address_state import sample as address_sample
from demo.components.bump_chart import bump_chart
from demo.components.bump_chart import sample as bump_sample
from demo.components.cards import cards
from demo.components.cards import sample as cards_sample
from demo.components.contribution_bars import contribution_bars
from demo.components.contribution_bars import sample as bars_sample
from demo.components.embedding_map import embedding_map
from demo.components.embedding_map import sample as map_sample
from demo.components.floor_plan import floor_plan
from demo.components.floor_plan import sample as plan_sample
from demo.components.room_viewer import room_viewer
from demo.components.room_viewer import sample as room_sample
from demo.layout import build_layout

STILL = (contribution_bars, bump_chart, floor_plan)  # nothing in them is done by a script
BUILD = (cards, address_state, embedding_map, lambda: room_viewer(dict), *STILL)


@pytest.mark.parametrize("build", BUILD)
def test_a_component_stands_alone(build):
    with gr.Blocks():
        part = build()
    template = part.html_template
    assert template == "${value}" or not any(mark in template for mark in ("{", "$"))
    assert ("watch(" in (part.js_on_load or "")) == (build not in STILL)


def test_a_floor_plan_stands_alone():
    with gr.Blocks():
        part = floor_plan()
    assert part.html_template == "${value}" and ".plan" in part.css_template


def test_no_template_of_the_page_evaluates_what_it_shows(workspace):
    templates = [
        block.html_template
        for block in build_layout(workspace).blocks.values()
        if isinstance(block, gr.HTML)
    ]
    assert len(templates) > 5
    for template in templates:
        rest = template.replace("${value}", "")
        assert not any(mark in rest for mark in ("{{", "${")), template[:80]


def test_cards_show_hostile_titles_as_text():
    html = cards_sample()
    assert html.count('<li class="card"') == 3
    assert "&lt;b&gt;${1+1}&lt;/b&gt; {{7*7}}" in html and "<b>${" not in html


@pytest.mark.parametrize("sample", [plan_sample, room_sample])
def test_rooms_show_hostile_names_as_text(sample):
    html = sample()
    assert "&lt;b&gt;${1+1}&lt;/b&gt; {{7*7}}" in html and "<b>${" not in html
    assert "<i>horses" not in html


def test_bars_and_ranked_lists_show_hostile_names_as_text():
    bars, chart = bars_sample(), bump_sample()
    for html in (bars, chart):
        assert "&lt;b&gt;${1+1}&lt;/b&gt; {{7*7}}" in html and "<b>${" not in html
    assert bars.count('class="track"') == 2 and bars.count('class="track both"') == 1
    assert chart.count("<li data-museum") == 6 and chart.count("<path") == 3


def test_a_map_says_hostile_names_to_its_script_alone():
    value = map_sample()
    assert "%3Cb%3E%24%7B1%2B1%7D" in value["source"] and "<b>" not in str(value)


def test_an_address_value_has_what_the_browser_needs():
    value = address_sample()
    assert value == {
        "address": "?q=red",
        "title": "",
        "page": "",
        "status": "done",
        "models": "ready",
        "collection": "",
        "how": "stay",
        "question": 0,
    }
    page = {**value, "html": "<p>left out</p>"}
    assert address_value(page, "asked", 3) == {**value, "how": "asked", "question": 3}
