"""The map page without a browser: what it shows of an address, its data, and its routes."""

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demo.address import Address, parse_address
from demo.components.embedding_map import MapValue
from demo.listed import items_of
from demo.maps import describe_points, inside, map_file, map_routes, read_pairs
from demo.pages.map import changed, cleared
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.errors import HicalmError
from hicalm.maps.map import Maps, Region, Structure, Zoom, locate
from tests.demo.fake_maps import fake_maps
from tests.demo.fake_page import open_page, page_parts
from tests.demo.fakes import HOSTILE_TITLE


@pytest.fixture
def open_maps() -> Callable[[Any], Maps]:
    return fake_maps


@pytest.fixture
def client(workspace: ServedWorkspace) -> TestClient:
    app = FastAPI()
    app.router.routes.extend(map_routes(workspace))
    return TestClient(app)


def floats(packed: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed), "<f4")


def drawing(workspace: ServedWorkspace, address: str) -> MapValue:
    """What the map of an address draws."""
    return open_page(workspace, address)["shown"][page_parts().map.drawing]


def part(workspace: ServedWorkspace, address: str, name: str) -> Any:
    """What a part of the map's page shows."""
    return open_page(workspace, address)["shown"][getattr(page_parts().map, name)]


def in_front(workspace: ServedWorkspace, address: str) -> list[int]:
    """The points that stand out on the map of an address."""
    bits = base64.b64decode(drawing(workspace, address)["front"])
    return np.flatnonzero(np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")).tolist()


def test_points_are_in_the_order_of_the_collection(searcher):
    museums = searcher.collection.museums
    assert items_of(searcher.collection, "museum").tolist() == [
        [row, -1, -1] for row in range(len(museums))
    ]
    rooms = items_of(searcher.collection, "room").tolist()
    assert rooms == [
        [row, room, -1] for row, museum in enumerate(museums) for room in range(len(museum.rooms))
    ]
    views = items_of(searcher.collection, "view").tolist()
    assert len(views) == sum(room.views for museum in museums for room in museum.rooms)
    last = len(museums[-1].rooms) - 1
    assert views[-1] == [len(museums) - 1, last, museums[-1].rooms[last].views - 1]


@pytest.mark.parametrize("level", ["museum", "room", "view"])
def test_a_query_is_placed_by_its_similarities(workspace, monkeypatch, level):
    address = f"?q=red+walls&show=map&on.level={level}"
    values = workspace.similarities(Address(query="red walls"), level)
    middle, spread = locate(workspace.warmup.maps.levels[level].xy, values)
    monkeypatch.setattr("demo.pages.map.MAX_SPREAD", spread)
    found = drawing(workspace, address)
    assert tuple(found["star"]) == middle
    shades = np.frombuffer(base64.b64decode(found["shades"]), np.uint8)
    assert (shades[values.argmin()], shades[values.argmax()]) == (0, 4)
    monkeypatch.setattr("demo.pages.map.MAX_SPREAD", spread - 0.01)
    assert drawing(workspace, address)["star"] is None


def test_a_query_that_cannot_be_read_is_one_sentence(workspace):
    assert "no words" in open_page(workspace, "?q=123&show=map")["html"]
    assert describe_points(workspace, {"address": "?q=123&show=map", "points": [0]}) == []


def test_inside_a_polygon_of_any_shape():
    shape = np.array([(0.0, 0.0), (4, 0), (4, 4), (2, 1), (0, 4)])
    points = np.array([(1.0, 1), (2, 3), (3, 2), (5, 1), (2, 0.5), (-1, 1)])
    assert inside(shape, points).tolist() == [True, False, True, False, True, False]


@pytest.mark.parametrize("pairs", ["", "1,2", "1,2;3", "1,2;x,y;5,6", "1,2;nan,1;3,3", "1,1;" * 61])
def test_what_is_no_polygon_is_left_out(pairs):
    assert read_pairs(pairs, 3) == []


def test_a_selection_has_all_that_is_chosen(workspace):
    address = "?q=red+walls&show=map&on.level=room"
    one = workspace.warmup.maps.levels["room"]
    values = workspace.similarities(Address(query="red walls"), "room")
    right = np.flatnonzero((one.xy[:, 0] > 0) & (np.abs(one.xy[:, 0]) < 60)).tolist()
    lasso = "&on.lasso=0,-60;60,-60;60,60;0,60"
    assert in_front(workspace, address + lasso) == right
    least = float(np.median(values))
    both = [i for i in right if values[i] >= least]
    assert in_front(workspace, f"{address}{lasso}&on.above={least}") == both
    theme = next(column for column in one.columns if column.name == "theme")
    chosen = [i for i in both if theme.values[theme.codes[i]] == "gardens"]
    value = f"{lasso}&on.above={least}&on.color=theme&on.value=gardens"
    assert in_front(workspace, address + value) == chosen and 0 < len(chosen) < len(both)
    assert f"{len(chosen)} rooms selected" in open_page(workspace, address + value)["html"]
    assert drawing(workspace, address)["front"] == ""


def test_the_summary_says_what_is_typical(workspace):
    page = open_page(
        workspace, "?show=map&on.level=room&on.color=rooms&on.lasso=10,-9;50,-9;50,9;10,9"
    )
    assert "More of these than elsewhere" in page["html"] and "<b>Theme</b>" in page["html"]


def test_words_rank_a_selection_and_its_pictures_answer_them(workspace):
    address = "?show=map&on.level=museum&on.lasso=-60,-60;60,-60;60,60;-60,60&on.within=red+walls"
    html = part(workspace, address, "selection")
    values = workspace.similarities(Address(query="red walls"), "museum")
    best = workspace.collection.museums[int(values.argmax())].id
    room, view = workspace.best_view(Address(query="red walls"), best)
    assert html.index(f"picture/{best}/{room}/{view}?w=160") < html.index("</li>")
    said = open_page(workspace, address.replace("red+walls", "123"))["html"]
    assert "no words" in said and "museums selected" in said


def test_controls_change_the_address(workspace):
    address = parse_address("?q=red&show=map&on.level=room&on.color=theme&on.value=gardens")
    low = -1.0
    same = changed(workspace, address, "room", "theme", low, False, "")
    assert same == address
    other = changed(workspace, address, "room", "rooms", low, True, " red ")
    assert dict(other.options) == {
        "level": "room", "color": "rooms", "texts": "yes", "within": "red",
    }  # fmt: skip
    least = changed(workspace, address, "room", "theme", 0.125, False, "")
    assert least.option("above") == "0.12"
    assert dict(cleared(other).options) == {"level": "room", "color": "rooms", "texts": "yes"}
    level = changed(workspace, other, "view", "rooms", low, True, "red")
    assert dict(level.options) == {"level": "view", "color": "rooms", "texts": "yes"}


def test_points_are_described_by_what_answers_the_query(workspace):
    address = "?q=red+walls&show=map&on.level=room"
    points = items_of(workspace.collection, "room").tolist()
    museum, room = workspace.collection.museums[points[7][0]], points[7][1]
    view = workspace.best_view(Address(query="red walls"), museum.id, room)[1]
    (found,) = describe_points(workspace, {"address": address, "points": [7]})
    assert found["picture"] == f"picture/{museum.id}/{room}/{view}?w=320"
    assert "<b>" not in found["card"] and found["picture"] in found["card"]
    assert found["open"] == f"?q=red+walls&museum={museum.id}&room={room + 1}"
    assert parse_address(found["down"]).option("level") == "view"
    plain = describe_points(workspace, {"address": "?show=map&on.level=museum", "points": [0]})
    assert plain[0]["small"] == "cover/museum-00000"
    for wrong in ([-1], [10**6], ["1"], [True], "0", None):
        assert describe_points(workspace, {"address": address, "points": wrong}) == []


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_selected_points_can_be_taken_away(workspace, client, kind):
    search = "?q=red&show=map&on.level=view&on.color=theme&on.value=gardens"
    answer = client.get(f"/map-points.{kind}{search}")
    assert f'filename="hicalm-views.{kind}"' in answer.headers["content-disposition"]
    count = len(in_front(workspace, search))
    if kind == "csv":
        head, *lines = answer.content.decode("utf-8-sig").splitlines()
        assert head.startswith("museum_id,museum,room,room_name,view,x,y,similarity,theme")
        assert len(lines) == count
        return
    values = [one["similarity"] for one in answer.json()]
    assert len(values) == count and values == sorted(values, reverse=True)
    assert {one["theme"] for one in answer.json()} == {"gardens"}


def test_a_file_for_a_query_that_cannot_be_read_says_so(client):
    answer = client.get("/map-points.csv?q=123&show=map")
    assert answer.status_code == 404 and "no words" in answer.text


def test_the_best_museums_are_those_of_the_results(workspace):
    address = "?q=red+walls&filter.theme=gardens"
    matches = workspace.find(parse_address(address)).matches
    page = open_page(workspace, address + "&show=map")
    assert page["page"] == "map"
    html = part(workspace, address + "&show=map", "best")
    best = [
        (m.museum_id, *workspace.best_view(parse_address(address), m.museum_id)) for m in matches
    ]
    pictures = [f"picture/{museum}/{room}/{view}?" for museum, room, view in best]
    positions = [html.index(picture) for picture in pictures]
    assert positions == sorted(positions) and html.count('<li data-point="') == len(matches)


def test_the_best_rooms_pass_the_filters(workspace):
    html = part(workspace, "?q=red+walls&filter.theme=gardens&show=map&on.level=room", "best")
    museums = workspace.collection.museums
    gardens = {museum.id for museum in museums if museum.attributes["theme"] == "gardens"}
    shown = {one.split("/")[0] for one in html.split('src="picture/')[1:]}
    assert shown and shown <= gardens


def test_a_room_is_shown_by_its_view_that_is_most_like_the_query(workspace):
    address = parse_address("?q=red+walls")
    values = workspace.similarities(address, "view")
    points = items_of(workspace.collection, "view").tolist()
    own = [i for i, point in enumerate(points) if point[:2] == [2, 1]]
    museum = workspace.collection.museums[2].id
    best = points[max(own, key=lambda i: values[i])]
    assert workspace.best_view(address, museum, 1) == (1, best[2])
    whole = [i for i, point in enumerate(points) if point[0] == 2]
    best = points[max(whole, key=lambda i: values[i])]
    assert workspace.best_view(address, museum) == (best[1], best[2])


def test_a_map_opens_on_what_is_structured(workspace, monkeypatch):
    plain = workspace.warmup.maps
    purity = {"museum": {"theme": 0.1}, "view": {"theme": 0.4, "floor": 0.6}}
    region = Region("night sky", {"subject": "night sky"}, 1.0, 2.0, 9)
    structure = Structure(purity, ("view", "floor"), {"view": (Zoom(1, (region,)),)})
    monkeypatch.setattr(workspace.warmup, "maps", replace(plain, structure=structure))
    opened = drawing(workspace, "?show=map")
    assert (opened["level"], opened["color"]) == ("view", "floor")
    assert drawing(workspace, "?show=map&on.level=museum")["color"] == "theme"
    file = map_file(workspace.warmup.maps, "view")
    (zoom,) = json.loads(gzip.decompress(file.content))["regions"]
    assert (zoom["zoom"], zoom["regions"][0]["name"]) == (1, "night sky")
    monkeypatch.setattr(workspace.warmup, "maps", plain)
    assert drawing(workspace, "?show=map")["level"] == "museum"


def test_titles_and_queries_are_escaped(workspace):
    page = open_page(workspace, "?q=%3Ci%3Ered&show=map&on.museum=museum-00003")
    assert "&lt;i&gt;red" in page["html"] and "<i>red" not in page["html"]
    assert HOSTILE_TITLE not in page["html"] and "&lt;b&gt;Tags" in page["html"]


@pytest.mark.parametrize(
    "focus",
    ["on.museum=gone", "on.museum=museum-00001&on.room=99", "on.museum=museum-00001&on.room=x"],
)
def test_an_unknown_focus_shows_the_whole_map_and_says_so(workspace, focus):
    page = open_page(workspace, f"?show=map&on.level=room&{focus}")
    assert page["page"] == "map" and "the collection lacks" in page["html"]


def test_an_unknown_level_is_the_first_one(workspace):
    assert drawing(workspace, "?show=map&on.level=painting")["level"] == "museum"


def test_reasons_for_no_maps_are_shown(searcher):
    def refuse(collection: object) -> None:
        raise HicalmError("The room map is damaged. Make them again.")

    warmup = Warmup(lambda: searcher, None, refuse).start()
    warmup.wait(10)
    page = open_page(ServedWorkspace(warmup), "?show=map")
    assert "The room map is damaged" in page["html"] and page["page"] == "map"
    assert warmup.state == "ready"


def test_data_of_a_level_is_whole_and_may_be_kept_for_ever(workspace, client):
    maps = workspace.warmup.maps
    version = map_file(maps, "room").version
    answer = client.get(f"/map/room?v={version}")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    data = answer.json()
    np.testing.assert_array_equal(floats(data["xy"]).reshape(-1, 2), maps.levels["room"].xy)
    columns = {column.name: column for column in maps.levels["room"].columns}
    hues = np.frombuffer(base64.b64decode(data["hues"]["decade"]), np.uint8)
    assert hues.tolist() == np.minimum(columns["decade"].codes, 10).tolist()
    assert "rooms" not in data["hues"]  # numbers have no hues


def test_an_old_address_of_data_is_answered_but_not_kept(client):
    answer = client.get("/map/room?v=old")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"


def test_without_compression_the_same_is_sent_plain(workspace, client):
    plain = client.get("/map/museum", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    file = map_file(workspace.warmup.maps, "museum")
    assert plain.content == gzip.decompress(file.content)
    assert json.loads(plain.content)["count"] == len(workspace.collection.museums)


@pytest.mark.parametrize("path", ["/map/painting", "/map/..%2f.."])
def test_what_there_is_not_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_without_maps_there_is_no_data(searcher):
    warmup = SimpleNamespace(maps=None, collection=searcher.collection)
    app = FastAPI()
    app.router.routes.extend(map_routes(SimpleNamespace(warmup=warmup)))
    assert TestClient(app).get("/map/room").status_code == 404


def test_filters_of_a_view_searched_by_ask_for_no_more_museums_than_there_are(workspace, searcher):
    search = "?like=museum-00002/1/1&filter.theme=gardens&show=map&on.level=room"
    assert open_page(workspace, search)["page"] == "map"
    largest = max(top for _, top, _ in searcher.searches)
    assert largest <= len(searcher.collection.museums) + 1
