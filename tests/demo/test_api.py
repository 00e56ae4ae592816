"""The endpoints of the API: what they answer, how they are described, and mistakes of callers."""

import base64
import io

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gradio_client import Client
from PIL import Image

from demo import text
from demo.api import endpoints
from demo.layout import build_layout
from demo.pictures import picture_routes
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.data.picture_files import UNREADABLE
from hicalm.errors import HicalmError
from tests.demo.fake_maps import fake_maps
from tests.demo.fakes import THEMES, FakeSearcher

NAMES = (
    "search",
    "explain",
    "search_by_picture",
    "similar_views",
    "museum",
    "list_museums",
    "map_points",
    "vocabulary",
)
MUSEUM = "museum-00001"


def picture_file() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (90, 120, 150)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def api(searcher: FakeSearcher) -> dict:
    warmup = Warmup(lambda: searcher, None, fake_maps).start()
    return endpoints(ServedWorkspace(warmup), "/museums/")


@pytest.fixture(scope="module")
def described() -> dict:
    """What the API page and the clients are told."""
    blocks = build_layout(ServedWorkspace(Warmup(FakeSearcher)))
    return blocks.get_api_info()["named_endpoints"]


def test_a_search_answers_in_the_form_of_the_command_line_with_pictures(api, searcher):
    answer = api["search"]("horses", 3, min_rooms=6, theme="gardens")
    assert answer["query"] == "horses" and len(answer["results"]) == 3
    assert answer["stages"] == ["rank"] and answer["version"] and answer["models"]
    assert answer["filters"] == {"theme": ["gardens"], "rooms": (6, 1000)}
    first = answer["results"][0]
    names = ["rank", "museum_id", "title", "score", "levels", "fit", "rooms", "answers"]
    assert list(first) == [*names, "picture"]
    assert answer["plan"]["op"] == "phrase" and answer["found"] and answer["fit"] > 0.9
    assert answer["notes"] == [] and answer["corrected"] == {}
    assert first["score"] == pytest.approx(sum(first["levels"].values()))
    assert [room["index"] for room in first["rooms"]] == list(range(len(first["rooms"])))
    assert all(len(result["rooms"]) >= 6 for result in answer["results"])
    match = next(
        m for m in searcher.search("horses", 24).matches if m.museum_id == first["museum_id"]
    )
    best = f"{match.museum_id}/{match.best_room}/{match.best_view}"
    assert first["picture"] == f"/museums/picture/{best}?w=480"


def test_an_explanation_is_that_of_the_page_with_the_view_that_counts_most(api, searcher):
    answer = api["explain"]("red horses", MUSEUM)
    expected = searcher.explain(searcher.read("red horses"), MUSEUM)
    best = max(expected.rooms[2].views, key=lambda view: view.contribution)
    assert answer["rooms"][2].pop("picture") == f"/museums/picture/{MUSEUM}/2/{best.index}?w=480"
    assert answer["rooms"][2] == expected.to_json()["rooms"][2]
    assert answer.keys() == expected.to_json().keys()


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_a_picture_is_searched_by(api, prefix):
    encoded = base64.encodebytes(picture_file()).decode()  # in lines
    answer = api["search_by_picture"](prefix + encoded, top=2, theme="gardens")
    assert len(answer["results"]) == 2 and answer["query"] == "" and answer["found"] is None


def test_similar_views_are_those_of_other_museums_in_order(api, searcher):
    found = api["similar_views"](MUSEUM, 0, 1, top=5)["results"]
    similarities = searcher.similarities(searcher.read_view(MUSEUM, 0, 1), "view")
    owner = np.repeat(
        [museum.id for museum in searcher.collection.museums],
        [sum(room.views for room in museum.rooms) for museum in searcher.collection.museums],
    )
    expected = np.sort(similarities[owner != MUSEUM])[::-1][:5]
    assert [one["similarity"] for one in found] == pytest.approx(expected.tolist())
    assert [one["rank"] for one in found] == [1, 2, 3, 4, 5]
    for one in found:
        at = f"{one['museum_id']}/{one['room']}/{one['view']}"
        assert one["picture"] == f"/museums/picture/{at}?w=480"


