"""The search box: from a text or a picture file to an address."""

import io

import numpy as np
import pytest
from PIL import Image

from demo import text
from demo.address import Address, format_address, parse_address
from demo.components.address_state import AddressValue, address_value
from demo.handlers import search_address
from hicalm.data.picture_files import UNREADABLE
from hicalm.errors import HicalmError
from tests.demo.fake_page import open_page

FILTERED = Address(
    "blue",
    top=24,
    min_rooms=5,
    max_rooms=7,
    allowed=(("floor", ("marble", "wood")), ("theme", ("gardens",))),
    stages=("shortlist", "rank"),
)


@pytest.fixture
def picture(tmp_path):
    """A picture file as the search box gives it."""
    path = tmp_path / "teal.png"
    Image.new("RGB", (300, 200), "teal").save(path)
    return str(path)


def on_screen(address: str) -> AddressValue:
    page = dict.fromkeys(("title", "page", "status", "models", "collection"), "")
    return address_value({**page, "address": address}, "stay")


def search(workspace, words: str, shown: Address = Address(), *files: str) -> Address:
    asked = {"text": words, "files": list(files)}
    return parse_address(search_address(workspace, asked, on_screen(format_address(shown))))


def test_a_text_becomes_a_search(workspace):
    assert search(workspace, "red walls") == Address("red walls")
    assert (
        search_address(workspace, {"text": "red walls", "files": []}, on_screen("?"))
        == "?q=red+walls"
    )


@pytest.mark.parametrize("words", ["", " \n\t "])
@pytest.mark.parametrize("shown", [Address(), FILTERED])
def test_an_empty_box_gets_one_clear_sentence(workspace, words, shown):
    with pytest.raises(HicalmError) as raised:
        search(workspace, words, shown)
    assert str(raised.value) == text.QUERY_EMPTY


@pytest.mark.parametrize(
    "words",
    [
        "a & b = c?",
        "<img src=x onerror=alert(1)>${1+1}{{7*7}}",
        "海景 %41 +",
        "two\nlines",
        "x" * 15_000,
    ],
)
def test_a_text_arrives_as_it_was_typed(workspace, words):
    assert search(workspace, words, FILTERED).query == words


def test_a_text_that_is_too_long_is_refused_at_once(workspace):
    with pytest.raises(HicalmError, match="30,000 characters, and the limit is 20,000"):
        search(workspace, "x" * 30_000)


def test_half_a_character_does_no_harm(workspace):
    address = search_address(workspace, {"text": "red \ud800", "files": []}, on_screen("?"))
    assert address == "?q=red+%3F" and open_page(workspace, address)["page"] == "results"


def test_the_filters_the_number_of_results_and_the_stages_are_kept(workspace):
    found = search(workspace, "red", FILTERED)
    assert found.query == "red" and found.filters == FILTERED.filters
    assert (found.top, found.stages) == (24, ("shortlist", "rank"))


def test_what_was_open_and_what_was_searched_by_before_is_left(workspace):
    for shown in (
        FILTERED.open("museum-00001", 2, 3),
        FILTERED.compare("museum-00001", "museum-00002"),
        FILTERED.turn_to("methods", left="flat"),
        FILTERED.turn_to("metrics", sort="rank"),
        FILTERED.turn_to("add"),
        FILTERED.more_like("museum-00001", 2, 3),
        parse_address(format_address(FILTERED) + "&as=typed&browse=all"),
    ):
        assert search(workspace, "red", shown) == search(workspace, "red", FILTERED)


def test_the_map_stays_with_its_level_and_its_texts(workspace):
    shown = FILTERED.turn_to("map", level="room", texts="yes", museum="museum-00001", room="2")
    found = search(workspace, "red", shown)
    assert found.page == "map" and dict(found.options) == {"level": "room", "texts": "yes"}
    assert found.query == "red" and found.filters == FILTERED.filters
    assert search(workspace, "red", Address().turn_to("map")).options == ()


def test_the_collection_is_kept(workspace, picture):
    mine = Address(collection="abcdefgh1234")
    for shown in (mine, mine.turn_to("add"), mine.open("museum-a")):
        assert search(workspace, "red", shown) == Address("red", collection="abcdefgh1234")
        by_picture = search(workspace, "", shown, picture)
        assert by_picture.collection == "abcdefgh1234" and by_picture.image


def test_a_picture_becomes_a_search_with_the_same_filters(workspace, picture):
    found = search(workspace, "", FILTERED, picture)
    assert found.filters == FILTERED.filters and (found.top, found.query) == (24, "")
    kept = workspace.uploads.get(found.image)
    assert kept.shape == (200, 300, 3)
    np.testing.assert_array_equal(kept[0, 0], (0, 128, 128))
    page = open_page(workspace, f"?image={found.image}&filter.theme=gardens")
    assert page["page"] == "results" and f"query-picture/{found.image}" in page["html"]


def test_a_picture_counts_more_than_the_words_beside_it_and_only_the_first_one(
    workspace, picture, tmp_path
):
    (tmp_path / "notes.txt").write_text("no picture")
    found = search(workspace, "red", Address("blue"), picture, str(tmp_path / "notes.txt"))
    assert found.image and not found.query


def test_a_picture_on_the_map_stays_on_the_map(workspace, picture):
    found = search(workspace, "", Address().turn_to("map", level="view"), picture)
    assert found.page == "map" and found.option("level") == "view" and found.image


def test_a_text_after_a_picture_leaves_the_picture(workspace, picture):
    assert search(workspace, "red", search(workspace, "", Address(), picture)) == Address("red")


def broken() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    return file.getvalue()[:60]


@pytest.mark.parametrize("content", [b"", b"not a picture", broken()])
def test_an_unreadable_picture_gets_one_clear_sentence(workspace, tmp_path, content):
    (tmp_path / "picture.png").write_bytes(content)
    with pytest.raises(HicalmError) as raised:
        search(workspace, "red", FILTERED, str(tmp_path / "picture.png"))
    assert str(raised.value) == UNREADABLE
