"""How a score adds up: bars, shares, weighted phrases, what is above, and the numbers."""

import io
from dataclasses import replace
from itertools import pairwise
from urllib.parse import quote

import pytest
from PIL import Image

from demo.address import Address, parse_address
from demo.pages import fold_key
from demo.pages.compare import Side, open_side
from demo.pages.why import FULL_SHADE, adding_up, best_views, summary, weighted_parts
from demo.shading import amount, share, signed
from hicalm.data.collection import Museum, Room
from hicalm.errors import HicalmError
from tests.demo.explained import make_explanation
from tests.demo.fake_page import Markup, explained, open_page, page_parts
from tests.demo.fakes import HOSTILE_TITLE

HOSTILE = "<img src=x onerror=alert(1)>'\"&${alert(2)}{{7*7}} then a room of <b>horses</b>"
ROOMS = ((0.1, 0.2, 0.0), (-0.05, 0.0, 0.02), (0.0, 0.1, 0.08))  # 0.3, -0.03, 0.18


def ids(searcher, query: str) -> list[str]:
    return [match.museum_id for match in searcher.search(query, top=24).matches]


def side(found) -> Side:
    rooms = tuple(Room(f"Hall {n}", (), 4, {}) for n in "ABC"[: len(found.rooms)])
    return Side(Museum("museum-00001", "Museum", "test", (), rooms), found, None)


def drawn(found):
    """Return the bars by part, those by room, and that of the score; and their axis."""
    (parts, rooms, whole), axis = adding_up(Address("red"), side(found))
    return [[line.bar for line in group.lines] for group in (parts, rooms, whole)], axis


def test_each_bar_begins_where_the_one_above_ended_and_the_last_ends_at_the_score():
    found = make_explanation(ROOMS, baseline=0.04)
    (parts, (baseline, *rooms), (whole,)), axis = drawn(found)
    assert rooms[0].begin == baseline.end and parts[0].begin == axis.position(0.0)
    for bars in (parts, rooms):
        assert all(one.end == following.begin for one, following in pairwise(bars))
        assert bars[-1].end == whole.end == axis.position(found.score)
    assert sum(bar.value for bar in rooms) == pytest.approx(0.45)
    assert sum(bar.value for bar in parts) == pytest.approx(0.49)


def test_widths_of_pieces_are_the_contributions_by_part_on_one_scale():
    found = make_explanation(ROOMS)
    (_, rooms, _), axis = drawn(found)
    unit = axis.position(1.0) - axis.position(0.0)  # percent of a contribution of 1
    for room, bar in zip(found.rooms, rooms, strict=True):
        widths = {piece.part: piece.width for piece in bar.pieces}
        for part, value in room.levels.items():
            assert widths.get(part, 0.0) == pytest.approx(abs(value) * unit, abs=0.01)


@pytest.mark.parametrize("rooms", [ROOMS, ((-0.2, -0.1, 0.0),), ((0.0, 0.0, 0.0),)])
def test_no_piece_leaves_its_track(rooms):
    groups, _ = drawn(make_explanation(rooms, baseline=-0.01))
    for piece in (piece for bars in groups for bar in bars for piece in bar.pieces):
        assert 0 <= piece.left <= piece.left + piece.width <= 100.01


def test_shares_are_of_what_the_rooms_add_and_missing_where_they_add_nothing():
    assert share(0.15, 0.5) == 30
    assert share(0.15, -0.1) is None
    assert share(0.0, 0.0) is None


def test_the_strongest_part_has_the_full_shade_and_one_that_takes_away_a_negative_weight():
    parts = [("red", 0.4, 0), ("horses", 0.1, 0), ("no boats", -0.05, 1)]
    tokens = weighted_parts(make_explanation(ROOMS, parts))
    weights = {token: weight for token, weight in tokens if weight is not None}
    assert weights == pytest.approx(
        {"red": FULL_SHADE, "horses": FULL_SHADE / 4, "no boats": -FULL_SHADE / 8}
    )
    said = "".join(token for token, _ in tokens).replace("   ", "|")
    assert said == "red +0.400|horses +0.100|\nno boats \u22120.050|"  # a paragraph a line


