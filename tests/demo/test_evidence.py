"""Evidence: words as chips, light of heat maps, and the handler that the browser asks."""

import numpy as np
import pytest

from demo import text
from demo.address import Address
from demo.evidence import (
    BYTE,
    Answered,
    answered,
    chips,
    counts,
    lights,
    view_heat_map,
    whole_chip,
)
from hicalm.errors import HicalmError
from hicalm.retrieval.evidence import Evidence
from tests.demo.fake_page import open_page

MUSEUM = "museum-00001"
WANTED = {"address": f"?q=red+horses&museum={MUSEUM}", "museum": MUSEUM, "room": 0, "view": 1}


def evidence_of(words: str, views: list[list[float]], answers: list[float]) -> Evidence:
    """Evidence in which "a" and "of" are stop words."""
    is_content_word = np.array([word not in ("a", "of") for word in words.split()])
    return Evidence(
        tuple(words.split()), is_content_word, np.array(views, "f4"), np.array(answers, "f4")
    )


def plain(sentence: str) -> str:
    return sentence.replace("\N{NO-BREAK SPACE}", " ")


def test_words_become_chips_in_the_order_of_the_query():
    found = chips(
        evidence_of(
            "a ship of fools",
            [[0.25, 0.25, 0.5], [0.2, 0.6, 0.2], [0.4, 0.3, 0.3], [0.5, 0.1, 0.4]],
            [0.9, 0.8, 0.9, 0.5],
        )
    )
    assert [(chip.word, chip.is_content_word) for chip in found] == [
        ("a", False),
        ("ship", True),
        ("of", False),
        ("fools", True),
    ]
    assert found[1].views == (33, 100, 33) and found[1].best == 1
    assert plain(found[1].sentence) == "“ship”: answered well, most by view 2 (60 %)."
    assert plain(found[3].sentence) == "“fools”: answered partly, most by view 1 (50 %)."
    assert "its cosine is 0.50" in found[3].measure and "word 0.80" in found[3].measure


def test_a_word_is_answered_no_better_than_its_phrase():
    evidence = evidence_of("ship fools dinosaur", [[0.5, 0.5]] * 3, [0.8, 0.75, 0.79])
    paragraphs = (("a ship", "fools"), ("a dinosaur",))
    presence = {"a ship": 0.9, "fools": 0.03, "a dinosaur": 0.9}
    known = {"a ship": 1.0, "fools": 1.0, "a dinosaur": 0.1}
    found = chips(evidence, Answered(paragraphs, presence, known))
    assert [chip.how for chip in found] == ["well", "hardly", "unknown"]
    assert plain(found[1].measure) == "Probability that this room shows “fools”: 3 %"
    assert "does not know" in found[2].sentence
    (alone,) = chips(
        evidence_of("ship", [[0.5, 0.5]], [0.8]), Answered(((("ship",)),), {"ship": 0.1})
    )
    assert alone.how == "hardly"  # though it has no other word to be compared with


def test_a_second_view_is_named_where_it_answers_more_than_an_even_share():
    (chip,) = chips(evidence_of("ship", [[0.45, 0.4, 0.1, 0.05]], [0.3]))
    assert plain(chip.sentence) == "“ship”: answered, most by view 1 (45 %) and view 2 (40 %)."


@pytest.mark.parametrize(
    ("answers", "is_content_word", "expected"),
    [
        (
            [0.8, 0.7, 0.5, 0.4, -0.2],
            [1, 1, 1, 1, 1],
            ["well", "well", "partly", "hardly", "hardly"],
        ),
        ([0.9, 0.4, 0.2], [0, 1, 1], ["", "well", "hardly"]),  # a stop word is no measure
        ([0.4, 0.9], [1, 0], ["", ""]),  # one word has no others to be compared with
        ([-0.1, -0.3], [1, 1], ["hardly", "hardly"]),
        ([], [], []),
    ],
)
def test_answers_are_measured_by_the_best_answered_word(answers, is_content_word, expected):
    assert answered(np.array(answers, "f4"), np.array(is_content_word, bool)) == expected


def test_an_even_share_is_dark_and_a_peak_is_bright_as_far_as_it_stands_out():
    even = np.full((2, 4), 1 / 8)
    peaked = np.array([[0.5, 0.1, 0.1, 0.1], [0.05, 0.05, 0.05, 0.05]])
    faint = np.array([[0.1875, 0.125, 0.125, 0.125], [0.125, 0.125, 0.125, 0.0625]])
    shown = lights(np.array([even, peaked, faint]))
    assert shown.dtype == np.uint8 and not shown[0].any()
    assert shown[1].max() == BYTE and (shown[1] > 0).sum() == 1
    assert shown[2, 0, 0] == 128  # half of what stands out beside twice the even share


