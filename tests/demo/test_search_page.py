"""The parts of the search page: controls and back to an address, their labels, hostile values."""

import asyncio
from dataclasses import replace
from html import escape
from typing import Any
from urllib.parse import quote

import pytest
from gradio.events import EventData
from gradio.state_holder import SessionState

from demo import text, views
from demo.address import Address, format_address, parse_address
from demo.layout import build_layout
from demo.pages.search import changed, show_results
from hicalm.data.collection import Room
from hicalm.retrieval.stages import RANK, RERANK, SHORTLIST, STAGES
from tests.demo.fake_page import Markup, open_page, page_parts

HOSTILE = "<img src=x onerror=alert(1)>'\"${1+1}{{7*7}}"
GARDENS = (("theme", ("gardens",)),)


def controls(workspace, address: Address) -> dict[str, Any]:
    """The controls by name as an address shows them."""
    parts = page_parts().search
    shown = show_results(parts, workspace, address)
    names = ("filters", "allowed", "min_rooms", "max_rooms", "top", "stages", "ranks")
    return {name: shown[getattr(parts, name)] for name in names}


def values(workspace, address: Address) -> list[Any]:
    """What the controls hold, in the order of ``changed``, as a visitor would send it."""
    parts = page_parts().search
    shown = show_results(parts, workspace, address)
    held = [shown[part] for part in parts.controls]
    for one in held:  # Gradio refuses what is not among the choices
        offered = [value for _, value in one.choices]
        assert set(one.value if isinstance(one.value, list) else [one.value]) <= set(offered)
        assert len(set(offered)) == len(offered)
    return [one.value for one in held]


def settled(workspace, address: Address) -> str:
    """The address of the page that an address leads to."""
    return open_page(workspace, format_address(address))["address"]


@pytest.mark.parametrize(
    "search",
    [
        "?q=red",
        "?q=red&as=typed",
        "?q=red&list=room",
        "?like=museum-00001/1/2&list=view",
        "?q=red&top=24",
        "?q=red&top=17",
        "?q=red&min_rooms=5&max_rooms=7",
        "?q=red&min_rooms=2",
        "?q=red&max_rooms=77",
        "?q=red&filter.theme=gardens",
        "?q=red&filter.theme=gardens&filter.theme=harbours&min_rooms=6",
        "?q=red&filter.theme=gardens&filter.theme=unheard-of",
        "?like=museum-00001/1/2&filter.theme=gardens",
        "?q=red&stages=shortlist,rank",
        "?q=red&stages=rank,rerank",
        "?q=red&stages=shortlist,rank,rerank&top=6",
        "?like=museum-00001/1/2&stages=rank,rerank",
        "?like=museum-00001/1/2&stages=shortlist,rank,rerank",
    ],
)
@pytest.mark.parametrize("default", [(RANK,), STAGES])
def test_controls_left_alone_leave_the_address_alone(workspace, searcher, search, default):
    searcher.default_stages = default
    address = parse_address(search)
    same = settled(workspace, changed(address, *values(workspace, address)))
    expected = replace(address, stages=() if address.stages == default else address.stages)
    assert parse_address(same) == expected
    assert settled(workspace, address) == same


def test_controls_become_the_address_of_a_search():
    shown = Address("red", museum="museum-00001", room=2, as_typed=True, collection="abcdefgh")
    chosen = ["theme=gardens", "floor=wood", "theme=night and stars"]
    address = changed(shown, "room", chosen, 5, 7, 24, ["rerank", "shortlist"])
    assert address == Address(
        "red",
        as_typed=True,
        collection="abcdefgh",
        min_rooms=5,
        max_rooms=7,
        top=24,
        allowed=(("floor", ("wood",)), ("theme", ("gardens", "night and stars"))),
        stages=STAGES,
        listed="room",
    )
    assert parse_address(format_address(address)) == address


def test_controls_that_hold_nothing_are_no_filters():
    shown = Address("red", min_rooms=5, max_rooms=6, top=24, allowed=GARDENS, stages=STAGES)
    for nothing in ([], None):
        address = changed(shown, nothing, nothing, 0, 0, 0, nothing)
        assert address == Address("red", stages=(RANK,))


