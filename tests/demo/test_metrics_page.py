"""The researchers' page: its table by the address, and what a picked text opens."""

import json
import re
from html import unescape

import pytest

from demo.address import parse_address
from demo.metrics_page import ROWS, _load
from hicalm.evaluation.rank_file import COMMAND
from tests.demo.fake_metrics import write_metrics
from tests.demo.fake_page import open_page


@pytest.fixture
def metrics(explorer, searcher, tmp_path):
    """The explorer with metrics beside its checkpoint, and their folder."""
    searcher.checkpoint = write_metrics(searcher.collection, tmp_path)
    return explorer


def open_metrics(explorer, options: str = "") -> str:
    answer = open_page(explorer, f"?show=metrics{options}")
    assert (answer["status"], answer["page"]) == ("done", "metrics")
    return answer["html"]


def column(html: str, method: str = "hicalm") -> list[int]:
    """The ranks on screen by a method."""
    methods = re.findall(r'data-key="sort-([a-z-]+)">', html)[1:]
    cells = [int(rank) for rank in re.findall(r'<td class="rank[^"]*">(\d+)</td>', html)]
    return cells[methods.index(method) :: len(methods)]


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'<td class="excerpt"><a href="([^"]+)"', html)]


def test_the_worst_ranks_of_the_paragraphs_come_first(metrics):
    ranks = column(open_metrics(metrics))
    assert len(ranks) == ROWS and ranks == sorted(ranks, reverse=True)
    assert ranks[0] == 24


def test_a_collection_without_ground_truth_has_no_column_of_paraphrases(metrics, searcher):
    path = searcher.checkpoint.parent / "figures.json"
    measured = json.loads(path.read_text())
    assert "paraphrase" in open_metrics(metrics).lower()
    for lengths in measured["methods"].values():
        del lengths["paraphrase"]
    path.write_text(json.dumps(measured))
    _load.cache_clear()
    assert "Paraphrased" not in open_metrics(metrics)


def test_the_app_itself_stands_first_and_what_it_does_not_measure_has_a_dash(metrics):
    html = open_metrics(metrics)
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>', html)
    assert rows[:3] == ["HiCALM Explorer (default)", "HiCALM, levels only", "Flat"]
    first = html[html.index(rows[0]) : html.index("<tr>", html.index(rows[0]))]
    assert first.count("not measured") == 4 and first.count("nDCG@5") == 3


def test_kinds_of_queries_and_certainty_are_shown_where_they_were_measured(metrics, searcher):
    html = " ".join(open_metrics(metrics).split())
    assert '<th scope="row">Not of a room</th><td>0.25</td>' in html
    assert "Of 4 queries for what no museum has, 75.0 % are answered" in html
    assert "25.0 to 50.0 %" in html and "1,200" in html
    path = searcher.checkpoint.parent / "figures.json"
    measured = json.loads(path.read_text())
    del measured["certainty"]
    for lengths in measured["methods"].values():
        del lengths["structured"]
    path.write_text(json.dumps(measured))
    _load.cache_clear()
    html = open_metrics(metrics)
    assert "by kind" not in html and "How sure this app is" not in html


def test_the_search_is_kept_while_sorting(metrics):
    html = open_metrics(metrics, "&q=red+horses")
    assert 'href="?q=red+horses&amp;show=metrics&amp;on.sort=rank"' in html


def test_heads_sort_by_any_method_and_turn_round(metrics):
    html = open_metrics(metrics, "&on.method=flat&on.sort=rank")
    ranks = column(html, "flat")
    assert ranks == sorted(ranks) and ranks[0] == 2
    assert html.count("aria-sort=") == 1
    assert re.search(r'aria-sort="ascending"><a href="([^"]+)"[^>]*data-key="sort-flat"', html)
    museums = open_metrics(metrics, "&on.sort=-museum")
    titles = re.findall(r'<td class="museum-name">([^<]+) <small>', museums)
    assert titles[0] == "House of Modern Forms, No. 24" and 'aria-sort="descending"' in museums


def test_pages_follow_each_other_and_end(metrics, searcher):
    rooms = sum(len(museum.rooms) for museum in searcher.collection.museums)
    first, second = (open_metrics(metrics, f"&on.start={start}") for start in (0, ROWS))
    assert not set(links(first)) & set(links(second))
    last = open_metrics(metrics, "&on.start=999999")
    assert len(links(last)) == (rooms - 1) % ROWS + 1
    assert 'data-key="later"' not in last and 'data-key="earlier"' in last
    assert f"of {rooms} texts" in " ".join(last.split())


def test_a_bar_of_the_histogram_keeps_its_texts_only(metrics):
    everything = open_metrics(metrics, "&on.length=sentence")
    counted = {
        unescape(band): int(count)
        for band, count in re.findall(r'data-key="band-([^"]+)"[^>]*>\s*<b>(\d+)</b>', everything)
    }
    html = open_metrics(metrics, "&on.length=sentence&on.band=2-5")
    ranks = column(html)
    assert set(ranks) == {2, 3, 4, 5} and len(ranks) == counted["2-5"]
    assert counted["51-100"] == counted["101-"] == 0
    empty = open_metrics(metrics, "&on.band=101-")
    assert links(empty) == [] and "0 texts" in empty


def test_a_failure_opens_beside_the_museum_ranked_first(metrics, searcher):
    html = open_metrics(metrics, "&on.length=full&on.sort=museum")
    addresses = [parse_address(link) for link in links(html)]
    museums = searcher.collection.museums
    found, failure = addresses[0], addresses[1]
    assert (found.museum, found.against) == (museums[0].id, "")  # rank 1
    assert (failure.museum, failure.against) == (museums[1].id, museums[2].id)
    assert failure.query == " ".join(s for p in museums[1].paragraphs for s in p)
    assert open_page(metrics, links(html)[1])["page"] == "compare"


def test_a_paragraph_that_was_found_opens_at_its_room(metrics, searcher):
    html = open_metrics(metrics, "&on.sort=rank&on.band=1")
    for link in links(html):
        address = parse_address(link)
        paragraph = searcher.collection.museum(address.museum).rooms[address.room].paragraph
        assert address.query == " ".join(paragraph)


def test_invalid_options_are_ignored(metrics):
    invalid = "&on.length=novel&on.method=none&on.sort=%3Cb%3E&on.band=9-1&on.start=-3"
    assert open_metrics(metrics, invalid) == open_metrics(metrics)


def test_without_metrics_there_is_the_command_that_makes_them(explorer, searcher, tmp_path):
    assert COMMAND in unescape(open_metrics(explorer))
    searcher.checkpoint = tmp_path / "hicalm"
    assert "not there yet" in open_metrics(explorer)


def test_metrics_of_other_museums_or_weights_are_refused(metrics, searcher, tmp_path):
    assert "24 test museums" in open_metrics(metrics)
    (searcher.checkpoint / "model.safetensors").write_bytes(b"other weights")
    ranks = tmp_path / "ranks.json"
    ranks.write_text(ranks.read_text().replace('"fake"', '"elsewhere"'))
    html = unescape(open_metrics(metrics))
    assert "of 'elsewhere'" in html and COMMAND in html
