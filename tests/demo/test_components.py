"""Components alone: their sample values, and that no template of the page runs what it shows."""

import gradio as gr
import pytest

from demo.components.address_state import address_state, address_value
from demo.components.address_state import sample as address_sample
from demo.components.cards import cards
from demo.components.cards import sample as cards_sample
from demo.components.embedding_map import embedding_map
from demo.components.embedding_map import sample as map_sample
from demo.layout import build_layout


@pytest.mark.parametrize("build", [cards, address_state, embedding_map])
def test_a_component_stands_alone(build):
    with gr.Blocks():
        part = build()
    template = part.html_template
    assert template == "${value}" or not any(mark in template for mark in ("{", "$"))
    assert "watch(" in part.js_on_load


def test_no_template_of_the_page_evaluates_what_it_shows(explorer):
    templates = [
        block.html_template
        for block in build_layout(explorer).blocks.values()
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
