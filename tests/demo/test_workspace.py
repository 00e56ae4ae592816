"""The workspace between many visitors: whose turn it is, and what is remembered."""

import threading

import pytest

from demo.address import Address
from demo.workspace import clean_query
from hicalm.errors import HicalmError

MANY = 40


def test_a_search_waits_for_one_explanation_and_not_for_an_export_of_many(
    workspace, searcher, monkeypatch
):
    explained, begun, fake = [], threading.Event(), searcher.explain

    def explain(query: object, museum: str, words: bool) -> object:
        explained.append(museum)
        begun.set()
        threading.Event().wait(0.01)  # what the computation takes
        return fake(query, museum, words)

    monkeypatch.setattr(searcher, "explain", explain)
    museums = [museum.id for museum in searcher.collection.museums]
    queries = [Address(query=f"red {number}") for number in range(MANY // len(museums) + 1)]

    def export() -> None:
        for address in queries:
            for museum in museums:
                workspace.explain(address, museum)

    thread = threading.Thread(target=export)
    thread.start()
    assert begun.wait(10)
    workspace.find(Address(query="horses"))
    waited_for = len(explained)
    thread.join(30)
    assert waited_for <= 4 < len(explained) == len(queries) * len(museums)


def test_an_error_reaches_who_asked_and_is_not_remembered(workspace, searcher, monkeypatch):
    def refuse(*_: object) -> None:
        raise HicalmError("Not now.")

    with monkeypatch.context() as patch:
        patch.setattr(searcher, "explain", refuse)
        with pytest.raises(HicalmError, match="Not now"):
            workspace.explain(Address(query="red"), "museum-00001")
    assert workspace.explain(Address(query="red"), "museum-00001").museum_id == "museum-00001"


def test_clean_query_keeps_words_apart():
    assert clean_query(" a\x00b\nc\ud800 ") == "a b c"
