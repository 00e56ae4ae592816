"""Museums that visitors add: from their files to a search, and everything that may be wrong."""

import errno
import io
import threading
import time
from html import escape
from pathlib import Path

import gradio as gr
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from sklearn.datasets import load_sample_image

from demo import text, user_collections
from demo.address import Address, format_address, parse_address
from demo.api import endpoints
from demo.exports import make_file
from demo.maps import describe_points
from demo.pages import collections
from demo.pages.collections import begin, delete, take
from demo.pictures import PRIVATE, picture_routes
from demo.refusals import told
from demo.user_collections import MAX_KEPT, MAX_PROPOSED, MAX_WAITING
from demo.vocabulary import own_examples
from hicalm.data.picture_files import UNREADABLE
from hicalm.errors import FullDiskError, HicalmError
from hicalm.importers import videos
from hicalm.importers.folders import NOT_READ
from tests.demo.collection_zip import museums_zip, picture, zipped
from tests.demo.fake_page import open_page, page_parts
from tests.hicalm.collections import FakeEncoder as DrawnEncoder
from tests.hicalm.importers.films import damaged_avif, film

PATIENCE = 20.0  # seconds


@pytest.fixture
def client(workspace) -> TestClient:
    return TestClient(FastAPI(routes=picture_routes(workspace)))


@pytest.fixture
def gate(monkeypatch) -> threading.Event:
    """No museums are read before this is set."""
    gate, really = threading.Event(), user_collections.open_user_collection

    def held(*args):
        gate.wait(PATIENCE)
        return really(*args)

    monkeypatch.setattr(user_collections, "open_user_collection", held)
    return gate


@pytest.fixture
def bring(workspace, tmp_path):
    """Bring a file, as Gradio hands it over, and return the token of its collection."""

    def bring(content: bytes, name: str = "my_museums.zip") -> str:
        path = Path(tmp_path / name)
        path.write_bytes(content)
        return parse_address(take(workspace, [str(path)], None)).collection

    return bring


def proposed(workspace, token: str):
    """Return the table of rooms on screen."""
    return open_page(workspace, f"?collection={token}&show=add")["shown"][
        page_parts().collections.table
    ]


def read(workspace, token: str) -> str:
    """Let a collection be read as its rooms are proposed, and return the token."""
    address = f"?collection={token}&show=add"
    assert begin(workspace, proposed(workspace, token), {"address": address}) == address
    return token


def ended(workspace, token: str):
    """Return a set of museums once it is ready or has failed."""
    limit = time.monotonic() + PATIENCE
    while not (added := workspace.user_collections.find(token)).ended:
        assert time.monotonic() < limit
        threading.Event().wait(0.01)
    return added


@pytest.fixture
def token(bring, workspace) -> str:
    token = read(workspace, bring(museums_zip()))
    assert ended(workspace, token).message == ""
    return token


@pytest.mark.slow
def test_photographs_are_read_by_an_encoder_of_photographs(workspace, bring, monkeypatch):
    monkeypatch.setattr("tests.demo.test_user_collections.PATIENCE", 300.0)
    photographs = {}
    for museum, name in (("Asia", "china.jpg"), ("Garden", "flower.jpg")):
        content = io.BytesIO()
        Image.fromarray(load_sample_image(name)).save(content, "JPEG")
        photographs[f"{museum}/Room/{name}"] = content.getvalue()
    token = bring(zipped(photographs))
    address = f"?collection={token}&show=add"
    begin(workspace, proposed(workspace, token), {"address": address}, "photographs")
    assert ended(workspace, token).message == ""
    assert escape(text.ENCODER_CONSE) in open_page(workspace, address)["html"]
    for query, museum in (("a flower", "garden"), ("a temple in china", "asia")):
        page = open_page(workspace, f"?collection={token}&q={query.replace(' ', '+')}")
        assert page["page"] == "results"
        found = workspace.user_collections.workspace(token).find(Address(query))
        assert found.matches[0].museum_id == museum
        assert found.matches[0].score > found.matches[1].score
    explained = workspace.user_collections.workspace(token).explain(Address("a flower"), "garden")
    whole = explained.baseline + sum(room.contribution for room in explained.rooms)
    assert whole == pytest.approx(explained.score, abs=1e-6)
    assert sum(explained.levels.values()) == pytest.approx(explained.score, abs=1e-6)


def loose_zip() -> bytes:
    """Return a museum of nine pictures of two colours in no room's folder, and one of a room."""
    colours = ["red", "blue"] * 5
    files = {f"Loose/{n}.jpg": picture(colours[n]) for n in range(9)}
    return zipped(files | {"Loose/museum.txt": b"Red and blue.", "Kept/Hall/1.jpg": picture()})


