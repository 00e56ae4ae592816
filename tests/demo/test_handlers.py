"""Pages by address, with the stand-in searcher."""

import threading

import pytest
from markupsafe import escape as markup_escape

from demo import text, turns
from demo.address import Address
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.errors import HicalmError
from tests.demo.fake_page import open_page, page_parts
from tests.demo.fakes import FakeSearcher


def test_an_empty_address_opens_the_first_screen_with_examples_and_museums(workspace):
    answer = open_page(workspace, "")
    assert (answer["status"], answer["page"], answer["address"]) == ("done", "home", "?")
    assert answer["html"].count('data-key="museum-') == 24


def test_a_query_opens_ranked_cards_in_the_order_of_the_scores(workspace, searcher):
    answer = open_page(workspace, "?q=red+walls&top=6")
    ids = [match.museum_id for match in searcher.search("red walls", top=6).matches]
    positions = [answer["html"].index(f'data-museum="{museum}"') for museum in ids]
    assert answer["page"] == "results" and answer["query"] == "red walls"
    assert positions == sorted(positions) and answer["html"].count('class="card"') == 6


def test_a_museum_opens_at_its_best_room_unless_one_is_named(workspace, searcher):
    match = searcher.search("horses", top=1).matches[0]
    best = open_page(workspace, f"?q=horses&museum={match.museum_id}")
    named = open_page(workspace, f"?q=horses&museum={match.museum_id}&room=2")
    assert f'data-room="{match.best_room}"' in best["html"]
    assert 'data-room="1"' in named["html"]
    assert named["results"] == Address(query="horses")


def test_a_museum_outside_the_first_results_is_still_shaded(workspace, searcher):
    last = searcher.search("horses", top=24).matches[-1]
    answer = open_page(workspace, f"?q=horses&top=6&museum={last.museum_id}")
    assert "data-shade" in answer["html"] and "Best match" in answer["html"]


def test_a_room_too_high_is_said_and_the_museum_shown(workspace):
    answer = open_page(workspace, "?museum=museum-00001&room=40")
    assert answer["page"] == "museum" and "This link asks for room 40" in answer["html"]


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("?museum=museum-99999", "There is no museum called museum-99999."),
        ("?q=1234", "The query has no words."),
        ("?q=" + "x" * 50_000, "The query has 50,000 characters"),
        ("?q=ships&filter.theme=nothing", "No museum passes these filters."),
        ("?q=ships&min_rooms=8&max_rooms=5", "No museum passes these filters."),
        ("?like=museum-00001/1/99", text.BAD_LIKE),
        ("?image=abcdefgh1234", text.PICTURE_EXPIRED),
    ],
)
def test_bad_input_gets_one_clear_sentence(workspace, search, sentence):
    answer = open_page(workspace, search)
    assert answer["status"] == "done" and sentence in answer["html"]
    assert "Traceback" not in answer["html"]


@pytest.mark.parametrize("query", ["%00%1B%5B31mred", "%ED%A0%80red", "%E6%B5%B7%E6%99%AF red"])
def test_control_characters_and_other_scripts_are_searched_without_harm(workspace, query):
    answer = open_page(workspace, f"?q={query}")
    assert answer["page"] == "results"
    assert not any(ord(char) < 32 for char in answer["query"])


def test_an_unexpected_error_is_logged_and_answered_by_a_sentence(workspace, searcher, caplog):
    searcher.rank = lambda *_, **__: 1 / 0
    answer = open_page(workspace, "?q=red")
    assert text.UNEXPECTED in answer["html"] and "ZeroDivisionError" in caplog.text


def test_the_same_search_is_run_once(workspace, searcher):
    open_page(workspace, "?q=horses")
    searches = len(searcher.searches)
    open_page(workspace, "?q=horses")
    open_page(
        workspace,
        f"?q=horses&museum={workspace.find(Address(query='horses')).matches[0].museum_id}",
    )
    assert len(searcher.searches) == searches == 1


