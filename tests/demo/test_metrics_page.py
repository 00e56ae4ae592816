"""The researchers' page: its tables by the address, and what a chosen text opens."""

import json
from html import unescape
from types import SimpleNamespace

import pytest

from demo.address import format_address, parse_address
from demo.measured import _load
from demo.pages.metrics import FAILURES, changed, chooser
from hicalm.evaluation.rank_file import COMMAND
from tests.demo.fake_metrics import write_metrics
from tests.demo.fake_page import Markup, open_page, page_parts


@pytest.fixture
def metrics(workspace, searcher, tmp_path):
    """The workspace with metrics beside its checkpoint, and their folder."""
    searcher.checkpoint = write_metrics(searcher.collection, tmp_path)
    return workspace


def open_metrics(workspace, options: str = "") -> dict:
    answer = open_page(workspace, f"?show=metrics{options}")
    assert (answer["status"], answer["page"]) == ("done", "metrics")
    return answer


def part(page: dict, name: str):
    """Return what a part of the page shows: a value, or the value of an update."""
    found = page["shown"][getattr(page_parts().metrics, name)]
    return getattr(found, "value", found)


def links(page: dict, name: str = "failures") -> list[str]:
    return Markup(part(page, name)).links


def column(page: dict, head: str) -> list:
    table = part(page, "texts")
    at = table["headers"].index(head)
    return [row[at] for row in table["data"]]


def change(searcher, alter) -> None:
    """Change the measured metrics."""
    path = searcher.checkpoint.parent / "figures.json"
    measured = json.loads(path.read_text())
    alter(measured)
    path.write_text(json.dumps(measured))
    _load.cache_clear()


def test_the_worst_ranks_of_the_paragraphs_come_first_and_all_are_there(metrics, searcher):
    ranks = column(open_metrics(metrics), "HiCALM, levels only")
    assert len(ranks) == sum(len(museum.rooms) for museum in searcher.collection.museums)
    assert ranks == sorted(ranks, reverse=True) and ranks[0] == 24


def test_the_app_itself_stands_first_and_what_it_does_not_measure_has_a_dash(metrics):
    table = part(open_metrics(metrics), "methods")
    assert [row[0] for row in table["data"]] == [
        "HiCALM Explorer (default)", "HiCALM, levels only", "Flat",
    ]  # fmt: skip
    app, model = table["metadata"]["display_value"][:2]
    assert app.count("\N{EN DASH}") == 4 and app.count("0.80") == 3
    assert "50.0 %" in model and 50.0 in table["data"][1]  # sorted as a number
    assert None in table["data"][0]


def test_a_collection_without_ground_truth_has_no_column_of_paraphrases(metrics, searcher):
    assert "Paraphrased queries" in part(open_metrics(metrics), "methods")["headers"]
    change(searcher, lambda all: [one.pop("paraphrase") for one in all["methods"].values()])
    assert "Paraphrased queries" not in part(open_metrics(metrics), "methods")["headers"]


def test_a_difference_that_is_shown_is_marked_with_its_size_and_test(metrics, searcher):
    lead = {"difference": 0.129, "interval": [0.086, 0.175], "p": 0.0002, "queries": 80}

    def pair(measured):
        measured["paired"] = {
            "plain": {
                "hicalm": lead | {"difference_shown": True},
                "flat": lead | {"difference_shown": False},
            }
        }

    assert "bootstrap" not in open_metrics(metrics)["html"]  # nothing was compared
    change(searcher, pair)
    page = open_metrics(metrics)
    assert "95 % bootstrap interval" in page["html"] and "sign-flip" in page["html"]
    shown = [row[2] for row in part(page, "methods")["metadata"]["display_value"]]
    assert shown == ["0.80", "0.80*", "0.80"]
    numbers = part(page, "numbers")
    line = next(
        row for row in numbers["data"] if row[:2] == ["HiCALM, levels only", "Plain queries"]
    )
    assert "0.13 (0.09 to 0.17)" in line and line[-1] == 0.0002


