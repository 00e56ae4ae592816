"""A museum's page in a real Chromium over the stand-in: to a room, doors, and full screen."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from selenium.webdriver import ActionChains, Keys

from tests.demo.browser import SIZES, Browser, watched
from tests.demo.test_browser_stages import HEAT_MAP_DRAWN

QUERY = "portraits, then a garden, no horses anywhere"
HOSTILE = "<img src=x onerror=window.hit=1> ${window.hit=2} {{7*7}}, then <b>a garden</b>"
ROOM = "Number(document.querySelector('.room').dataset.room)"
VIEW = "Number(document.querySelector('.compass [aria-pressed=true]').dataset.view)"
FULL = "document.querySelector('.viewer').classList.contains('full')"
FOCUSED = "document.activeElement"
SCREEN_AND_A_HALF = 1266  # CSS pixels

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def browser(chromium, stand_in) -> Iterator[Browser]:
    yield from watched(chromium, stand_in, (1280, 1000))


def open_museum(browser: Browser, query: str = QUERY, **fields: object) -> None:
    address = {"q": query, "museum": "museum-00001"} | fields
    browser.open(f"?{urlencode({k: v for k, v in address.items() if v})}", "museum")
    browser.wait("document.querySelectorAll('.strip figure.current').length > 0")


def in_bar(browser: Browser, field: str) -> str:
    return parse_qs(urlsplit(browser.driver.current_url).query).get(field, [""])[0]


def test_the_sentence_names_rooms_and_its_pictures_lead_to_them(sized):
    open_museum(sized)
    sentence = sized.find(".sentence").text
    assert "oom" in sentence and sentence.endswith(".") and sized.all(".sentence em")
    link = sized.find(".said li a")
    _, room, view = link.get_attribute("data-key").split("-")
    assert link.find_element("css selector", "em").text in QUERY
    sized.click(".said li a")
    sized.wait(f"new URLSearchParams(location.search).get('view') === '{int(view) + 1}'")
    sized.wait(f"{ROOM} === {room} && {VIEW} === {view}")


def test_on_a_phone_the_room_begins_within_a_screen_and_a_half(browser):
    browser.size(*SIZES["phone"])
    for query in (QUERY, "a room of red walls with horses and a garden and a marble floor"):
        open_museum(browser, query)
        top = "return document.querySelector('.strip img').getBoundingClientRect().y + scrollY"
        assert browser.script(top) <= SCREEN_AND_A_HALF
        plan = "return document.querySelector('.plan').getBoundingClientRect().y + scrollY"
        assert browser.script(plan) > browser.script(top)


def test_a_door_leads_to_the_room_behind_it(sized):
    open_museum(sized, room=2)
    names = [door.get_attribute("aria-label") for door in sized.all(".plan .door")]
    assert [name.split(",")[0] for name in names] == ["Door to room 1", "Door to room 3"]
    sized.click("[data-key=door-2] circle:last-child")
    sized.wait(f"{ROOM} === 2")
    sized.wait_page("museum")
    assert in_bar(sized, "room") == "3"
    sized.wait("document.querySelector('.room').getBoundingClientRect().top < innerHeight * 0.7")
    sized.find(".plan .door").send_keys(Keys.ENTER)
    sized.wait(f"{ROOM} === 1")


def test_the_room_list_has_names_and_opens_rooms(sized):
    open_museum(sized, room=2)
    links = sized.all(".room-list a")
    assert links[1].get_attribute("aria-current") and len(links[0].text.split("\n")[-1]) > 3
    sized.click(".room-list li:first-child a")
    sized.wait(f"{ROOM} === 0")


def test_full_screen_shows_room_after_room_and_escape_leaves(sized):
    open_museum(sized, room=1)
    sized.click(".full-screen")
    sized.wait(f"{FULL} && document.fullscreenElement === document.querySelector('.viewer')")
    sized.wait("document.querySelector('.panorama').clientWidth > innerWidth - 60")
    assert sized.grave_violations() == []
    sized.find("[data-key=following]").send_keys(Keys.ENTER)
    sized.wait(f"{ROOM} === 1")
    sized.wait_page("museum")
    assert sized.script(f"return {FULL}")
    assert sized.script(f"return {FOCUSED}.dataset.key") == "following"
    sized.find(".full-screen").click()
    sized.wait(f"!{FULL} && !document.fullscreenElement")


def test_without_the_browsers_full_screen_a_layer_covers_the_page(sized):
    open_museum(sized)
    sized.script("document.querySelector('.viewer').requestFullscreen = undefined")
    sized.click(".full-screen")
    sized.wait(FULL)
    covers = sized.script(
        "const at = (x, y) => document.elementFromPoint(x, y).closest('.viewer.full');"
        "return [at(5, 5), at(innerWidth - 20, 5), at(5, innerHeight - 5)].every(Boolean)"
    )
    assert covers
    sized.script("document.querySelector('#query textarea').focus()")
    assert sized.script(f"return {FOCUSED}.matches('.full-screen')")
    ActionChains(sized.driver).send_keys(Keys.ESCAPE).perform()
    sized.wait(f"!{FULL}")


def test_the_mouse_turns_by_a_pull_and_by_a_click_beside(browser):
    open_museum(browser, room=1, view=3)
    strip = browser.find(".strip")
    browser.script("arguments[0].scrollIntoView({block: 'center'})", strip)
    browser.wait(f"{VIEW} === 2")
    ActionChains(browser.driver).drag_and_drop_by_offset(strip, -120, 0).perform()
    browser.wait(f"{VIEW} === 3")
    browser.wait("!document.querySelector('.strip').classList.contains('jumping')")
    ActionChains(browser.driver).drag_and_drop_by_offset(strip, 260, 0).perform()
    browser.wait(f"{VIEW} === 2")
    side = -strip.size["width"] // 2 + 20
    ActionChains(browser.driver).move_to_element_with_offset(strip, side, 90).click().perform()
    browser.wait(f"{VIEW} === 1")


def test_the_address_names_the_view_that_was_turned_to(browser):
    open_museum(browser, room=2)
    before = browser.script(f"return {VIEW}")
    count = len(browser.all(".compass button"))
    browser.find(".strip").send_keys(Keys.ARROW_RIGHT)
    expected = (before + 1) % count
    browser.wait(f"new URLSearchParams(location.search).get('view') === '{expected + 1}'")
    browser.driver.refresh()
    browser.wait_page("museum")
    browser.wait(f"{ROOM} === 1 && {VIEW} === {expected}")


def test_all_words_are_one_heat_map_that_stays_lit_from_room_to_room(sized):
    open_museum(sized, "red walls with horses", room=1)
    assert sized.find(".word").text == "All words"
    sized.click(".word")
    sized.wait(HEAT_MAP_DRAWN)
    assert "All words together" in sized.find(".evidence-said").text
    sized.click("[data-key=following]")
    sized.wait(f"{ROOM} === 1")
    sized.wait("document.querySelector('.word').getAttribute('aria-pressed') === 'true'")
    sized.wait(HEAT_MAP_DRAWN)


def test_hostile_words_are_shown_and_not_run(sized):
    open_museum(sized, HOSTILE)
    assert "onerror=window.hit=1>" in sized.find(".page.museum").text
    assert not sized.all(".said b, .said img[src=x], .word b")
    assert sized.script("return window.hit === undefined")


def test_no_serious_accessibility_violation(sized):
    open_museum(sized)
    sized.click(".word")
    assert sized.grave_violations_of_both_looks() == []
    open_museum(sized, query="")
    assert sized.grave_violations_of_both_looks() == []