def test_a_museum_has_its_texts_and_all_its_pictures(api, workspace):
    museum = workspace.collection.museum(MUSEUM)
    answer = api["museum"](MUSEUM)
    assert answer["title"] == museum.title and answer["attributes"] == museum.attributes
    assert [len(room["views"]) for room in answer["rooms"]] == [r.views for r in museum.rooms]
    assert answer["rooms"][1]["paragraph"] == list(museum.rooms[1].paragraph)
    app = FastAPI(routes=picture_routes(workspace))
    client = TestClient(app)
    for address in (answer["picture"], *answer["rooms"][1]["views"]):
        response = client.get(address.removeprefix("/museums"))
        assert response.status_code == 200 and response.headers["content-type"] == "image/jpeg"


def test_museums_are_listed_in_parts(api, searcher):
    gardens = [m.id for m in searcher.collection.museums if m.attributes["theme"] == "gardens"]
    answer = api["list_museums"]("gardens", start=2, count=3)
    assert answer["total"] == len(gardens) == 6
    assert [one["museum_id"] for one in answer["museums"]] == gardens[2:5]
    small = api["list_museums"](max_rooms=5)
    assert {one["rooms"] for one in small["museums"]} == {5} and small["total"] < 24


@pytest.mark.parametrize("level", ["museum", "room", "view"])
def test_a_map_has_the_points_of_a_level(api, searcher, level):
    whole = fake_maps(searcher.collection).levels[level].xy
    answer = api["map_points"](level, start=3, count=2)
    assert answer["total"] == len(whole) and answer["position"] is None
    assert [(one["x"], one["y"]) for one in answer["points"]] == [tuple(p) for p in whole[3:5]]
    assert all(one["similarity"] is None for one in answer["points"])
    placed = api["map_points"](level, "horses", 3, 2)
    similarities = searcher.similarities(searcher.read("horses"), level)
    assert [one["similarity"] for one in placed["points"]] == similarities[3:5].tolist()
    assert len(placed["position"]) == 2 and placed["spread"] > 0


def test_without_maps_the_reason_is_said(workspace):
    with pytest.raises(HicalmError, match="no maps yet"):
        endpoints(workspace)["map_points"]()


def test_the_vocabulary_has_queries_themes_and_stages(api, searcher):
    answer = api["vocabulary"]()
    assert answer["themes"] == sorted(THEMES) and answer["stages"] == list(searcher.stages)
    kinds = {kind["name"]: kind["words"] for kind in answer["kinds"]}
    assert {"word": "white", "query": "a room with white walls"} in kinds["Walls"]


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("search", {"query": "a", "top": "x"}, "top must be a whole number, not 'x'."),
        ("search", {"query": "a", "top": 0}, "top must be at least 1, not 0."),
        ("search", {"query": "a", "top": 101}, "top must be at most 100, not 101."),
        ("search", {"query": 3}, "query must be a text, not 3."),
        ("search", {}, "search needs a value for query."),
        ("search", {"query": " "}, "The query is empty."),
        ("search", {"query": "a", "tops": 1}, "Unknown option 'tops' in search: choose among"),
        ("search", {"query": "a", "min_rooms": -1}, "min_rooms must be at least 0, not -1."),
        ("search", {"query": "a", "stages": "rank"}, "stages must be a list, not 'rank'."),
        ("search", {"query": "a", "stages": ["x"]}, "'shortlist', 'rank' or 'rerank', not 'x'."),
        ("search", {"query": "a", "as_typed": "no"}, "as_typed must be true or false, not 'no'."),
        ("search", {"query": "a", "theme": "cars"}, "no theme 'cars' here. Choose from gardens, "),
        ("list_museums", {"theme": "cars"}, "There is no theme 'cars' here."),
        ("list_museums", {"count": 501}, "count must be at most 500, not 501."),
        ("explain", {"query": "a", "museum_id": "x"}, "There is no museum called x."),
        ("museum", {"museum_id": "x"}, "There is no museum called x."),
        ("similar_views", {"museum_id": MUSEUM, "room": 99, "view": 0}, "so there is no room 99."),
        ("similar_views", {"museum_id": MUSEUM, "room": 0, "view": 99}, "so there is no view 99."),
        ("search_by_picture", {"picture": "é"}, text.PICTURE_NO_BASE64),
        ("search_by_picture", {"picture": "aGVsbG8="}, UNREADABLE),
        ("map_points", {"level": "roof"}, "level must be 'museum', 'room' or 'view', not 'roof'."),
    ],
)
def test_a_mistake_is_one_sentence(api, name, arguments, sentence):
    with pytest.raises(HicalmError) as error:
        api[name](**arguments)
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_where_museums_have_no_themes_that_is_said(api, searcher):
    for museum in searcher.collection.museums:
        del museum.attributes["theme"]
    with pytest.raises(HicalmError, match="The museums here have no themes"):
        api["search"]("red", theme="gardens")
    assert api["vocabulary"]()["themes"] == []


