"""Museums that visitors add: from the zip file to a search, and everything that may be wrong."""

import io
import threading
import time

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from demo import add_page, text, user_collections
from demo.add_page import add_routes
from demo.address import Address, format_address
from demo.api import endpoints
from demo.exports import export_routes
from demo.maps import describe_points
from demo.pictures import PRIVATE, picture_routes
from demo.user_collections import MAX_KEPT, MAX_WAITING
from tests.demo.collection_zip import museums_zip, picture, zipped
from tests.demo.fake_page import open_page

PATIENCE = 20.0  # seconds


@pytest.fixture
def client(explorer) -> TestClient:
    routes = [*add_routes(explorer), *picture_routes(explorer), *export_routes(explorer)]
    return TestClient(FastAPI(routes=routes))


@pytest.fixture
def gate(monkeypatch) -> threading.Event:
    """No museums are read before this is set."""
    gate, really = threading.Event(), user_collections.open_user_collection

    def held(*args):
        gate.wait(PATIENCE)
        return really(*args)

    monkeypatch.setattr(user_collections, "open_user_collection", held)
    return gate


def post(client, content: bytes, name: str = "my_museums.zip"):
    return client.post("/user-collections", content=content, headers={"X-Name": name})


def ended(explorer, token: str):
    """Return a set of museums once it is ready or has failed."""
    limit = time.monotonic() + PATIENCE
    while not (added := explorer.user_collections.find(token)).ended:
        assert time.monotonic() < limit
        threading.Event().wait(0.01)
    return added


@pytest.fixture
def token(client, explorer) -> str:
    token = post(client, museums_zip()).json()["token"]
    assert ended(explorer, token).message == ""
    return token


def test_the_page_states_the_limits_before_the_models_are_there(explorer):
    explorer.warmup.searcher = None
    page = open_page(explorer, "?show=add")
    assert page["status"] == "done" and page["page"] == "add"
    for stated in ("200 MB", "400 MB", "5,000 files", "2,000 pictures", "2 hours"):
        assert stated in page["html"]


def test_added_museums_are_searched_alone_and_every_link_stays_among_them(explorer, token):
    page = open_page(explorer, f"?collection={token}&q=red+paintings")
    assert page["page"] == "results" and "Searching your collection" in page["html"]
    assert "my museums" in page["html"] and "2 museums" in page["html"]
    assert "<b>Museum" not in page["html"] and "City &lt;b&gt;Museum" in page["html"]
    links = page["html"].split('data-museum="')[1].split('href="')[1:]
    assert links and all(f"collection={token}" in link.split('"')[0] for link in links)
    assert f'src="collection/{token}/picture/' in page["html"]
    assert "Show on the map" not in page["html"]
    assert page["results"] == Address("red paintings", collection=token)
    assert page["collection"] == token


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("", "home"),
        ("&browse=all", "home"),
        ("&museum=house-by-the-sea", "museum"),
        ("&museum=house-by-the-sea&q=green", "museum"),
        ("&museum=house-by-the-sea&q=green&room=9&view=9", "museum"),
        ("&museum=museum-00001", "message"),
        ("&like=house-by-the-sea/1/1", "results"),
        ("&like=museum-00001/1/1", "message"),
        ("&q=red&museum=house-by-the-sea&against=city-b-museum", "compare"),
        ("&q=red&show=methods", "methods"),
        ("&q=red&show=map", "map"),
        ("&show=metrics", "metrics"),
        ("&show=add", "add"),
    ],
)
def test_every_page_works_or_says_that_it_has_nothing(explorer, token, address, kind):
    page = open_page(explorer, f"?collection={token}{address}")
    assert page["page"] == kind and page["status"] == "done"
    assert text.UNEXPECTED not in page["html"]
    assert ("Searching your collection" in page["html"]) == (kind not in ("message", "add"))
    assert 'src="picture/' not in page["html"] and 'src="cover/' not in page["html"]