@pytest.mark.parametrize("name", ["a=b", "wall color", "100 %", "a%3Db", "ä&ö", HOSTILE])
@pytest.mark.parametrize("value", ["x=y", "", "a%20b", HOSTILE])
def test_any_attribute_survives_the_controls(workspace, searcher, name, value):
    for museum in searcher.collection.museums:
        museum.attributes[name] = value
    searcher.collection.museums[0].attributes[name] = "other"
    address = Address("red", allowed=((name, (value, "other")),))
    assert changed(address, *values(workspace, address)).allowed == address.allowed


def test_the_default_stages_are_left_unsaid(workspace, searcher):
    shown = Address("red", stages=(SHORTLIST, RANK))
    *others, stages = values(workspace, shown)
    assert stages == [SHORTLIST]
    assert settled(workspace, changed(shown, *others, [])) == "?q=red"
    assert settled(workspace, changed(shown, *others, [RERANK])) == "?q=red&stages=rank%2Crerank"
    searcher.default_stages = (RANK, RERANK)
    assert settled(workspace, changed(shown, *others, [RERANK])) == "?q=red"
    assert settled(workspace, changed(shown, *others, [])) == "?q=red&stages=rank"


def test_links_of_a_page_leave_the_default_stages_unsaid(workspace):
    html = open_page(workspace, "?q=red&stages=rank")["html"]
    assert "stages=" not in html
    assert open_page(workspace, "?q=red&stages=shortlist,rank")["html"].count("stages=") > 12


def test_the_default_stages_can_be_switched_off(workspace, searcher):
    searcher.default_stages = (RANK, RERANK)
    *others, stages = values(workspace, Address("red"))
    assert stages == [RERANK]
    off = parse_address(settled(workspace, changed(Address("red"), *others, [])))
    assert off.stages == (RANK,) and values(workspace, off)[-1] == []
    assert [report.name for report in workspace.find(off).stages] == [RANK]


def test_a_stage_that_the_collection_lacks_is_not_offered(workspace, searcher):
    searcher.stages = (RANK, RERANK)
    address = Address("red", stages=STAGES)
    assert controls(workspace, address)["stages"].choices == [("Re-rank", RERANK)]
    assert settled(workspace, changed(address, *values(workspace, address))) == (
        "?q=red&stages=rank%2Crerank"
    )
    searcher.default_stages = (RANK, RERANK)
    assert settled(workspace, address) == "?q=red"  # as far as there are any


def test_a_picture_leaves_re_ranking_chosen_for_the_next_text(workspace, searcher):
    searcher.default_stages = (RANK, RERANK)
    picture = Address(like=("museum-00001", 0, 1))
    *others, stages = values(workspace, picture)
    assert stages == [RERANK]
    short = changed(picture, *others, [*stages, SHORTLIST])
    assert parse_address(settled(workspace, short)).stages == STAGES
    filtered = changed(picture, others[0], ["theme=gardens"], *others[2:], stages)
    assert parse_address(settled(workspace, filtered)).stages == ()


def test_the_filters_offer_the_values_of_every_attribute_with_their_counts(workspace, searcher):
    museums = searcher.collection.museums
    for index, museum in enumerate(museums):
        museum.attributes.update(light_of_day=("dim", "bright")[index % 2], same="all")
        museum.attributes["id"] = museum.id
    shown = controls(workspace, Address("red"))
    assert shown["allowed"].choices == [
        *((f"{text.label('id')}: {museum.id} (1)", f"id={museum.id}") for museum in museums),
        (f"{text.label('light_of_day')}: bright (12)", "light_of_day=bright"),
        (f"{text.label('light_of_day')}: dim (12)", "light_of_day=dim"),
        *(
            (f"{text.label('theme')}: {theme} (6)", f"theme={theme}")
            for theme in ("gardens", "harbours", "modern forms", "night and stars")
        ),
    ]
    assert shown["allowed"].value == []


def test_an_attribute_of_many_values_is_offered_where_chosen(workspace, monkeypatch):
    monkeypatch.setattr("demo.pages.search.FILTER_VALUES", range(2, 4))
    assert controls(workspace, Address("red"))["allowed"].choices == []
    chosen = controls(workspace, Address("red", allowed=GARDENS))["allowed"]
    assert chosen.choices == [(f"{text.label('theme')}: gardens (6)", "theme=gardens")]
    assert chosen.value == ["theme=gardens"]