def test_the_fold_adds_up_to_the_score_in_its_numbers(workspace, searcher):
    museum = ids(searcher, "red walls")[0]
    found = workspace.explain(Address("red walls"), museum)
    shown = explained(workspace, f"?q=red+walls&museum={museum}")
    for value in (*(room.contribution for room in found.rooms), *found.levels.values()):
        assert f'<b class="value">{signed(value)}</b>' in shown["bars"]
    assert f'<b class="value">{signed(found.score)}</b>' in shown["bars"]
    rooms, views = shown["rooms"].data, shown["views"].data
    assert rooms["Contribution"].sum() == pytest.approx(found.score, abs=0.0005 * len(rooms))
    for room in found.rooms:
        of_room = views[views["Room"] == room.index + 1]
        assert of_room["View"].tolist() == [view.index + 1 for view in room.views]
        assert of_room["Similarity"].tolist() == pytest.approx(
            [view.similarity for view in room.views], abs=0.0006
        )


def test_the_first_museum_has_none_above_and_the_others_say_why_not_first(workspace, searcher):
    first, second, third = ids(searcher, "red walls")[:3]
    assert "Why not" not in explained(workspace, f"?q=red+walls&museum={first}")["html"]
    for own, above in ((second, first), (third, second)):
        html = explained(workspace, f"?q=red+walls&museum={own}")["html"]
        wording = "first" if own == second else "higher"
        compared = [parse_address(link) for link in Markup(html).links if "against=" in link]
        assert f"Why not {wording}?" in html
        assert [(one.museum, one.against, one.query) for one in compared] == [
            (own, above, "red walls")
        ]


def test_a_museum_beyond_the_results_has_its_rank_in_the_whole_collection(workspace, searcher):
    last = ids(searcher, "red walls")[-1]
    html = explained(workspace, f"?q=red+walls&top=6&museum={last}")["html"]
    assert "No. 24 of 24" in html and "Why not higher?" in html


def test_a_rank_among_filtered_results_says_so(workspace, searcher):
    kept = searcher.search("red walls", top=24, filters={"theme": ["gardens"]}).matches
    search = f"?q=red+walls&filter.theme=gardens&museum={kept[1].museum_id}"
    assert "No. 2 with these filters" in explained(workspace, search)["html"]


def test_the_best_views_open_their_room_at_that_view(workspace, searcher):
    museum = ids(searcher, "red walls")[0]
    address = Address("red walls")
    best = best_views(open_side(workspace, address, museum))
    assert len(best) == 3
    links = Markup(explained(workspace, f"?q=red+walls&museum={museum}")["said"]).links
    opened = [parse_address(link) for link in links]
    assert opened[:3] == [address.open(museum, room, view) for room, view, _ in best]


def test_no_percentage_is_above_a_hundred(workspace, searcher):
    own = open_side(workspace, Address("red walls"), ids(searcher, "red walls")[0])
    assert all(0 < int(said.removesuffix(" %")) <= 100 for *_, said in best_views(own))
    found = own.explanation
    most = max(view.contribution for room in found.rooms for view in room.views)
    small = replace(own, explanation=replace(found, score=found.baseline + most / 2))
    assert best_views(small) and not any("%" in said for *_, said in best_views(small))
    assert "%" not in summary(small)


def test_the_strip_begins_at_the_view_of_the_address(workspace, searcher):
    museum = ids(searcher, "red walls")[0]
    for search in (f"?q=red+walls&museum={museum}", f"?museum={museum}"):
        html = open_page(workspace, f"{search}&room=2&view=6")["html"]
        assert 'data-start="5"' in html and 'data-room="1"' in html
    html = open_page(workspace, f"?museum={museum}&room=2&view=40")["html"]
    assert "This link asks for view 40" in html and 'data-start="0"' in html