def test_kinds_of_queries_and_certainty_are_shown_where_they_were_measured(metrics, searcher):
    page = open_metrics(metrics)
    assert ["Not of a room", "0.25"] in [
        row[:2] for row in part(page, "by_kind")["metadata"]["display_value"]
    ]
    sure = " ".join(part(page, "sure").split())
    assert "Of 4 queries for what no museum has, 75.0 % are answered" in sure
    assert part(page, "bins")["data"] == [["25.0 to 50.0", 37.5, 50.0, 1200]]

    def less(measured):
        del measured["certainty"]
        for lengths in measured["methods"].values():
            del lengths["structured"]

    change(searcher, less)
    page = open_metrics(metrics)
    parts = page_parts().metrics
    assert not page["shown"][parts.by_kind].visible and not page["shown"][parts.bins].visible
    assert "not measured" in part(page, "sure")


def test_the_length_is_an_option_of_the_address_and_the_search_is_kept(metrics):
    address = format_address(changed(parse_address("?q=red+horses&show=metrics"), "sentence"))
    assert address == "?q=red+horses&show=metrics&on.length=sentence"
    page = open_page(metrics, address)
    assert part(page, "length") == "sentence" and "Room" in part(page, "texts")["headers"]
    full = open_metrics(metrics, "&on.length=full")
    assert "Room" not in part(full, "texts")["headers"]
    odd = open_metrics(metrics, "&on.length=novel")
    assert part(odd, "texts") == part(open_metrics(metrics), "texts")


def test_what_is_said_of_the_ranks_adds_up(metrics):
    said = " ".join(part(open_metrics(metrics, "&on.length=full"), "failures").split())
    assert "first for 1, 2nd to 5th for 4, 6th to 10th for 5, below for 14 texts." in said


def test_a_failure_opens_beside_the_museum_ranked_first(metrics, searcher):
    page = open_metrics(metrics, "&on.length=full")
    worst = [parse_address(link) for link in links(page)]
    museums = searcher.collection.museums
    assert len(worst) == FAILURES
    assert (worst[0].museum, worst[0].against) == (museums[23].id, museums[0].id)
    assert worst[0].query == " ".join(s for p in museums[23].paragraphs for s in p)
    assert open_page(metrics, links(page)[0])["page"] == "compare"


def test_a_chosen_text_is_shown_whole_with_its_explanation(metrics, searcher):
    table = part(open_metrics(metrics), "texts")
    for row in table["data"]:
        html = chooser(metrics)({"address": "?show=metrics"}, SimpleNamespace(row_value=row))
        address = parse_address(Markup(html).links[0])
        paragraph = searcher.collection.museum(address.museum).rooms[row[3] - 1].paragraph
        assert address.query == " ".join(paragraph) and row[2] in unescape(html)
        found = row[table["headers"].index("HiCALM, levels only")] == 1
        assert found == ("Why it was found" in html) == (address.against == "")
        if found:
            assert address.room == row[3] - 1


def test_hostile_titles_are_text(metrics):
    page = open_metrics(metrics)
    rows = [row for row in part(page, "texts")["data"] if "<b>Tags</b>" in row[2]]
    html = chooser(metrics)({"address": "?show=metrics"}, SimpleNamespace(row_value=rows[0]))
    assert "<b>Tags" not in html and "&lt;b&gt;Tags&lt;/b&gt;" in html
    assert "html" not in page_parts().metrics.texts.datatype


def test_without_metrics_there_is_the_command_that_makes_them(workspace, searcher, tmp_path):
    page = open_metrics(workspace)
    assert COMMAND in unescape(page["html"])
    assert not page["shown"][page_parts().metrics.measured].visible
    searcher.checkpoint = tmp_path / "hicalm"
    assert "not there yet" in open_metrics(workspace)["html"]


def test_metrics_of_other_museums_or_weights_are_refused(metrics, searcher, tmp_path):
    assert "24 test museums" in open_metrics(metrics)["html"]
    (searcher.checkpoint / "model.safetensors").write_bytes(b"other weights")
    ranks = tmp_path / "ranks.json"
    ranks.write_text(ranks.read_text().replace('"fake"', '"elsewhere"'))
    html = unescape(open_metrics(metrics)["html"])
    assert "of 'elsewhere'" in html and COMMAND in html
