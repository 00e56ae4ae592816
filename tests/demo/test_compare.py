"""Two museums side by side: pairs of rooms, differences that add up, the sentence, the page."""

import re
from itertools import pairwise
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from demo.address import Address, format_address, parse_address
from demo.pages.compare import Side, changed, level_differences, pair_rooms, verdict
from demo.shading import signed
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from tests.demo.explained import make_explanation
from tests.demo.fake_page import Markup, open_page, page_parts
from tests.demo.fakes import HOSTILE_TITLE, FakeSearcher
from tests.demo.test_why import HOSTILE, ids

AHEAD = make_explanation(((0.1, 0.3, 0.0), (0.0, 0.0, 0.1), (0.02, 0.0, 0.0)))
BEHIND = make_explanation(((0.1, 0.0, 0.0), (0.1, 0.2, 0.0)))


def side(explanation, title="House") -> Side:
    return Side(SimpleNamespace(title=title), explanation, None)


def test_pairs_go_by_the_larger_contribution_and_single_rooms_come_last():
    pairs = pair_rooms(AHEAD, BEHIND, ((0, 1), (1, 0), (2, None)))
    assert [(p.first.index, p.second and p.second.index) for p in pairs] == [
        (0, 1),
        (1, 0),
        (2, None),
    ]
    assert [round(pair.difference, 6) for pair in pairs] == [0.1, 0.0, 0.02]
    other_way = pair_rooms(BEHIND, AHEAD, ((1, 0), (0, 1), (None, 2)))
    assert [round(pair.difference, 6) for pair in other_way] == [-0.1, 0.0, -0.02]


def test_differences_of_levels_and_of_rooms_add_up_to_that_of_the_scores():
    gap = AHEAD.score - BEHIND.score
    assert sum(level_differences(AHEAD, BEHIND).values()) == pytest.approx(gap)
    pairs = pair_rooms(AHEAD, BEHIND, ((0, 0), (1, None), (2, 1)))
    assert sum(pair.difference for pair in pairs) == pytest.approx(gap)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (((0.1, 0.3, 0.1),), ((0.1, 0.2, 0.08),), "most of it, 0.100, comes from the room level"),
        (((0.2, 0.2, 0.2),), ((0.15, 0.15, 0.14),), "the largest part, 0.060, comes from the view"),
        (((0.1, 0.5, 0.1),), ((0.3, 0.2, 0.1),), "the room level alone gives it 0.300 more"),
    ],
)
def test_the_sentence_says_who_is_ahead_and_where(first, second, sentence):
    one, other = side(make_explanation(first), "Ahead"), side(make_explanation(second), "Behind")
    for text in (verdict(one, other), verdict(other, one)):
        assert text.startswith("Ahead is ahead by ") and sentence in text


def test_equal_scores_are_said_to_be_equal():
    assert verdict(side(AHEAD), side(AHEAD)) == "Both museums have the same score, 0.520."


def test_the_page_shows_both_museums_with_all_their_rooms(workspace, searcher):
    first, second = ids(searcher, "red walls")[:2]
    answer = open_page(workspace, f"?q=red+walls&museum={second}&against={first}")
    assert answer["page"] == "compare" and answer["results"] == Address("red walls")
    html = answer["html"]
    one, other = (workspace.explain(Address("red walls"), museum) for museum in (second, first))
    for found in (one, other):
        assert found.title in html and signed(found.score, 2) in html
        for room in found.rooms:
            opened = Address("red walls").open(found.museum_id, room.index)
            link = format_address(opened).replace("&", "&amp;")
            assert f'href="{link}&amp;view=' in html
            assert f'<b class="value">{signed(room.contribution, 2)}</b>' in html
    assert not re.search(r"<a [^>]*></a>", html)  # every link has a name
    for value in level_differences(one, other).values():
        assert f"</small> {signed(value)}</b>" in html
    table = answer["shown"][page_parts().compare.numbers].data.set_index("")
    rooms, parts = table[table.index.str.match(r"Rooms? \d")], table.iloc[1 : 1 + len(one.levels)]
    assert table.loc["Score"].tolist() == pytest.approx(
        [one.score, other.score, one.score - other.score], abs=0.0006
    )
    for rows in (parts, rooms):  # there is no baseline
        assert rows.sum().tolist() == pytest.approx(table.loc["Score"].tolist(), abs=0.006)
    assert len(rooms) == max(len(one.rooms), len(other.rooms))


