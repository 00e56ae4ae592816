"""Chips of a plan, the verdict and what was mended, in a real Chromium over the stand-in."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.demo.browser import Browser, watched

QUERY = "two rooms of portraits, then a garden, no horses anywhere, at most six rooms"
HOSTILE = "first <img src=x onerror=window.hit=1>, then \"b' {{7*7}}, no <b>horses</b> anywhere"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def browser(chromium, stand_in) -> Iterator[Browser]:
    yield from watched(chromium, stand_in, (1280, 1000))


def open_results(browser: Browser, query: str = QUERY, **fields: str) -> None:
    browser.open(f"?{urlencode({'q': query, **fields})}", "results")


def in_bar(browser: Browser, field: str = "q") -> str:
    return parse_qs(urlsplit(browser.driver.current_url).query).get(field, [""])[0]


def chips(browser: Browser) -> list[str]:
    code = "return [...document.querySelectorAll('.asked-plan .asked-chip')].map(c => c.innerText)"
    return [" ".join(text.split()) for text in browser.script(code)]


def test_a_plan_is_shown_as_chips_and_its_limit_as_a_filter(sized):
    open_results(sized)
    assert [chip.split(" \N{MULTIPLICATION SIGN}")[0] for chip in chips(sized)] == [
        "portraits",
        "a garden not",
        "not in the museum horses",
    ]
    assert sized.find(".stepper").text.replace("\n", " ") == "\N{MINUS SIGN} two rooms of +"
    assert sized.find(".asked .limit").text.startswith("at most six rooms")
    assert len(sized.all(".asked-plan .arrow")) == 1


def test_a_change_rewrites_the_query_and_back_undoes_it(browser):
    open_results(browser)
    browser.click(".do-more")
    browser.wait("document.querySelector('.stepper').textContent.includes('three')")
    assert in_bar(browser).startswith("first at least three rooms of portraits, then a garden")
    assert browser.find("#query textarea").get_attribute("value") == in_bar(browser)
    browser.click(".asked-chip .do-wanted")
    browser.wait("!document.querySelector('.asked-plan s')")
    browser.driver.back()
    browser.wait("document.querySelector('.asked-plan s')")
    browser.driver.back()
    browser.wait("document.querySelector('.stepper').textContent.includes('two')")
    assert in_bar(browser) == QUERY
    browser.click(".limit .change")
    browser.wait("!document.querySelector('.limit')")
    assert "six rooms" not in in_bar(browser)


def test_order_and_rooms_are_switched(browser):
    open_results(browser, "first portraits, then a garden")
    browser.click(".do-any-order")
    browser.wait("document.querySelector('.asked-group.different')")
    assert in_bar(browser) == "portraits in one room, and a garden in another room"
    browser.click(".do-same-room")
    browser.wait("document.querySelector('.asked-group.same')")
    browser.click(".do-remove")
    browser.wait("!document.querySelector('.asked-plan')")
    assert in_bar(browser) == "a garden"


def test_the_verdict_says_its_probability_on_demand(sized):
    open_results(sized, "gardens")
    assert sized.find(".verdict summary").text.startswith("Strong match")
    assert not sized.find(".verdict p").is_displayed()
    sized.click(".verdict summary")
    assert "probability" in sized.find(".verdict p").text
    assert "strong match" in sized.find(".card .match-word").text


def test_where_nothing_is_found_the_collection_says_what_it_knows(sized):
    open_results(sized, "dinosaur skeletons")
    assert sized.find(".verdict summary").text.startswith("Nothing here shows this")
    assert sized.find(".asked > .meta").text.startswith("The nearest 12 of")
    sized.click(".vocabulary dd a")
    sized.wait("!document.querySelector('.vocabulary')")
    assert in_bar(sized) != "dinosaur skeletons"


def test_unanswered_parts_stand_on_the_cards(sized):
    open_results(sized, "first portraits, then a spaceship")
    assert sized.find(".asked-chip.unknown").text.startswith("a spaceship")
    assert "no room shows: a spaceship" in sized.find(".card .answers .no").text
    assert "portraits: room" in sized.find(".card .answers .yes").text


def test_several_rooms_are_shown_side_by_side(browser):
    open_results(browser, "portraits in one room, and gardens in another room")
    shown = browser.all(".card:first-child .cover .where")
    assert len(shown) in (1, 2)
    several = "one => one.querySelectorAll('.picture').length > 1"
    assert browser.script(f"return [...document.querySelectorAll('.cover')].some({several})")


def test_misspelt_words_are_mended_unless_searched_as_typed(sized):
    open_results(sized, "hosres in a gaden", top="6")
    assert sized.find(".corrected em").text == "horses"
    assert "hosres, gaden" in sized.find(".corrected a").text
    sized.click(".corrected a")
    sized.wait("!document.querySelector('.corrected')")
    assert in_bar(sized, "as") == "typed" and in_bar(sized, "top") == "6"
    sized.type("hosres")
    sized.find("#query textarea").send_keys("\n")  # a new query is read anew
    sized.wait("document.querySelector('.corrected')")
    assert in_bar(sized, "as") == ""


def test_what_was_not_read_is_one_line(browser):
    open_results(browser, "Pferde am Meer und ein roter Raum")
    assert "German" in browser.find(".reading-notes").text


def test_hostile_words_are_shown_and_not_run(browser):
    open_results(browser, HOSTILE)
    assert any("onerror=window.hit=1>" in chip for chip in chips(browser))
    assert not browser.all(".asked-plan img, .answers img, .answers b")
    assert browser.script("return !window.hit")


@pytest.mark.parametrize("query", [QUERY, "dinosaur skeletons", "hosres, and elsewhere boats"])
def test_no_serious_accessibility_violation(sized, query):
    open_results(sized, query)
    sized.click(".verdict summary")
    assert sized.grave_violations_of_both_looks() == []