def test_pages_of_the_built_in_collection_alone_say_so(explorer, token):
    assert text.COLLECTION_NO_MAP in open_page(explorer, f"?collection={token}&show=map")["html"]
    assert (
        text.COLLECTION_NO_METRICS
        in open_page(explorer, f"?collection={token}&show=metrics")["html"]
    )
    assert text.COLLECTION_NO_MAP in open_page(explorer, f"?collection={token}&show=map")["html"]
    asked = {"address": f"?collection={token}&q=red&show=map", "points": [0]}
    assert describe_points(explorer, asked) == []


def test_what_was_left_out_is_listed(explorer, token):
    html = open_page(explorer, f"?collection={token}&show=add")["html"]
    assert "Ready: 2 museums, 3 rooms, 4 views" in html
    assert "City &lt;b&gt;Museum/Red room/broken.jpg" in html


def test_pictures_are_found_by_the_token_only(client, token):
    path = "picture/city-b-museum/1/0?w=160"
    response = client.get(f"/collection/{token}/{path}")
    assert response.headers["cache-control"] == PRIVATE
    shown = Image.open(io.BytesIO(response.content))
    assert shown.size == (160, 120)
    red, _, blue = shown.getpixel((80, 60))  # rooms in the order of their names: blue is first
    assert red > 120 > blue
    assert client.get(f"/collection/{token}/cover/house-by-the-sea").status_code == 200
    assert client.get(f"/{path}").status_code == 404
    assert client.get(f"/collection/{'x' * 24}/{path}").status_code == 404


@pytest.mark.parametrize(
    "museum", ["..", "%2e%2e", "..%2f..", "museum-00001", "house-by-the-sea/.."]
)
def test_no_path_of_a_visitor_leads_to_another_file(client, token, museum):
    assert client.get(f"/collection/{token}/picture/{museum}/0/0?w=160").status_code == 404
    assert client.get(f"/collection/{token}/cover/{museum}").status_code == 404


def test_exports_are_of_the_added_museums(client, token):
    response = client.get(f"/export/csv?collection={token}&q=red")
    assert response.status_code == 200 and "city-b-museum" in response.text
    assert "museum-00001" not in response.text
    assert client.get(f"/export/csv?collection={'x' * 24}&q=red").status_code == 400


def test_the_api_and_the_built_in_collection_stay_as_they_are(explorer, token):
    found = endpoints(explorer)["search"]("red", 5)
    assert all(one["museum_id"].startswith("museum-0") for one in found["results"])
    assert "Searching your collection" not in open_page(explorer, "?q=red")["html"]


@pytest.mark.parametrize("page", ["", "&q=red", "&show=add", "&museum=a", "&show=map"])
def test_an_expired_token_says_so_and_leads_on(explorer, page):
    answer = open_page(explorer, f"?collection={'x' * 24}{page}")
    assert answer["page"] == "gone" and "no longer kept" in answer["html"]
    assert "collection=" not in answer["address"]
    assert answer["collection"] == answer["results"].collection == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", text.COLLECTION_NO_ZIP),
        (picture(), text.COLLECTION_NO_ZIP),
    ],
)
def test_what_is_no_zip_file_is_refused_at_once(client, explorer, content, sentence):
    response = post(client, content)
    assert (response.status_code, response.json()) == (400, {"error": sentence})
    assert explorer.user_collections.begin("next")  # the place is free again


@pytest.mark.parametrize("lies", [False, True])
def test_a_file_above_the_limit_is_refused_while_it_arrives(client, explorer, monkeypatch, lies):
    monkeypatch.setattr(add_page, "limits", lambda: {"bytes": 1000, "megabytes": 1})
    read = []

    def pieces():
        for _ in range(100):
            read.append(100)
            yield b"PK\x03\x04" * 25

    content = pieces() if lies else b"PK\x03\x04" * 300
    response = post(client, content)
    assert response.status_code == 400 and "more than 1 MB" in response.json()["error"]
    assert not list(explorer.user_collections._by_token)