@pytest.mark.parametrize("sorts", [True, False])
def test_loose_pictures_lie_in_discovered_rooms_unless_they_are_not_to(
    workspace, bring, searcher, monkeypatch, sorts
):
    seen = DrawnEncoder().encode_images
    monkeypatch.setattr(type(searcher.encoder), "encode_images", lambda _, images: seen(images))
    token = bring(loose_zip())
    address = f"?collection={token}&show=add"
    parts = page_parts().collections
    assert open_page(workspace, address)["shown"][parts.discovers].visible
    begin(workspace, proposed(workspace, token), {"address": address}, "", sorts)
    assert ended(workspace, token).message == ""
    own = workspace.user_collections.workspace(token)
    rooms = {one.title: [(r.name, r.views) for r in one.rooms] for one in own.collection.museums}
    found = [("Discovered room 1", 5), ("Discovered room 2", 4)] if sorts else [("Loose", 9)]
    assert rooms == {"Loose": found, "Kept": [("Hall", 1)]}
    said = open_page(workspace, address)["html"]
    assert ("by what the pictures have in common: 2." in said) is sorts
    assert own.collection.museum("loose").introduction == ("Red and blue.",)
    assert own.pictures.picture("loose", len(found) - 1, 0).mean() > 0
    page = open_page(workspace, f"?collection={token}&q=red&museum=loose&room=1")["html"]
    assert ("Discovered room 1" in page) is sorts
    assert len(own.explain(Address("red"), "loose").rooms) == len(found)
    assert len(list(own.collection.folder.parent.iterdir())) == 1  # the pictures lie there once


def test_sorting_is_offered_where_there_is_something_to_sort(workspace, bring):
    token = bring(museums_zip())
    shown = open_page(workspace, f"?collection={token}&show=add")["shown"]
    assert not shown[page_parts().collections.discovers].visible


def test_a_full_disk_is_one_sentence_and_leaves_nothing(workspace, bring, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def found_full(*_: object, **__: object) -> None:
        raise FullDiskError("There is no room on the disk to write into '/secret'.")

    own = workspace.user_collections
    proposed_before = bring(museums_zip())
    root = own.find(proposed_before).folder.parent
    with monkeypatch.context() as at_unpacking:
        at_unpacking.setattr(user_collections, "propose", full)
        with pytest.raises(gr.Error, match=text.DISK_FULL), told():
            bring(museums_zip())
    assert list(root.iterdir()) == [own.find(proposed_before).folder]
    for failure in (full, found_full):
        token = bring(museums_zip())
        with monkeypatch.context() as at_reading:
            at_reading.setattr("hicalm.importers.images.import_images", failure)
            added = ended(workspace, read(workspace, token))
        assert (added.state, added.message) == ("failed", text.DISK_FULL)
        assert not added.folder.exists()
    assert ended(workspace, read(workspace, proposed_before)).message == ""


def test_added_museums_are_searched_alone_and_every_link_stays_among_them(workspace, token):
    page = open_page(workspace, f"?collection={token}&q=red+paintings")
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
def test_every_page_works_or_says_that_it_has_nothing(workspace, token, address, kind):
    page = open_page(workspace, f"?collection={token}{address}")
    assert page["page"] == kind and page["status"] == "done"
    assert text.UNEXPECTED not in page["html"]
    assert ("Searching your collection" in page["html"]) == (kind not in ("message", "add"))
    assert 'src="picture/' not in page["html"] and 'src="cover/' not in page["html"]


def test_pages_of_the_built_in_collection_alone_say_so(workspace, token):
    assert text.COLLECTION_NO_MAP in open_page(workspace, f"?collection={token}&show=map")["html"]
    assert (
        text.COLLECTION_NO_METRICS
        in open_page(workspace, f"?collection={token}&show=metrics")["html"]
    )
    assert text.COLLECTION_NO_MAP in open_page(workspace, f"?collection={token}&show=map")["html"]
    asked = {"address": f"?collection={token}&q=red&show=map", "points": [0]}
    assert describe_points(workspace, asked) == []


def test_what_was_left_out_is_listed(workspace, token):
    page = open_page(workspace, f"?collection={token}&show=add")
    assert "Ready: 2 museums, 3 rooms, 4 views" in page["html"]
    listed = page["shown"][page_parts().collections.left_out].value["data"]
    assert [name for name, _ in listed] == ["City <b>Museum/Red room/broken.jpg"]


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


def test_exports_are_of_the_added_museums(workspace, token):
    _, content = make_file(workspace, "csv", f"?collection={token}&q=red")
    assert "city-b-museum" in content and "museum-00001" not in content
    with pytest.raises(HicalmError, match="no longer kept"):
        make_file(workspace, "csv", f"?collection={'x' * 24}&q=red")


def test_the_api_and_the_built_in_collection_stay_as_they_are(workspace, token):
    found = endpoints(workspace)["search"]("red", 5)
    assert all(one["museum_id"].startswith("museum-0") for one in found["results"])
    assert "Searching your collection" not in open_page(workspace, "?q=red")["html"]


@pytest.mark.parametrize("page", ["", "&q=red", "&show=add", "&museum=a", "&show=map"])
def test_an_expired_token_says_so_and_leads_on(workspace, page):
    answer = open_page(workspace, f"?collection={'x' * 24}{page}")
    assert answer["page"] == "gone" and "no longer kept" in answer["html"]
    assert "collection=" not in answer["address"]
    assert answer["collection"] == answer["results"].collection == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (picture(), "not a zip file"),
        (museums_zip()[:-30], "damaged"),
        (zipped({"../../evil.jpg": picture()}), "could lead outside"),
        (zipped({"/etc/evil.jpg": picture()}), "could lead outside"),
        (zipped({"a/../../evil.jpg": picture()}), "could lead outside"),
        (zipped({"C:\\evil.jpg": picture()}), "could lead outside"),
        (zipped({"readme.txt": b"nothing"}), "no pictures"),
    ],
)
def test_a_hostile_or_empty_zip_is_refused_in_one_sentence(
    bring, workspace, tmp_path, content, sentence
):
    with pytest.raises(HicalmError, match=sentence) as caught:
        bring(content)
    assert "/tmp" not in str(caught.value) and "\n" not in str(caught.value)
    assert not workspace.user_collections._by_token  # the place is free again
    assert not list(tmp_path.glob("*.zip"))  # nothing stays in Gradio's cache
    assert not list(Path(workspace.user_collections._root.name).iterdir())


