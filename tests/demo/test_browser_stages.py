"""The switch of the stages and the words on a room's page, in a real Chromium over the stand-in."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from selenium.webdriver import ActionChains, Keys

from tests.demo.browser import SIZES, Browser, watched

QUERY = "a room of red walls with horses"
HOSTILE = "red <b>walls</b> \"horses' <img src=x onerror=window.hit=1>"
LIT = "document.querySelector('.viewer').classList.contains('answering')"
HEAT_MAP_DRAWN = """(() => {
  const canvas = document.querySelector('.strip figure.current:not([aria-hidden]) canvas');
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const dim = pixels.filter((_, i) => i % 4 === 3);
  return Math.max(...dim) - Math.min(...dim) > 60;
})()"""

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def browser(chromium, stand_in) -> Iterator[Browser]:
    yield from watched(chromium, stand_in, (1280, 1000))


def open_results(browser: Browser, **fields: str) -> None:
    browser.open(f"?{urlencode({'q': QUERY, **fields})}", "results")


def open_room(browser: Browser, query: str = QUERY) -> None:
    fields = {"q": query, "museum": "museum-00001", "room": 1}
    browser.open(f"?{urlencode(fields)}", "museum")
    browser.wait("document.querySelectorAll('.strip canvas').length > 0")


def shown(browser: Browser) -> list[str]:
    return [card.get_attribute("data-museum") for card in browser.all(".card")]


def stages_in_bar(browser: Browser) -> str:
    return parse_qs(urlsplit(browser.driver.current_url).query).get("stages", [""])[0]


def pressed(browser: Browser) -> list[str]:
    chips = browser.all(".word[aria-pressed=true]")
    return [chip.get_attribute("data-word") for chip in chips]


def test_switching_stages_changes_the_order_and_the_address(sized):
    open_results(sized)
    before = shown(sized)
    sized.open_fold("How this was ranked")
    sized.tick("Re-rank")
    sized.wait("document.querySelector('.pipeline').textContent.includes('148 ms')")
    sized.wait_page("results")
    assert stages_in_bar(sized) == "rank,rerank"
    assert shown(sized)[0] == before[3] and "3 up" in sized.find(".pipeline").text
    assert sized.script("return document.activeElement.closest('label').innerText") == "Re-rank"
    sized.tick("Shortlist")
    sized.wait("document.querySelector('.pipeline').textContent.includes('14 of 40 museums')")
    sized.wait_page("results")
    assert stages_in_bar(sized) == "shortlist,rank,rerank"
    sized.driver.refresh()
    sized.wait_page("results")
    sized.open_fold("How this was ranked")
    assert sized.ticked("Shortlist") and sized.ticked("Re-rank")
    for count, stage in enumerate(("Shortlist", "Re-rank"), start=1):
        sized.tick(stage)
        sized.wait(f"document.querySelectorAll('.pipeline .off').length === {count}")
        sized.wait_page("results")
    assert stages_in_bar(sized) == "" and shown(sized) == before


def test_the_stages_are_kept_by_filters_and_by_the_next_query(browser):
    open_results(browser, stages="rank,rerank")
    browser.open_fold("Filters")
    browser.choose("Results", "6")
    browser.wait("document.querySelectorAll('.card').length === 6")
    assert stages_in_bar(browser) == "rank,rerank"
    browser.find("#query textarea").send_keys(" and gardens", Keys.ENTER)
    browser.wait("document.querySelector('.heading h1').textContent.includes('gardens')")
    assert stages_in_bar(browser) == "rank,rerank"


def test_a_missed_museum_and_the_table_of_ranks_open(sized):
    open_results(sized, stages="shortlist,rank,rerank")
    sized.open_fold("How this was ranked")
    sized.wait("document.querySelector('.folds [role=grid]')?.offsetHeight > 100")
    missed = sized.find(".pipeline a").text
    heads = sized.all(".folds [role=grid] [role=columnheader]")
    assert [head.get_attribute("title") for head in heads] == [
        "Museum",
        "Shortlist",
        "Rank",
        "Re-rank",
    ]
    sized.click(".pipeline a")
    sized.wait_page("museum")
    assert sized.find(".overview h1").text == missed


def test_a_click_lights_a_word_and_a_second_click_lets_go(sized):
    open_room(sized)
    assert not sized.script(f"return {LIT}")
    sized.click(".word")
    sized.wait(f"{LIT} && {HEAT_MAP_DRAWN}")
    assert len(pressed(sized)) == 1 and "most by view" in sized.find(".evidence-said").text
    assert sized.all(".compass button[data-lit='4']")
    sized.click(".word")
    assert not sized.script(f"return {LIT}") and pressed(sized) == []
    assert not sized.all(".compass button[data-lit]")


def test_a_finger_presses_and_lets_go(browser):
    browser.size(*SIZES["phone"])
    open_room(browser)
    browser.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        chip = browser.find(".word")
        browser.script("arguments[0].scrollIntoView({block: 'center'})", chip)
        box = browser.script(
            "const b = arguments[0].getBoundingClientRect(); return [b.x + 9, b.y + 9]", chip
        )
        for lit in (True, False):
            point = [{"x": box[0], "y": box[1]}]
            for kind, points in (("touchStart", point), ("touchEnd", [])):
                browser.driver.execute_cdp_cmd(
                    "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
                )
            browser.wait(f"{LIT} === {str(lit).lower()}")
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_pointing_lights_a_word_while_it_lasts(browser):
    open_room(browser)
    first, second = browser.all(".word")[:2]
    browser.click(".word")
    ActionChains(browser.driver).move_to_element(second).perform()
    browser.wait("document.querySelectorAll('.word')[1].classList.contains('lit')")
    ActionChains(browser.driver).move_to_element(browser.find("#room-title")).perform()
    browser.wait("document.querySelectorAll('.word')[0].classList.contains('lit')")
    assert pressed(browser) == [first.get_attribute("data-word")]


def test_the_keyboard_lights_presses_and_escapes(browser):
    open_room(browser)
    browser.script("document.querySelector('.word').focus({focusVisible: true})")
    browser.wait(LIT)
    keys = ActionChains(browser.driver)
    keys.send_keys(Keys.SPACE).perform()
    assert len(pressed(browser)) == 1
    keys.send_keys(Keys.ESCAPE).perform()
    assert pressed(browser) == [] and not browser.script(f"return {LIT}")


def test_a_pressed_word_turns_to_its_best_view_and_stays_lit_there(browser):
    open_room(browser)
    best = browser.script(
        "const shown = document.querySelector('.compass [aria-pressed=true]').dataset.view;"
        "const chip = [...document.querySelectorAll('.word')].find(c => c.dataset.best !== shown);"
        "chip.click(); return chip.dataset.best"
    )
    browser.click(".to-best")
    browser.wait(f"document.querySelectorAll('.strip figure.current')[0].dataset.view === '{best}'")
    browser.wait(f"{LIT} && {HEAT_MAP_DRAWN}")
    assert not browser.find(".to-best").is_displayed()
    browser.click(".turn.right")
    browser.wait(f"!document.querySelector('.to-best').hidden && {HEAT_MAP_DRAWN}")


def test_heat_maps_are_fetched_once_for_each_view(browser):
    open_room(browser)
    browser.script(
        "window.bodies = []; const ask = window.fetch; window.fetch = (...asked) => {"
        " window.bodies.push(String(asked[1]?.body)); return ask(...asked); }"
    )
    for chip in browser.all(".word"):
        browser.script("arguments[0].click()", chip)
        browser.wait(HEAT_MAP_DRAWN)
    assert sum("find_heat_map" in body for body in browser.script("return window.bodies")) == 1


def test_hostile_words_are_shown_and_not_run(sized):
    open_room(sized, HOSTILE)
    assert "<b>walls</b>" in [chip.text.split("\n")[0] for chip in sized.all(".word")]
    for chip in sized.all(".word"):
        sized.script("arguments[0].click()", chip)
    assert "onerror=window.hit=1>" in sized.find(".evidence-said").text
    assert not sized.all(".evidence b, .evidence img") and sized.script("return !window.hit")


def test_no_serious_accessibility_violation(sized):
    open_results(sized, stages="shortlist,rank,rerank")
    sized.open_fold("How this was ranked")
    sized.wait("document.querySelector('.folds [role=grid]')?.offsetHeight > 100")
    assert sized.grave_violations_of_both_looks() == []
    open_room(sized)
    sized.click(".word")
    sized.wait(HEAT_MAP_DRAWN)
    assert sized.grave_violations_of_both_looks() == []


def test_a_query_of_many_words_stays_inside_the_page(sized):
    open_room(sized, " ".join(f"{QUERY} number{index}" for index in range(40)))
    assert sized.script("return document.querySelector('.word-list').offsetHeight") < 200
    assert sized.grave_violations() == []
