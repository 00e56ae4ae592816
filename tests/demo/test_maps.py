"""The map page without a browser: what it shows of an address, its data, and its routes."""

import base64
import gzip
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demo.address import Address, parse_address
from demo.maps import map_file, map_points, map_query, map_routes, plotly_version
from demo.user_collections import ServedExplorer
from demo.warmup import Warmup
from hicalm.errors import HicalmError
from hicalm.maps.map import Region, Structure, Zoom, locate
from tests.demo.fake_maps import fake_maps
from tests.demo.fake_page import open_page
from tests.demo.fakes import HOSTILE_TITLE, FakeSearcher


@pytest.fixture
def explorer(searcher: FakeSearcher) -> ServedExplorer:
    warmup = Warmup(lambda: searcher, None, fake_maps).start()
    warmup.wait(10)
    return ServedExplorer(warmup)


@pytest.fixture
def client(explorer: ServedExplorer) -> TestClient:
    app = FastAPI()
    app.router.routes.extend(map_routes(explorer))
    return TestClient(app)


def floats(packed: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed), "<f4")


def test_points_are_in_the_order_of_the_collection(searcher):
    museums = searcher.collection.museums
    assert [p.museum for p in map_points(searcher.collection, "museum")] == list(
        range(len(museums))
    )
    rooms = map_points(searcher.collection, "room")
    assert len(rooms) == sum(len(museum.rooms) for museum in museums)
    assert (rooms[0].museum, rooms[0].room, rooms[0].view) == (0, 0, None)
    views = map_points(searcher.collection, "view")
    last = views[-1]
    assert len(views) == sum(room.views for museum in museums for room in museum.rooms)
    assert (last.room, last.view) == (len(museums[-1].rooms) - 1, museums[-1].rooms[-1].views - 1)


@pytest.mark.parametrize("level", ["museum", "room", "view"])
def test_a_query_is_placed_by_its_similarities(explorer, level):
    found = map_query(explorer, f"?q=red+walls&show=map&on.level={level}")
    values = floats(found["values"])
    expected = explorer.similarities(Address(query="red walls"), level)
    np.testing.assert_array_equal(values, expected)
    middle, spread = locate(explorer.warmup.maps.levels[level].xy, expected)
    assert tuple(found["position"]) == middle and found["spread"] == spread


def test_a_query_that_cannot_be_read_is_one_sentence(explorer):
    assert "no words" in map_query(explorer, "?q=123&show=map")["error"]
    explorer.warmup.maps = None
    assert "python -m hicalm map" in map_query(explorer, "?q=ships&show=map")["error"]


def test_the_best_museums_are_those_of_the_results(explorer):
    address = "?q=red+walls&filter.theme=gardens"
    matches = explorer.find(parse_address(address)).matches
    page = open_page(explorer, address + "&show=map")
    assert page["page"] == "map"
    pictures = [f"picture/{m.museum_id}/{m.best_room}/{m.best_view}?" for m in matches]
    positions = [page["html"].index(picture) for picture in pictures]
    assert positions == sorted(positions) and page["html"].count('<li data-point="') == len(matches)


def test_the_best_rooms_pass_the_filters(explorer):
    page = open_page(explorer, "?q=red+walls&filter.theme=gardens&show=map&on.level=room")
    museums = explorer.collection.museums
    gardens = {museum.id for museum in museums if museum.attributes["theme"] == "gardens"}
    shown = {part.split("/")[0] for part in page["html"].split('src="picture/')[1:]}
    assert shown and shown <= gardens


def test_a_room_is_shown_by_its_view_that_is_most_like_the_query(explorer):
    address = parse_address("?q=red+walls")
    values = explorer.similarities(address, "view")
    points = map_points(explorer.collection, "view")
    own = [i for i, point in enumerate(points) if (point.museum, point.room) == (2, 1)]
    museum = explorer.collection.museums[2].id
    best = points[max(own, key=lambda i: values[i])]
    assert explorer.best_view(address, museum, 1) == (1, best.view)
    whole = [i for i, point in enumerate(points) if point.museum == 2]
    best = points[max(whole, key=lambda i: values[i])]
    assert explorer.best_view(address, museum) == (best.room, best.view)