def test_the_numbers_of_rooms_and_results_are_those_that_there_are(workspace, searcher):
    counts = sorted({len(museum.rooms) for museum in searcher.collection.museums})
    shown = controls(workspace, Address("red"))
    expected = [("any", 0), *((str(count), count) for count in counts)]
    assert shown["min_rooms"].choices == shown["max_rooms"].choices == expected
    assert shown["min_rooms"].value == shown["max_rooms"].value == 0
    assert [value for _, value in shown["top"].choices] == sorted(text.TOP_CHOICES)
    assert shown["top"].value == 12
    chosen = controls(workspace, Address("red", min_rooms=5, max_rooms=7, top=17))
    names = ("min_rooms", "max_rooms", "top")
    assert [chosen[name].value for name in names] == [5, 7, 17]
    assert (17 in dict(chosen["top"].choices).values()) and chosen["min_rooms"].choices == expected


def test_the_chosen_values_are_shown(workspace):
    address = Address("red", allowed=(("theme", ("gardens", "harbours")),), stages=(RANK, RERANK))
    shown = controls(workspace, address)
    assert shown["allowed"].value == ["theme=gardens", "theme=harbours"]
    assert shown["stages"].value == [RERANK]


def test_the_label_of_the_filters_says_how_many_museums_they_leave(workspace, searcher):
    def label(**filters) -> str:
        return controls(workspace, Address("red", **filters))["filters"].label

    museums = searcher.collection.museums
    small = sum(len(museum.rooms) <= 6 for museum in museums)
    both = sum(
        len(museum.rooms) <= 6 and museum.attributes["theme"] == "gardens" for museum in museums
    )
    assert label() == "Filters"
    assert label(allowed=GARDENS) == "Filters: 6 of 24 museums"
    assert label(allowed=(("theme", ("gardens", "harbours")),)) == "Filters: 12 of 24 museums"
    assert label(max_rooms=6) == f"Filters: {small} of 24 museums"
    assert label(max_rooms=6, allowed=GARDENS) == f"Filters: {both} of 24 museums"
    assert label(allowed=GARDENS, stages=STAGES, top=1) == "Filters: 6 of 24 museums"


def test_the_heading_leads_to_the_search_without_filters(workspace):
    filtered = open_page(workspace, "?q=red&filter.theme=gardens&min_rooms=5")["html"]
    cleared = [parse_address(link) for link in Markup(filtered.split("Clear filters")[0]).links]
    assert cleared[-1] == Address("red")
    assert "Clear filters" not in open_page(workspace, "?q=red")["html"]


def make_hostile(searcher) -> None:
    """Put markup and templates into every text of the collection."""
    collection = searcher.collection
    for index, museum in enumerate(collection.museums):
        rooms = tuple(
            Room(
                f"{HOSTILE} {room.name}",
                (f"{HOSTILE} red horses", HOSTILE),
                room.views,
                room.attributes | {"wall": HOSTILE, HOSTILE: HOSTILE},
            )
            for room in museum.rooms
        )
        attributes = museum.attributes | {HOSTILE: f"{HOSTILE}{index % 3}", "theme": HOSTILE}
        changes = {"title": f"{HOSTILE} {index}", "rooms": rooms, "attributes": attributes}
        for name, value in changes.items():
            object.__setattr__(museum, name, value)


@pytest.mark.parametrize(
    "search",
    [
        f"?q={quote(HOSTILE + ' red')}&stages=shortlist,rank,rerank",
        f"?q={quote(f'first {HOSTILE} horses, then red walls, no {HOSTILE}')}&top=24",
        f"?q={quote(f'Red horses here. {HOSTILE}. ' * 5 + chr(10) * 2 + HOSTILE + ' blue.')}",
        f"?q=red+horses&filter.theme={quote(HOSTILE)}&as=typed",
        f"?q=red&filter.{quote(HOSTILE)}={quote(HOSTILE + '1')}&stages={quote(HOSTILE)}",
        f"?q={quote('at most six rooms of ' + HOSTILE)}&image={quote(HOSTILE)}",
        "?like=museum-00001/1/2",
    ],
)
def test_every_hostile_field_is_text_in_the_heading_the_stages_and_the_cards(
    workspace, searcher, search
):
    make_hostile(searcher)
    searcher.rerank_note = f"Off: {HOSTILE}"
    page = open_page(workspace, search)
    assert page["page"] == "results"
    parts = page_parts().search
    for part in (parts.heading, parts.said, parts.museums):
        html = Markup(page["shown"][part])
        addresses = ("picture/", "cover/", "query-picture/")
        assert "<img src=x" not in page["shown"][part]
        assert all(
            (value or "").startswith(addresses) for name, value in html.attributes if name == "src"
        )
        assert not any(name.startswith("on") for name, _ in html.attributes)
        assert all(link.startswith(("?", "export/")) for link in html.links)
    assert escape(HOSTILE[:28]) in page["shown"][parts.museums]


