"""Two methods on one query: lists, the lines between them, and how much they agree."""

import re
from urllib.parse import quote

import numpy as np
import pytest

from demo.address import Address
from demo.components.bump_chart import ROW, WIDTH, entries, moves
from demo.pages.methods import agreement, changed, rank_by_all
from demo.turns import _in_turn
from hicalm.retrieval.methods import Ranking
from tests.demo.fake_page import open_page, page_parts


def ranking_of(ids: list[str]) -> Ranking:
    return Ranking("one", tuple(ids), -np.arange(len(ids), dtype=np.float32))


@pytest.fixture
def lists(searcher):
    """The first four of six museums: one up, one down, one the same, one gone, one new."""
    ids = [museum.id for museum in searcher.collection.museums[:6]]
    left, right = ranking_of(ids), ranking_of([ids[n] for n in (1, 0, 2, 4, 3, 5)])
    address = Address(query="red", top=4)
    return [entries(searcher.collection, address, *p) for p in ((left, right), (right, left))]


def test_every_museum_knows_its_rank_in_the_other_list(lists):
    left, right = lists
    assert [(entry.rank, entry.other) for entry in left] == [(1, 2), (2, 1), (3, 3), (4, 5)]
    assert [entry.rank_change for entry in right] == [1, -1, 0, 1]
    assert all(
        entry.address == Address(query="red", top=4, museum=entry.museum.id) for entry in left
    )


def test_lines_lead_from_rank_to_rank_and_out_of_the_list(lists):
    lines = moves(*lists)
    assert [line.kind for line in lines] == ["down", "up", "same", "away", "new"]
    assert lines[0].start == (0, ROW / 2) and lines[0].end == (WIDTH, ROW * 1.5)
    assert lines[3].start == (0, ROW * 3.5) and lines[3].end[0] < WIDTH / 2
    assert lines[4].end == (WIDTH, ROW * 3.5) and lines[4].start[0] > WIDTH / 2
    assert lines[2].path == "M0 250C50 250 50 250 100 250"


def test_agreement_is_one_for_the_same_order_and_minus_one_for_the_reverse():
    ids = list("abcdefgh")
    same = agreement(ranking_of(ids), ranking_of(ids), 3)
    assert (same.common, same.shown, same.tau) == (3, 3, pytest.approx(1))
    back = agreement(ranking_of(ids), ranking_of(ids[::-1]), 3)
    assert (back.common, back.tau) == (0, pytest.approx(-1))
    swapped = agreement(ranking_of(ids), ranking_of(["b", "a", *ids[2:]]), 30)
    assert (swapped.common, swapped.shown) == (8, 8)
    assert swapped.tau == pytest.approx(1 - 2 / 28)  # one of 28 pairs is turned round
    assert agreement(ranking_of(["a"]), ranking_of(["a"]), 3).tau == 1  # nothing to turn round


def test_the_page_shows_both_lists_in_their_order(workspace, searcher):
    address = "?q=red+walls&show=methods&on.left=flat&on.right=clip-mean&top=6"
    answer = open_page(workspace, address)
    assert answer["page"] == "methods" and answer["results"] == Address("red walls", top=6)
    query = searcher.read("red walls")
    expected = [searcher.ranking(query, name).museum_ids[:6] for name in ("flat", "clip-mean")]
    shown = re.findall(r'<li data-museum="([^"]+)"', answer["html"])
    assert (tuple(shown[:6]), tuple(shown[6:])) == (*expected,)
    assert answer["html"].count("<path") == len(set(shown))


def test_the_results_lead_there_without_their_filters(workspace):
    html = open_page(workspace, "?q=red&filter.theme=gardens")["html"]
    assert 'href="?q=red&amp;show=methods"' in html
    chosen = open_page(workspace, "?q=red&filter.theme=gardens&show=methods")
    assert chosen["html"].count("<li data-museum") == 24


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("?show=methods", "compared on a query"),
        ("?q=red&show=methods&on.left=none", "no method &#39;none&#39;"),
        ("?like=museum-00001/1/1&show=methods", "compared on words"),
        ("?q=%3F%21&show=methods", "no words"),
    ],
)
def test_what_cannot_be_compared_gets_one_sentence(workspace, address, sentence):
    answer = open_page(workspace, address)
    assert answer["page"] == "message" and sentence in answer["html"]


def test_a_hostile_query_and_a_hostile_title_become_no_markup(workspace):
    hostile = "<img src=x onerror=alert(1)> ${alert(2)} red"
    html = open_page(workspace, f"?q={quote(hostile)}&show=methods&top=24")["html"]
    assert "<img src=x" not in html and "<b>Tags</b>" not in html
    assert "&lt;b&gt;Tags&lt;/b&gt;" in html


def test_the_pickers_name_every_method_and_keep_the_query(workspace):
    shown = open_page(workspace, "?q=red&show=methods&on.left=flat")["shown"]
    page = page_parts().methods
    assert (shown[page.left].value, shown[page.right].value) == ("flat", "flat")
    assert [value for _, value in shown[page.left].choices] == list(workspace.methods)
    chosen = changed(Address("red"), "flat", "clip-mean")
    assert chosen == Address("red").turn_to("methods", left="flat", right="clip-mean")


def test_the_table_has_the_ranks_by_every_method(workspace, searcher):
    page, query = page_parts().methods, searcher.read("red walls")
    table = rank_by_all(page, workspace, Address("red walls", top=3))[page.ranks].value
    rankings = {name: searcher.ranking(query, name) for name in workspace.methods}
    assert len(table["headers"]) == 1 + len(rankings)
    first = {museum for one in rankings.values() for museum in one.museum_ids[:3]}
    assert len(table["data"]) == len(first)
    title, *ranks = table["data"][0]
    best = rankings[workspace.methods[0]].museum_ids[0]
    assert title == searcher.collection.museum(best).title
    assert ranks == [one.ranks[best] for one in rankings.values()]


def test_ranks_by_every_method_are_long_work_in_turn(workspace, searcher, monkeypatch):
    done, plain = [], workspace.turns.do

    def do(work, long=False, key=None):
        done.append(long)
        return plain(work, long, key)

    def ranking(query, method):
        assert _in_turn.get()
        return Ranking(method, (), np.zeros(0, np.float32))

    monkeypatch.setattr(workspace.turns, "do", do)
    monkeypatch.setattr(searcher, "ranking", ranking, raising=False)
    workspace.ranking(Address(query="red"), "hicalm")
    assert done[-1] is True