def test_pictures_that_cannot_be_read_end_in_one_sentence(bring, workspace):
    added = ended(workspace, read(workspace, bring(zipped({"Museum/Room/1.jpg": b"no picture"}))))
    assert added.state == "failed" and added.message.endswith(".")
    page = open_page(workspace, f"?collection={added.token}&q=red")
    assert page["page"] == "add" and 'role="alert"' in page["html"]
    assert "/tmp" not in page["html"] and not added.folder.exists()
    assert page["results"] == Address("red")  # the next search is not among museums that failed


def test_a_full_disk_leaves_nothing_in_the_queue(workspace, bring, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(collections, "take_in", full)
    with pytest.raises(OSError, match="no space"):
        bring(museums_zip())
    assert not workspace.user_collections._by_token


def test_too_many_views_are_refused_before_they_are_encoded(bring, workspace, monkeypatch):
    monkeypatch.setattr(user_collections, "MAX_VIEWS", 3)
    token = bring(museums_zip())
    with pytest.raises(HicalmError, match="These would be 5 views, and the limit is 3"):
        read(workspace, token)
    assert workspace.user_collections.find(token).state == "proposed"  # to leave some out


def test_a_busy_server_says_so(bring, workspace, gate):
    tokens = [read(workspace, bring(museums_zip())) for _ in range(MAX_WAITING)]
    with pytest.raises(HicalmError, match=text.COLLECTION_BUSY):
        bring(museums_zip())
    page = open_page(workspace, f"?collection={tokens[2]}&q=red")
    assert page["status"] == "waiting" and "2 others before it" in page["html"]
    gate.set()
    assert all(ended(workspace, token).state == "ready" for token in tokens)
    assert bring(museums_zip())


def test_the_oldest_goes_with_its_files(bring, workspace):
    tokens = []
    for _ in range(MAX_KEPT + 1):
        tokens.append(read(workspace, bring(museums_zip())))
        ended(workspace, tokens[-1])
    first = workspace.user_collections.find(tokens[1])  # used last
    workspace.user_collections.sweep()
    kept = [token for token in tokens if token in workspace.user_collections._by_token]
    assert len(kept) == MAX_KEPT and first.token in kept and tokens[0] not in kept


def test_of_proposals_that_nobody_confirms_the_oldest_goes(bring, workspace):
    tokens = [bring(museums_zip()) for _ in range(MAX_PROPOSED + 1)]
    left = [token for token in tokens if workspace.user_collections.find(token)]
    assert left == tokens[1:]


def test_what_is_not_used_goes(workspace, token, monkeypatch):
    folder = workspace.user_collections.find(token).folder
    monkeypatch.setattr(user_collections, "KEPT_HOURS", -1)
    workspace.user_collections.sweep()
    assert workspace.user_collections.find(token) is None and not folder.exists()


def test_museums_are_deleted_when_asked(client, workspace, token):
    folder = workspace.user_collections.find(token).folder
    assert delete(workspace, {"address": f"?collection={token}&show=add"}) == "?show=add"
    assert not folder.exists()
    assert client.get(f"/collection/{token}/cover/house-by-the-sea").status_code == 404
    assert delete(workspace, {"address": f"?collection={'x' * 24}"}) == "?show=add"


def test_reading_stops_when_its_museums_are_deleted(bring, workspace, gate):
    token = read(workspace, bring(museums_zip()))
    added = workspace.user_collections.find(token)
    delete(workspace, {"address": f"?collection={token}&show=add"})
    gate.set()
    other = read(workspace, bring(museums_zip()))
    assert ended(workspace, other).state == "ready"
    assert added.state != "ready" and not added.folder.exists()


def test_an_unexpected_error_is_one_sentence_too(bring, workspace, monkeypatch):
    monkeypatch.setattr(user_collections, "open_user_collection", lambda *_: 1 / 0)
    added = ended(workspace, read(workspace, bring(museums_zip())))
    assert added.message == text.COLLECTION_FAILED


def test_examples_are_those_of_the_collection(workspace, token):
    shown = open_page(workspace, format_address(Address(collection=token)))["shown"]
    collection = workspace.user_collections.workspace(token).collection
    assert shown[page_parts().search.examples]["samples"] == [[q] for q in own_examples(collection)]
    page = open_page(workspace, format_address(Address(collection=token, museum="nowhere")))
    assert page["page"] == "message" and text.EXAMPLES[0].query not in page["html"]


def test_a_museum_of_pictures_has_no_angles_and_one_room(workspace, token):
    page = open_page(
        workspace, format_address(Address(collection=token, museum="house-by-the-sea"))
    )
    assert "°" not in page["html"]  # nobody knows which way these pictures look
    assert "1 room" in page["html"] and "1 rooms" not in page["html"]


def test_what_people_have_is_read_and_the_rest_is_named(workspace, bring, tmp_path):
    panorama = picture("blue", (600, 300))
    token = bring(
        zipped(
            {
                r"export\Gallery\First floor\Hall\1.JFIF": picture("red"),
                r"export\Gallery\First floor\Hall\damaged.avif": damaged_avif(),
                r"export\Gallery\First floor\Hall\plan.pdf": b"%PDF",
                r"export\Gallery\First floor\Round\all round.jpg": panorama,
                r"export\Gallery\Cellar\Walk\a.avi": film(
                    tmp_path / "a.avi", range(9)
                ).read_bytes(),
                r"export\Gallery\Cellar\Walk\cut.mp4": b"\0\0\0\x18ftypmp42",
            }
        )
    )
    added = ended(workspace, read(workspace, token))
    (museum,) = added.workspace.collection.museums
    assert {room.name: room.views for room in museum.rooms} == {
        "Cellar, Walk": 9, "First floor, Hall": 1, "First floor, Round": 12,
    }  # fmt: skip
    shown = open_page(workspace, f"?collection={token}&show=add")["shown"]
    assert dict(shown[page_parts().collections.left_out].value["data"]) == {
        "export/Gallery/First floor/Hall/plan.pdf": NOT_READ,
        "Gallery/First floor/Hall/damaged.avif": UNREADABLE,
        "Gallery/Cellar/Walk/cut.mp4": videos.UNREADABLE,
    }
    files = [path for path in added.folder.rglob("*") if path.suffix in (".avi", ".mp4")]
    assert files == []  # of a video its views are kept


def test_views_of_panoramas_and_videos_count(bring, workspace, monkeypatch):
    monkeypatch.setattr(user_collections, "MAX_VIEWS", 20)
    files = {"m/r/1.jpg": picture("red", (512, 256)), "m/r/2.jpg": picture("red", (512, 256))}
    with pytest.raises(HicalmError, match="These would be 24 views, and the limit is 20"):
        read(workspace, bring(zipped(files)))


def test_who_brings_many_crowds_out_nobody_else(bring, workspace, monkeypatch):
    monkeypatch.setattr(user_collections, "visitor", lambda: "modest")
    modest = bring(museums_zip())
    monkeypatch.setattr(user_collections, "visitor", lambda: "greedy")
    greedy = [bring(museums_zip()) for _ in range(MAX_PROPOSED)]
    kept = [workspace.user_collections.find(token) is not None for token in (modest, *greedy)]
    assert kept == [True, False, *[True] * (MAX_PROPOSED - 1)]


def test_one_visitor_takes_not_all_places_of_those_that_are_read(
    bring, workspace, gate, monkeypatch
):
    monkeypatch.setattr(user_collections, "visitor", lambda: "greedy")
    for _ in range(user_collections.MAX_OWN):
        read(workspace, bring(museums_zip()))
    with pytest.raises(HicalmError, match="Your other collections"):
        bring(museums_zip())
    monkeypatch.setattr(user_collections, "visitor", lambda: "modest")
    assert bring(museums_zip())
    gate.set()