def test_hostile_titles_are_text_on_the_first_screen(workspace, searcher):
    make_hostile(searcher)
    wall = open_page(workspace, "?browse=all")["html"]
    assert wall.count(escape(HOSTILE[:28])) >= 24 and "<img src=x" not in wall
    assert not any(name.startswith("on") for name, _ in Markup(wall).attributes)


def test_of_very_many_museums_the_wall_shows_the_first(workspace, monkeypatch):
    monkeypatch.setattr(views, "WALL_PREVIEW", 5)
    monkeypatch.setattr(views, "WALL", 10)
    first, wall = (open_page(workspace, address)["html"] for address in ("", "?browse=all"))
    assert "Show the first 10 museums" in first and first.count("data-key=") == 5
    assert "These are the first 10 museums." in wall and wall.count("data-key=") == 10
    assert "any of 24 museums" in first and "any of 24 museums" in wall
    monkeypatch.setattr(views, "WALL", 24)
    assert "Show the other 19 museums" in open_page(workspace, "")["html"]
    assert "All 24 museums" in open_page(workspace, "?browse=all")["html"]


def test_hostile_attribute_values_are_choices_as_they_are(workspace, searcher):
    make_hostile(searcher)
    choices = controls(workspace, Address("red"))["allowed"].choices
    assert [label for label, _ in choices] == [
        f"{text.label(HOSTILE)}: {HOSTILE}{index} (8)" for index in range(3)
    ]
    address = changed(Address("red"), "museum", [choices[1][1]], 0, 0, 12, [])
    assert address.allowed == ((HOSTILE, (f"{HOSTILE}1",)),)
    shown = controls(workspace, address)
    assert shown["filters"].label == "Filters: 8 of 24 museums"
    assert shown["allowed"].value == [choices[1][1]]


class Visitor:
    """Asks the app as a browser does: through Gradio, which checks the values of the controls."""

    def __init__(self, workspace):
        self._blocks = build_layout(workspace)
        self._state = SessionState(self._blocks)
        blocks = self._blocks.blocks
        self._handlers = {
            (blocks[part].elem_id or blocks[part].label, event): one
            for one in self._blocks.fns.values()
            for part, event in one.targets
            if part in blocks and hasattr(blocks[part], "label")
        }

    def ask(self, part: str, event_name: str, inputs: list[Any], event: Any = None) -> Any:
        """Return what the listener to an event of a part answers as the value of the address."""
        asked = self._handlers[part, event_name]
        answer = self._blocks.process_api(
            asked,
            inputs,
            state=self._state,
            event_data=EventData(None, event) if event else None,
        )
        names = [part.elem_id for part in asked.outputs]
        return asyncio.run(answer)["data"][names.index("address")]

    def go(self, address: str) -> dict[str, Any]:
        return self.ask("address", "go", [""], {"address": address, "question": 1, "kept": []})


def test_a_control_is_changed_where_a_link_has_chosen_what_is_not_offered(workspace):
    visitor = Visitor(workspace)
    chosen = "filter.theme=gardens&filter.theme=unheard-of"
    now = visitor.go(f"?q=red&min_rooms=2&{chosen}&stages=shortlist,rank")
    assert now["page"] == "results" and now["how"] == "asked" and now["question"] == 1
    allowed = ["theme=gardens", "theme=unheard-of"]
    after = visitor.ask("Only", "input", [now, "museum", allowed, 2, 8, 24, []])
    assert after["address"] == f"?q=red&top=24&min_rooms=2&max_rooms=8&{chosen}"
    assert after["how"] == "changed"


def test_the_search_box_asks_through_the_app(workspace):
    visitor = Visitor(workspace)
    now = visitor.go("?q=blue&filter.theme=gardens")
    box = {"text": "red", "files": []}
    after = visitor.ask("query", "submit", [box, now])
    assert (after["address"], after["page"]) == ("?q=red&filter.theme=gardens", "results")
    with pytest.raises(Exception, match=text.QUERY_EMPTY):
        visitor.ask("query", "submit", [box | {"text": " "}, now])
