"""The explanation on a museum's page: bars that add up, shares, marked words, what is above."""

import io
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from demo.explanations import adding_up, explain_museum, share, summary, weighted_parts
from PIL import Image

from demo.address import Address, parse_address
from demo.shading import amount, signed
from hicalm.errors import HicalmError
from tests.demo.explained import make_explanation
from tests.demo.fake_page import open_page
from tests.demo.fakes import HOSTILE_TITLE

HOSTILE = "<img src=x onerror=alert(1)>'\"&${alert(2)}{{7*7}} then a room of <b>horses</b>"
ROOMS = ((0.1, 0.2, 0.0), (-0.05, 0.0, 0.02), (0.0, 0.1, 0.08))  # 0.3, -0.03, 0.18


class Links(HTMLParser):
    """Collects tags and the addresses of links."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]


def ids(searcher, query: str) -> list[str]:
    return [match.museum_id for match in searcher.search(query, top=24).matches]


def test_each_bar_begins_where_the_one_above_ended_and_the_last_ends_at_the_score():
    drawn = adding_up(make_explanation(ROOMS, baseline=0.04))
    rooms, levels = drawn["rooms"], [bar for _, bar in drawn["levels"]]
    assert rooms[0].begin == drawn["baseline"].end and levels[0].begin == drawn["zero"]
    for bars in (rooms, levels):
        assert all(one.end == following.begin for one, following in pairwise(bars))
        assert bars[-1].end == drawn["goal"]
    assert drawn["whole"].end == drawn["goal"]
    assert sum(bar.value for bar in rooms) == pytest.approx(0.45)
    assert sum(bar.value for bar in levels) == pytest.approx(0.49)


def test_widths_of_pieces_are_the_contributions_by_level_on_one_scale():
    found = make_explanation(ROOMS)
    drawn = adding_up(found)
    unit = (drawn["goal"] - drawn["zero"]) / found.score  # percent of a contribution of 1
    for room, bar in zip(found.rooms, drawn["rooms"], strict=True):
        widths = {piece.level: piece.width for piece in bar.pieces}
        for level, value in room.levels.items():
            assert widths.get(level, 0.0) == pytest.approx(abs(value) * unit, abs=0.01)


@pytest.mark.parametrize("rooms", [ROOMS, ((-0.2, -0.1, 0.0),), ((0.0, 0.0, 0.0),)])
def test_no_piece_leaves_its_track(rooms):
    drawn = adding_up(make_explanation(rooms, baseline=-0.01))
    bars = [*drawn["rooms"], *(bar for _, bar in drawn["levels"]), drawn["whole"]]
    for piece in (piece for bar in bars for piece in bar.pieces):
        assert 0 <= piece.left <= piece.left + piece.width <= 100.01


def test_shares_are_of_what_the_rooms_add_and_missing_where_they_add_nothing():
    assert share(0.15, make_explanation(((0.2, 0.1, 0.2),), baseline=0.3)) == 30
    assert share(0.15, make_explanation(((-0.2, 0.1, 0.0),))) is None
    assert share(0.0, make_explanation(((0.0, 0.0, 0.0),))) is None


def test_the_strongest_part_is_the_darkest_and_one_that_takes_away_has_no_shade():
    parts = [("red", 0.4, 0), ("horses", 0.1, 0), ("no boats", -0.05, 1)]
    marked = weighted_parts(make_explanation(ROOMS, parts))
    assert [part["shade"] for part in marked] == [3, 1, None]
    assert [part["against"] for part in marked] == [False, False, True]
    assert [part["begins"] for part in marked] == [False, False, True]


def test_the_page_adds_up_to_the_score_in_its_numbers(explorer, searcher):
    museum = ids(searcher, "red walls")[0]
    found = explorer.explain(Address("red walls"), museum)
    html = open_page(explorer, f"?q=red+walls&museum={museum}")["html"]
    for room in found.rooms:
        assert f"contribution {signed(room.contribution)}, similarity" in html
    for value in found.levels.values():
        assert f"<b>{signed(value)}</b>" in html
    assert f"<b>{amount(found.score)}</b>" in html


def test_the_first_museum_has_none_above_and_the_others_say_why_not_first(explorer, searcher):
    first, second, third = ids(searcher, "red walls")[:3]
    assert "Why not" not in open_page(explorer, f"?q=red+walls&museum={first}")["html"]
    for own, above in ((second, first), (third, second)):
        html = open_page(explorer, f"?q=red+walls&museum={own}")["html"]
        wording = "first" if own == second else "higher"
        compared = [parse_address(link) for link in Links(html).links if "against=" in link]
        assert f"Why not {wording}?" in html
        assert [(one.museum, one.against, one.query) for one in compared] == [
            (own, above, "red walls")
        ]


def test_a_museum_beyond_the_results_has_its_rank_in_the_whole_collection(explorer, searcher):
    last = ids(searcher, "red walls")[-1]
    html = open_page(explorer, f"?q=red+walls&top=6&museum={last}")["html"]
    assert "No. 24 of 24" in html and "Why not higher?" in html


def test_a_rank_among_filtered_results_says_so(explorer, searcher):
    kept = searcher.search("red walls", top=24, filters={"theme": ["gardens"]}).matches
    search = f"?q=red+walls&filter.theme=gardens&museum={kept[1].museum_id}"
    assert "No. 2 with these filters" in open_page(explorer, search)["html"]


def test_the_best_views_open_their_room_at_that_view(explorer, searcher):
    museum = ids(searcher, "red walls")[0]
    ranked_match = explorer.ranked_match(Address("red walls"), museum)
    why = explain_museum(explorer, Address("red walls", museum=museum), ranked_match)
    assert len(why["views"]) == 3
    html = open_page(explorer, f"?q=red+walls&museum={museum}")["html"]
    for view in why["views"]:
        assert view["address"] == Address(
            "red walls", museum=museum, room=view["room"], view=view["view"]
        )
        assert f"room={view['room'] + 1}&amp;view={view['view'] + 1}" in html


def test_no_percentage_is_above_a_hundred(explorer, searcher, monkeypatch):
    museum = ids(searcher, "red walls")[0]
    address = Address("red walls", museum=museum)
    ranked_match = explorer.ranked_match(Address("red walls"), museum)
    shares = [view["share"] for view in explain_museum(explorer, address, ranked_match)["views"]]
    assert all(one is not None and one <= 100 for one in shares)
    found = explorer.explain(address, museum)
    most = max(view.contribution for room in found.rooms for view in room.views)
    monkeypatch.setattr(
        explorer, "explain", lambda *_: replace(found, score=found.baseline + most / 2)
    )
    views = explain_museum(explorer, address, ranked_match)["views"]
    assert views and all(view["share"] is None for view in views)


def test_the_strip_begins_at_the_view_of_the_address(explorer, searcher):
    museum = ids(searcher, "red walls")[0]
    for search in (f"?q=red+walls&museum={museum}", f"?museum={museum}"):
        html = open_page(explorer, f"{search}&room=2&view=6")["html"]
        assert 'data-start="5"' in html and 'data-room="1"' in html
    html = open_page(explorer, f"?museum={museum}&room=2&view=40")["html"]
    assert "This link asks for view 40" in html and 'data-start="0"' in html


def test_without_a_query_there_is_nothing_to_explain(explorer):
    html = open_page(explorer, "?museum=museum-00001")["html"]
    assert "Why is it here?" not in html and 'class="room-list"' in html


@pytest.mark.parametrize("search", ["?like=museum-00004/2/3", "?image=TOKEN"])
def test_a_picture_explains_itself_by_a_picture(explorer, search):
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(content, "PNG")
    search = search.replace("TOKEN", explorer.uploads.add(content.getvalue()))
    museum = explorer.find(parse_address(search)).matches[1].museum_id
    html = open_page(explorer, f"{search}&museum={museum}")["html"]
    assert "Why is it here?" in html and "searched by" in html and "<mark" not in html


def test_the_museum_of_the_view_searched_by_is_shown_without_a_rank(explorer):
    answer = open_page(explorer, "?like=museum-00004/2/3&museum=museum-00004")
    assert answer["page"] == "museum" and "Why is it here?" not in answer["html"]


def test_where_explaining_fails_the_page_is_shown_with_the_reason(explorer, searcher):
    def fail(*_):
        raise HicalmError("This museum cannot be explained.")

    searcher.explain = fail
    html = open_page(explorer, "?q=red&museum=museum-00001")["html"]
    assert "This museum cannot be explained." in html
    assert "Parts of the score" in html and "Why is it here?" not in html


def test_hostile_words_and_titles_become_no_markup(explorer, searcher):
    ranked = ids(searcher, HOSTILE)
    hostile = next(m.id for m in searcher.collection.museums if m.title == HOSTILE_TITLE)
    below = ranked[min(ranked.index(hostile) + 1, len(ranked) - 1)]
    for museum in (hostile, below):
        html = open_page(explorer, f"?q={quote(HOSTILE)}&museum={museum}")["html"]
        assert "onerror=alert(1)&gt;" in html  # as text
        assert "<b>horses" not in html and "<b>Tags" not in html


def test_an_estimate_says_how_sure_it_is(explorer, searcher):
    explain = searcher.explain
    search = "?q=red&museum=museum-00001"
    assert "estimated, within" not in open_page(explorer, search)["html"]
    searcher.explain = lambda *args: replace(explain(*args), error=0.002)
    page = open_page(explorer, "?q=red+walls&museum=museum-00001")["html"]
    assert "estimated, within ±0.0040" in page


def test_a_query_of_several_rooms_has_a_similarity_of_each_with_every_room(explorer, searcher):
    museum = searcher.collection.museum("museum-00001")
    html = open_page(explorer, "?q=red+walls+then+horses&museum=museum-00001")["html"]
    assert "<li>red walls</li><li>horses</li>" in html
    assert "</span>to 1</th>" in html and "</span>to 2</th>" in html
    body = html.split("similarity to each that it names</caption>")[1].split("</table>")[0]
    assert body.count("<td>") == 3 * len(museum.rooms)  # two similarities, one contribution


def test_the_sentence_names_the_room_and_the_level_that_brought_the_most():
    museum = SimpleNamespace(rooms=[SimpleNamespace(name=f"Hall {n}") for n in "ABC"])
    side = SimpleNamespace(explanation=make_explanation(ROOMS), room=museum.rooms.__getitem__)
    assert summary(side) == (
        "Room 1, “Hall A”, brings the most: 0.300 of 0.450 (67 %). "
        "Of the parts of the score, the room level brings the most."
    )
    side.explanation = make_explanation(((0.3, 0.0, 0.0), (-0.1, 0.0, 0.0)))
    assert "brings 0.300, more than the score of 0.200: other rooms take" in summary(side)
    side.explanation = make_explanation(((-0.1, 0.0, 0.0),))
    assert summary(side).startswith("No room adds to the score")