def test_a_map_opens_on_what_is_structured(explorer, monkeypatch):
    plain = explorer.warmup.maps
    purity = {"museum": {"theme": 0.1}, "view": {"style": 0.4, "subject": 0.6}}
    region = Region("night sky", {"subject": "night sky"}, 1.0, 2.0, 9)
    structure = Structure(purity, ("view", "subject"), {"view": (Zoom(1, (region,)),)})
    monkeypatch.setattr(explorer.warmup, "maps", replace(plain, structure=structure))
    opened = open_page(explorer, "?show=map")["html"]
    assert 'data-level="view"' in opened and 'data-color="subject"' in opened
    assert 'data-color="theme"' in open_page(explorer, "?show=map&on.level=museum")["html"]
    file = map_file(explorer.warmup.maps, explorer.collection, "view")
    (zoom,) = json.loads(gzip.decompress(file.content))["regions"]
    assert (zoom["zoom"], zoom["regions"][0]["name"]) == (1, "night sky")
    monkeypatch.setattr(explorer.warmup, "maps", plain)
    assert 'data-level="museum"' in open_page(explorer, "?show=map")["html"]


def test_titles_and_queries_are_escaped(explorer):
    page = open_page(explorer, "?q=%3Ci%3Ered&show=map&on.museum=museum-00003")
    assert "&lt;i&gt;red" in page["html"] and "<i>red" not in page["html"]
    assert HOSTILE_TITLE not in page["html"] and "&lt;b&gt;Tags" in page["html"]


@pytest.mark.parametrize(
    "focus",
    ["on.museum=gone", "on.museum=museum-00001&on.room=99", "on.museum=museum-00001&on.room=x"],
)
def test_an_unknown_focus_shows_the_whole_map_and_says_so(explorer, focus):
    page = open_page(explorer, f"?show=map&on.level=room&{focus}")
    assert page["page"] == "map" and "the collection lacks" in page["html"]


def test_an_unknown_level_is_the_first_one(explorer):
    assert 'data-level="museum"' in open_page(explorer, "?show=map&on.level=painting")["html"]


def test_reasons_for_no_maps_are_shown(searcher):
    def refuse(collection: object) -> None:
        raise HicalmError("The room map is damaged. Make them again.")

    warmup = Warmup(lambda: searcher, None, refuse).start()
    warmup.wait(10)
    page = open_page(ServedExplorer(warmup), "?show=map")
    assert "The room map is damaged" in page["html"] and page["page"] == "map"
    assert warmup.state == "ready"


def test_data_of_a_level_is_whole_and_may_be_kept_for_ever(explorer, client):
    maps, collection = explorer.warmup.maps, explorer.collection
    version = map_file(maps, collection, "room").version
    answer = client.get(f"/map/room?v={version}")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    data = answer.json()
    np.testing.assert_array_equal(floats(data["xy"]).reshape(-1, 2), maps.levels["room"].xy)
    theme = next(column for column in data["columns"] if column["name"] == "theme")
    codes = np.frombuffer(base64.b64decode(theme["codes"]), f"<u{theme['bytes']}")
    assert [theme["values"][code] for code in codes[:3]] == ["harbours"] * 3
    assert [m["id"] for m in data["museums"]] == [m.id for m in collection.museums]
    assert data["museums"][0]["rooms"][0] == [
        collection.museums[0].rooms[0].name, collection.museums[0].rooms[0].views,
    ]  # fmt: skip


def test_an_old_address_of_data_is_answered_but_not_kept(client):
    answer = client.get("/map/room?v=old")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"


def test_without_compression_the_same_is_sent_plain(explorer, client):
    plain = client.get("/map/museum", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    file = map_file(explorer.warmup.maps, explorer.collection, "museum")
    assert plain.content == gzip.decompress(file.content)
    assert json.loads(plain.content)["count"] == len(explorer.collection.museums)


@pytest.mark.parametrize("path", ["/map/painting", "/map/..%2f..", "/plotly/0.0.1.js"])
def test_what_there_is_not_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_plotly_comes_from_the_installed_package(client):
    answer = client.get(f"/plotly/{plotly_version()}.js")
    assert "immutable" in answer.headers["cache-control"]
    assert "plotly.js" in answer.text[:200] and len(answer.content) > 1_000_000


def test_without_maps_there_is_no_data(searcher):
    warmup = SimpleNamespace(maps=None, collection=searcher.collection)
    app = FastAPI()
    app.router.routes.extend(map_routes(SimpleNamespace(warmup=warmup)))
    assert TestClient(app).get("/map/room").status_code == 404


def test_filters_of_a_view_searched_by_ask_for_no_more_museums_than_there_are(explorer, searcher):
    search = "?like=museum-00002/1/1&filter.theme=gardens&show=map&on.level=room"
    assert open_page(explorer, search)["page"] == "map"
    largest = max(top for _, top, _ in searcher.searches)
    assert largest <= len(searcher.collection.museums) + 1