def test_rooms_that_the_smaller_museum_lacks_have_no_counterpart(workspace, searcher):
    museums = sorted(searcher.collection.museums, key=lambda museum: len(museum.rooms))
    small, large = museums[0], museums[-1]
    html = open_page(workspace, f"?q=red&museum={small.id}&against={large.id}")["html"]
    assert html.count(">No counterpart<") == len(large.rooms) - len(small.rooms) > 0


def test_the_state_is_in_the_address_and_swapping_turns_it_round(workspace, searcher):
    first, second = ids(searcher, "red walls")[:2]
    address = Address("red walls", top=6).compare(second, first)
    assert parse_address(format_address(address)) == address
    answer = open_page(workspace, format_address(address))
    assert answer["address"] == format_address(address)
    links = [parse_address(link) for link in Markup(answer["html"]).links]
    assert Address("red walls", top=6).compare(first, second) in links
    assert Address("red walls", top=6).open(first) in links


def test_the_pickers_keep_the_search_and_offer_its_results(workspace, searcher):
    kept = searcher.search("red", top=24, filters={"theme": ["gardens"]}).matches
    outside = next(m.id for m in searcher.collection.museums if m.attributes["theme"] != "gardens")
    search = f"?q=red&filter.theme=gardens&museum={kept[0].museum_id}&against={outside}"
    page = page_parts().compare
    shown = open_page(workspace, search)["shown"]
    first, second = shown[page.first], shown[page.second]
    assert (first.value, second.value) == (kept[0].museum_id, outside)
    assert len(first.choices) == len(kept)
    assert len(second.choices) == len(kept) + 1  # and the one that is not among them
    address = changed(parse_address(search), kept[1].museum_id, outside)
    assert address == parse_address(search).compare(kept[1].museum_id, outside)
    assert address.allowed == (("theme", ("gardens",)),)


def test_choosing_the_museum_of_the_other_side_swaps_them():
    address = Address("red").compare("museum-00001", "museum-00002")
    swapped = address.compare("museum-00002", "museum-00001")
    assert changed(address, "museum-00002", "museum-00002") == swapped
    assert changed(address, "museum-00001", "museum-00001") == swapped


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("?q=red&museum=museum-00001&against=museum-00001", "cannot be compared with itself"),
        ("?q=red&museum=museum-00001&against=museum-99999", "no museum called museum-99999"),
        ("?q=red&museum=museum-99999&against=museum-00001", "no museum called museum-99999"),
        ("?q=123&museum=museum-00001&against=museum-00002", "The query has no words."),
    ],
)
def test_what_cannot_be_compared_gets_one_clear_sentence(workspace, search, sentence):
    answer = open_page(workspace, search)
    assert (answer["status"], answer["page"]) == ("done", "message")
    assert sentence in answer["html"] and "Back to the results" in answer["html"]


def test_without_a_query_the_open_museum_is_shown(workspace):
    answer = open_page(workspace, "?museum=museum-00001&against=museum-00002")
    assert answer["page"] == "museum"


def test_it_waits_for_the_models():
    searcher = FakeSearcher(museums=4)
    warmup = Warmup(lambda: searcher, lambda: (searcher.collection, searcher.pictures))
    warmup.collection, warmup.pictures = searcher.collection, searcher.pictures
    search = "?q=red&museum=museum-00001&against=museum-00002"
    answer = open_page(ServedWorkspace(warmup), search)
    assert answer["status"] == "waiting"


def test_the_museum_of_the_view_searched_by_can_be_compared_though_it_has_no_rank(workspace):
    search = "?like=museum-00004/2/3&museum=museum-00004&against=museum-00005"
    answer = open_page(workspace, search)
    assert answer["page"] == "compare" and "Not ranked" in answer["html"]


def test_hostile_words_and_titles_become_no_markup(workspace, searcher):
    hostile = next(m.id for m in searcher.collection.museums if m.title == HOSTILE_TITLE)
    search = f"?q={quote(HOSTILE)}&museum={hostile}&against=museum-00000"
    answer = open_page(workspace, search)
    page = Markup(answer["html"])
    assert answer["page"] == "compare" and "script" not in page.tags
    assert "&lt;b&gt;Tags&lt;/b&gt;" in answer["html"] and "<b>Tags" not in answer["html"]
    assert "onerror=alert(1)&gt;" in answer["html"]


def test_cards_link_to_the_comparison_with_the_one_above(workspace, searcher):
    ranked = ids(searcher, "red walls")[:6]
    html = open_page(workspace, "?q=red+walls&top=6")["html"]
    compared = [parse_address(link) for link in Markup(html).links if "against=" in link]
    assert [(one.against, one.museum) for one in compared] == list(pairwise(ranked))
    assert html.count(">Why?<") == 6