@pytest.mark.parametrize(
    "files",
    [
        {"../../evil.jpg": picture()},
        {"/etc/evil.jpg": picture()},
        {"a/../../evil.jpg": picture()},
        {"C:\\evil.jpg": picture()},
        {"readme.txt": b"nothing"},
        {"alone.jpg": picture()},
        {"Museum/Room/1.jpg": b"no picture"},
    ],
)
def test_a_hostile_or_empty_zip_ends_in_one_sentence(client, explorer, files):
    added = ended(explorer, post(client, zipped(files)).json()["token"])
    assert added.state == "failed" and added.message.endswith(".")
    page = open_page(explorer, f"?collection={added.token}&q=red")
    assert page["page"] == "add" and 'role="alert"' in page["html"]
    assert "/tmp" not in page["html"] and not added.folder.exists()
    assert page["results"] == Address("red")  # the next search is not among museums that failed


def test_a_full_disk_leaves_nothing_in_the_queue(explorer, client, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(add_page, "_write", full)
    with pytest.raises(OSError, match="no space"):
        post(client, museums_zip())
    assert not explorer.user_collections._by_token


def test_too_many_views_are_refused_before_they_are_encoded(client, explorer, monkeypatch):
    monkeypatch.setattr(user_collections, "MAX_VIEWS", 3)
    added = ended(explorer, post(client, museums_zip()).json()["token"])
    assert added.message == text.COLLECTION_TOO_MANY_VIEWS.format(views=5, limit=3)


def test_a_busy_server_says_so(client, explorer, gate):
    tokens = [post(client, museums_zip()).json()["token"] for _ in range(MAX_WAITING)]
    refused = post(client, museums_zip())
    assert (refused.status_code, refused.json()) == (503, {"error": text.COLLECTION_BUSY})
    page = open_page(explorer, f"?collection={tokens[2]}&q=red")
    assert page["status"] == "waiting" and "2 others before it" in page["html"]
    gate.set()
    assert all(ended(explorer, token).state == "ready" for token in tokens)
    assert post(client, museums_zip()).status_code == 200


def test_the_oldest_goes_with_its_files(client, explorer):
    tokens = []
    for _ in range(MAX_KEPT + 1):
        tokens.append(post(client, museums_zip()).json()["token"])
        ended(explorer, tokens[-1])
    first = explorer.user_collections.find(tokens[1])  # used last
    explorer.user_collections.sweep()
    kept = [token for token in tokens if token in explorer.user_collections._by_token]
    assert len(kept) == MAX_KEPT and first.token in kept and tokens[0] not in kept


def test_what_is_not_used_goes(explorer, token, monkeypatch):
    folder = explorer.user_collections.find(token).folder
    monkeypatch.setattr(user_collections, "KEPT_HOURS", -1)
    explorer.user_collections.sweep()
    assert explorer.user_collections.find(token) is None and not folder.exists()


def test_museums_are_deleted_when_asked(client, explorer, token):
    folder = explorer.user_collections.find(token).folder
    assert client.delete(f"/user-collections/{token}").status_code == 204
    assert not folder.exists()
    assert client.get(f"/collection/{token}/cover/house-by-the-sea").status_code == 404
    assert client.delete("/user-collections/unknown").status_code == 204


def test_reading_stops_when_its_museums_are_deleted(client, explorer, gate):
    token = post(client, museums_zip()).json()["token"]
    added = explorer.user_collections.find(token)
    client.delete(f"/user-collections/{token}")
    gate.set()
    other = post(client, museums_zip()).json()["token"]
    assert ended(explorer, other).state == "ready"
    assert added.state != "ready" and not added.folder.exists()


def test_an_unexpected_error_is_one_sentence_too(client, explorer, monkeypatch):
    monkeypatch.setattr(user_collections, "open_user_collection", lambda *_: 1 / 0)
    added = ended(explorer, post(client, museums_zip()).json()["token"])
    assert added.message == text.COLLECTION_FAILED


def test_a_museum_of_pictures_has_no_angles_and_one_room(explorer, token):
    page = open_page(explorer, format_address(Address(collection=token, museum="house-by-the-sea")))
    assert "°" not in page["html"]  # nobody knows which way these pictures look
    assert "1 room" in page["html"] and "1 rooms" not in page["html"]
