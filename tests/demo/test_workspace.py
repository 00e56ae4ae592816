"""The workspace between many visitors: whose turn it is, and what is remembered."""

import threading

import pytest

from demo import workspace as workspaces
from demo.address import Address
from demo.workspace import Recent, clean_query
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


def test_of_long_texts_only_so_much_is_remembered_and_short_ones_stay(monkeypatch):
    monkeypatch.setattr(workspaces, "LONG_CHARACTERS", 3_000)
    recent, made = Recent(4), []

    def remembered(key: str, query: str = "red") -> bool:
        before = len(made)
        recent.get(key, lambda: made.append(key) or key, query)
        return len(made) == before

    remembered("short"), remembered("first", "a" * 1_600), remembered("second", "b" * 1_600)
    assert remembered("short") and remembered("second", "b" * 1_600)
    assert not remembered("first", "a" * 1_600)
    remembered("third"), remembered("fourth"), remembered("fifth")
    assert remembered("first", "a" * 1_600) and not remembered("short")


def test_clean_query_keeps_words_apart():
    assert clean_query(" a\x00b\nc\ud800 ") == "a b c"