def test_heat_maps_travel_as_whole_numbers_row_after_row(workspace, searcher):
    found = view_heat_map(workspace, WANTED)
    heat = searcher.heat_map(searcher.read("red horses"), MUSEUM, 0, 1).heat
    assert (found["rows"], found["columns"], len(found["words"])) == (6, 8, 2)
    assert [int(np.argmax(word)) for word in found["words"]] == [int(one.argmax()) for one in heat]
    assert all(0 <= light <= BYTE for word in found["words"] for light in word)
    assert found["whole"] == lights(heat.max(axis=0)[None]).ravel().tolist()


def test_all_words_together_are_one_chip():
    evidence = evidence_of(
        "a ship of fools", [[1.0, 0, 0], [0.2, 0.6, 0.2], [0, 0, 1.0], [0.5, 0.1, 0.4]], [0.8] * 4
    )
    words = chips(evidence)
    assert counts(words) == [False, True, False, True]
    whole = whole_chip(evidence, words)
    assert whole.views == (83, 100, 67) and whole.best == 1
    assert whole.sentence == "All words together: answered most by views 2 and 1."
    assert whole_chip(evidence, words[:2] + [words[0]] * 2) is None  # one word that counts


def test_heat_maps_are_computed_once(workspace, searcher, monkeypatch):
    asked, fake = [], searcher.heat_map
    monkeypatch.setattr(searcher, "heat_map", lambda *a: asked.append(a[1:]) or fake(*a))
    for wanted in (WANTED, WANTED, WANTED | {"view": 2}):
        view_heat_map(workspace, wanted)
    assert asked == [(MUSEUM, 0, 1), (MUSEUM, 0, 2)]


@pytest.mark.parametrize(
    "change",
    [{"museum": "museum-99999"}, {"address": "?collection=abcdefgh&q=red"}, {"address": "?q=12"}],
)
def test_heat_maps_that_cannot_be_found_are_answered_by_a_sentence(workspace, searcher, change):
    def heat_map(query: object, museum: str, room: int, view: int) -> None:
        searcher.collection.museum(museum)

    searcher.heat_map = heat_map
    assert len(view_heat_map(workspace, WANTED | change)["error"]) > 10


def test_the_room_page_shows_the_words_and_escapes_them(workspace):
    page = open_page(workspace, f"?q=a+<b>red</b>+\"horse'+room&museum={MUSEUM}&room=1")["html"]
    assert page.count('data-word="') == 4 and page.count("All words</button>") == 1
    assert "<b>red" not in page.split('class="evidence"')[1].split("</section>")[0]
    assert "&lt;b&gt;red&lt;/b&gt;" in page and "“&#34;horse&#39;”: answered" in page
    assert "<span>a</span>" in page


def test_without_words_or_models_there_is_no_evidence(workspace, searcher):
    assert 'class="evidence"' not in open_page(workspace, f"?museum={MUSEUM}")["html"]
    like = f"?like=museum-00002/1/1&museum={MUSEUM}"
    assert 'class="evidence"' not in open_page(workspace, like)["html"]
    assert workspace.evidence(Address(like=("museum-00002", 0, 0)), MUSEUM, 0) is None
    searcher.has_evidence = False
    assert 'class="evidence"' not in open_page(workspace, f"?q=red&museum={MUSEUM}")["html"]


def test_words_without_evidence_leave_a_sentence_and_the_room(workspace, searcher):
    def refuse(*_: object) -> None:
        raise HicalmError("Too many <words>.")

    searcher.evidence = refuse
    answer = open_page(workspace, f"?q=red&museum={MUSEUM}")
    assert answer["page"] == "museum" and "Too many &lt;words&gt;." in answer["html"]
    assert text.POINT_AT not in answer["html"]


@pytest.mark.parametrize(
    "wanted",
    [{}, {"room": "a", "view": 0, "museum": "x"}, {"room": float("inf"), "view": 0}, {"room": []}],
)
def test_heat_maps_that_no_page_asks_for_get_a_sentence(workspace, wanted):
    assert "A heat map is asked for" in view_heat_map(workspace, wanted)["error"]