def test_everything_is_described(described):
    assert tuple(described) == tuple(f"/{name}" for name in NAMES)
    for name, endpoint in described.items():
        assert endpoint["description"].endswith("."), name
        for parameter in endpoint["parameters"]:
            told = parameter["python_type"]["description"]
            assert told.endswith("."), (name, parameter["parameter_name"])
            assert parameter["example_input"] != "...", (name, parameter["parameter_name"])
        (answer,) = endpoint["returns"]
        assert answer["type"]["properties"] and answer["python_type"]["description"]


def test_types_have_their_limits_and_choices(described):
    search = {one["parameter_name"]: one for one in described["/search"]["parameters"]}
    assert (search["top"]["type"]["minimum"], search["top"]["type"]["maximum"]) == (1, 100)
    assert search["top"]["parameter_default"] == 10
    assert not search["query"]["parameter_has_default"]
    (level, *_) = described["/map_points"]["parameters"]
    assert level["type"]["enum"] == ["museum", "room", "view"]


def test_the_examples_of_the_page_work(stand_in):
    client = Client(stand_in, verbose=False)
    endpoints_told = client.view_api(print_info=False, return_format="dict")["named_endpoints"]
    for name, endpoint in endpoints_told.items():
        examples = {p["parameter_name"]: p["example_input"] for p in endpoint["parameters"]}
        if "museum_id" in examples:  # the page's example is a museum of the built-in collection
            examples["museum_id"] = MUSEUM
        assert client.predict(**examples, api_name=name)


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("nothing", {"data": []}, 404, "no endpoint 'nothing' here. Choose from search, explain"),
        ("v2/nothing", {}, 404, "no endpoint 'nothing' here"),
        ("v2/search", {"query": "x", "topp": 3}, 400, "Name some of query, top, min_rooms"),
        ("v2/search", {}, 400, "'search' cannot be called with these values"),
        ("search", {"data": []}, 200, "'search' takes 7 values, and 0 came. They are query, top"),
    ],
)
def test_a_raw_call_gets_the_sentence_and_the_log_no_trace(
    stand_in, capfd, path, body, status, sentence
):
    address = httpx.URL(stand_in).join(f"gradio_api/call/{path}")
    answer = httpx.post(address, json=body)
    assert answer.status_code == status
    said = answer.text
    if status == 200:
        said = httpx.get(f"{address}/{answer.json()['event_id']}").text
    assert sentence in said
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_client_gets_the_sentence_and_the_log_no_trace(stand_in, capfd):
    client = Client(stand_in, verbose=False)
    with pytest.raises(Exception, match="top must be a whole number, not 'x'") as error:
        client.predict("horses", top="x", api_name="/search")
    assert "Traceback" not in str(error.value)
    assert "Traceback" not in "".join(capfd.readouterr())
    found = client.predict("horses", top=1, api_name="/search")["results"][0]
    picture = httpx.get(httpx.URL(stand_in).join(found["picture"]))
    assert picture.status_code == 200 and picture.headers["content-type"] == "image/jpeg"