def test_while_the_models_warm_up_searches_wait_and_museums_can_be_looked_at():
    searcher, gate = FakeSearcher(museums=4), threading.Event()

    def open_searcher() -> FakeSearcher:
        gate.wait(10)
        return searcher

    opened = threading.Event()

    def open_collection() -> tuple:
        opened.set()
        return searcher.collection, searcher.pictures

    warmup = Warmup(open_searcher, open_collection)
    workspace = ServedWorkspace(warmup)
    assert open_page(workspace, "")["status"] == "waiting"  # nothing is open yet
    warmup.start()
    assert opened.wait(5)
    while warmup.collection is None:
        pass
    assert open_page(workspace, "")["status"] == "done"
    waiting = open_page(workspace, "?q=<b>red</b>")
    assert (waiting["status"], waiting["page"]) == ("waiting", "waiting")
    assert "&lt;b&gt;red" in waiting["html"] and text.WARMING_SEARCH in waiting["html"]
    museum = open_page(workspace, "?q=red&museum=museum-00001")
    assert (museum["status"], museum["page"]) == ("waiting", "museum")
    gate.set()
    warmup.wait(5)
    assert open_page(workspace, "?q=red")["page"] == "results"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (HicalmError("There is no checkpoint in x."), "There is no checkpoint in x."),
        (OSError("secret path"), text.LOADING_FAILED),
    ],
)
def test_failed_models_are_told_in_one_sentence(error, sentence):
    def fail() -> None:
        raise error

    workspace = ServedWorkspace(Warmup(fail).start())
    with pytest.raises(HicalmError, match=sentence):
        workspace.warmup.wait(5)
    page = open_page(workspace, "?q=red")
    assert (page["models"], page["status"], page["page"]) == ("failed", "done", "message")
    assert markup_escape(sentence) in page["html"]


def test_where_the_models_fail_museums_can_still_be_looked_at():
    searcher = FakeSearcher(museums=4)

    def fail() -> None:
        raise HicalmError("There is no checkpoint in x.")

    warmup = Warmup(fail, lambda: (searcher.collection, searcher.pictures)).start()
    with pytest.raises(HicalmError):
        warmup.wait(5)
    workspace = ServedWorkspace(warmup)
    pages = [open_page(workspace, address) for address in ("", "?q=a&museum=museum-00001", "?q=a")]
    assert [page["page"] for page in pages] == ["home", "museum", "message"]
    assert {page["status"] for page in pages} == {"done"}
    assert all("There is no checkpoint in x." in page["html"] for page in pages[1:])


def test_attributes_that_are_no_words_become_no_filter(workspace, searcher):
    for museum, value in zip(searcher.collection.museums, (["a"], None, 3, {"b": 1}), strict=False):
        museum.attributes["tags"] = value
    page = open_page(workspace, "?q=red+walls")
    choices = page["shown"][page_parts().search.allowed].choices
    assert page["page"] == "results" and choices
    assert not any("tags" in f"{label} {value}".lower() for label, value in choices)


def test_a_page_that_is_not_its_turn_says_so_and_tries_again(workspace, monkeypatch):
    monkeypatch.setattr(turns, "MOST_WAITING", 0)
    page = open_page(workspace, "?q=red")
    assert (page["page"], page["status"], page["address"]) == ("waiting", "busy", "?q=red")
    assert text.BUSY in page["html"] and text.BUSY_AGAIN in page["html"]


def test_a_long_text_makes_no_long_page_and_what_is_gone_is_said(workspace):
    page = open_page(workspace, f"?q={'a+room+of+red+horses+' * 900}")
    assert page["page"] == "results" and page["address"].startswith("?text=")
    assert len(page["html"]) < 400_000 and len(page["query"]) > 18_000
    again = open_page(workspace, page["address"])
    assert again["query"] == page["query"] and again["page"] == "results"
    gone = open_page(workspace, "?text=" + "0" * 24)
    assert gone["page"] == "message" and text.TEXT_EXPIRED in gone["html"]