@pytest.mark.parametrize(
    ("search", "visible"),
    [
        ("?q=red&museum=museum-00001", True),
        ("?museum=museum-00001", False),  # without a query there is nothing to explain
        ("?like=museum-00004/2/3&museum=museum-00004", False),  # the view searched by: no rank
    ],
)
def test_the_fold_stands_below_a_museum_that_is_ranked(workspace, search, visible):
    page = open_page(workspace, search)
    assert page["shown"][page_parts().why.column].visible is visible
    assert page["page"] == "museum"


@pytest.mark.parametrize("search", ["?like=museum-00004/2/3", "?image=TOKEN"])
def test_a_picture_explains_itself_by_a_picture(workspace, search):
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(content, "PNG")
    search = search.replace("TOKEN", workspace.uploads.add(content.getvalue()))
    museum = workspace.find(parse_address(search)).matches[1].museum_id
    shown = explained(workspace, f"{search}&museum={museum}")
    assert "searched by" in shown["said"] and shown["phrases"].visible is False


def test_where_explaining_fails_there_is_a_sentence_and_the_museum(workspace, searcher):
    def fail(*_):
        raise HicalmError("This museum cannot be explained.")

    searcher.explain = fail
    assert open_page(workspace, "?q=red&museum=museum-00001")["page"] == "museum"
    with pytest.raises(HicalmError, match="cannot be explained"):
        explained(workspace, "?q=red&museum=museum-00001")


def test_hostile_words_and_titles_become_no_markup(workspace, searcher):
    ranked = ids(searcher, HOSTILE)
    hostile = next(m.id for m in searcher.collection.museums if m.title == HOSTILE_TITLE)
    below = ranked[min(ranked.index(hostile) + 1, len(ranked) - 1)]
    shown = explained(workspace, f"?q={quote(HOSTILE)}&museum={below}")
    assert "&lt;b&gt;Tags&lt;/b&gt;" in shown["said"] and "<b>Tags" not in shown["html"]
    assert "onerror" in "".join(one["token"] for one in shown["phrases"].value)  # as text
    assert "onerror" not in shown["about"]  # it is Markdown


def test_an_estimate_says_how_sure_it_is(workspace, searcher):
    explain = searcher.explain
    assert "estimated" not in explained(workspace, "?q=red&museum=museum-00001")["about"]
    searcher.explain = lambda *args: replace(explain(*args), error=0.002)
    shown = explained(workspace, "?q=red+walls&museum=museum-00001")
    assert "estimated, within ±0.0040" in shown["about"]


def test_a_query_of_several_rooms_has_a_similarity_of_each_with_every_room(workspace, searcher):
    museum = searcher.collection.museum("museum-00001")
    shown = explained(workspace, "?q=red+walls+then+horses&museum=museum-00001")
    rooms = shown["rooms"].data
    assert list(rooms) == [
        "Room", "Similarity to “red walls”", "Similarity to “horses”", "Contribution",
    ]  # fmt: skip
    assert len(rooms) == len(museum.rooms)


def test_the_sentence_names_the_room_and_the_level_that_brought_the_most():
    assert summary(side(make_explanation(ROOMS))) == (
        "Room 1, “Hall A”, brings the most: 0.300 of 0.450 (67 %). "
        "Of the parts of the score, the room level brings the most."
    )
    more = summary(side(make_explanation(((0.3, 0.0, 0.0), (-0.1, 0.0, 0.0)))))
    assert f"brings 0.300, more than the score of {amount(0.2)}: other rooms take" in more
    assert summary(side(make_explanation(((-0.1, 0.0, 0.0),)))).startswith("No room adds to the")


def test_a_fold_stays_open_in_the_rooms_of_a_museum_and_no_further():
    pages = page_parts()
    opened = Address("red", museum="museum-00001")
    key = fold_key(opened)
    assert pages.folded(replace(opened, room=3, view=2), key) == {}
    assert pages.folded(opened, "") == {}  # nothing was opened
    for other in (replace(opened, museum="museum-00002"), replace(opened, query="blue")):
        closed = pages.folded(other, key)
        assert closed[pages.why.fold].open is False and closed[pages.unfolded] == ""
    methods = opened.turn_to("methods", left="flat")
    assert pages.folded(methods.turn_to("methods", left="hosa"), fold_key(methods)) == {}
