"""End to end: a served app, a real Chromium, and the Python client."""

import time
from pathlib import Path

import pytest
from gradio_client import Client
from PIL import Image
from selenium.webdriver.common.keys import Keys

from tests.demo.browser import Browser

HOSTILE = '<img src=x onerror="window.hit=1"> ${window.hit=2} {{7*7}} red walls'
QUERY = "a first room with portraits, then a room of horses"

BOX = "#query textarea"
FOCUSED = "return document.activeElement.dataset.key || document.activeElement.id"
DARK = "document.body.classList.contains('dark')"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def search(browser: Browser, query: str) -> None:
    box = browser.find(BOX)
    box.clear()
    box.send_keys(query, Keys.ENTER)
    browser.wait_page("results")


def search_picture(browser: Browser, path: Path) -> None:
    browser.find("#query input[type=file]").send_keys(str(path))
    browser.wait("document.querySelector('#query .thumbnails')")
    browser.click("#query .submit-button")


def test_the_first_screen_shows_examples_and_museums(browser):
    browser.open()
    browser.wait("document.querySelectorAll('.wall a').length > 20")
    browser.click("#examples .gallery-item")
    browser.wait_page("results")
    assert browser.find(BOX).get_attribute("value")
    assert "?q=" in browser.driver.current_url


def test_search_open_change_room_and_back_to_the_same_place(browser):
    browser.open()
    search(browser, QUERY)
    titles = [element.text for element in browser.all(".card h2")]
    assert len(titles) == 12 and len(browser.all(".asked-plan .asked-chip")) == 2
    browser.script("document.querySelectorAll('.card')[7].scrollIntoView()")
    scroll = browser.wait("window.scrollY")
    browser.script("document.querySelector('.cards').dataset.kept = 'yes'")
    browser.all(".card h2 a")[7].click()
    browser.wait_page("museum")
    assert browser.find(".overview h1").text == titles[7] and not browser.all(".card")
    browser.click(".plan a:not([aria-current])")
    room = browser.wait("new URLSearchParams(location.search).get('room')")
    browser.wait(f"document.querySelector('.room').dataset.room === '{int(room) - 1}'")
    browser.click(".back")
    browser.wait_page("results")
    browser.wait(f"Math.abs(window.scrollY - {scroll}) < 3")
    assert [element.text for element in browser.all(".card h2")] == titles
    browser.driver.forward()
    browser.wait_page("museum")
    browser.driver.back()
    browser.wait_page("results")
    browser.wait(f"Math.abs(window.scrollY - {scroll}) < 3")
    assert browser.find(".cards").get_attribute("data-kept")  # nothing was built anew


def test_a_deep_link_opens_its_room_and_survives_a_reload(browser):
    browser.open()
    search(browser, QUERY)
    link = browser.all(".card .rooms a")[1].get_attribute("href")
    for _ in range(2):
        browser.driver.get(link)
        browser.wait_page("museum")
        assert browser.find(".room").get_attribute("data-room") == "1"
        assert browser.find(BOX).get_attribute("value") == QUERY
        browser.wait("[...document.querySelectorAll('figure.current img')].every(i => i.complete)")


def test_the_strip_turns_by_keys_and_buttons_all_around(browser):
    browser.open()
    browser.wait("document.querySelector('.wall a')")
    browser.click(".wall a")
    browser.wait_page("museum")
    count = len(browser.all(".compass button"))
    pressed = (
        "[...document.querySelectorAll('.compass button')]"
        ".findIndex(b => b.getAttribute('aria-pressed') === 'true')"
    )
    middle = (
        "(() => { const strip = document.querySelector('.strip').getBoundingClientRect();"
        " const at = document.elementFromPoint(strip.x + strip.width / 2, strip.y + 60);"
        " return Number(at.closest('figure').dataset.view); })()"
    )
    assert browser.script(f"return {pressed}") == 0
    for key, expected in (
        (Keys.ARROW_LEFT, count - 1),
        (Keys.ARROW_RIGHT, 0),
        (Keys.END, count - 1),
    ):
        browser.find(".strip").send_keys(key)
        browser.wait(f"{pressed} === {expected} && {middle} === {expected}")
        time.sleep(0.3)  # a person's pace: the strip settles between two turns
    browser.click(".turn.right")
    browser.wait(f"{pressed} === 0 && {middle} === 0")


def test_quick_turns_of_the_strip_are_all_made(browser):
    browser.open()
    browser.wait("document.querySelector('.wall a')")
    browser.click(".wall a")
    browser.wait_page("museum")
    count = len(browser.all(".compass button"))
    browser.find(".strip").send_keys(Keys.ARROW_LEFT)
    browser.wait("document.querySelector('.strip').scrollLeft < 40")  # at the copy, not settled
    browser.find(".strip").send_keys(Keys.ARROW_LEFT)
    browser.find(".strip").send_keys(Keys.ARROW_LEFT)
    time.sleep(1)  # longer than the strip takes to settle
    browser.wait(
        "[...document.querySelectorAll('.compass button')]"
        f".findIndex(b => b.getAttribute('aria-pressed') === 'true') === {count - 3}"
    )


def test_filters_keep_the_query_and_can_be_cleared(browser):
    browser.open()
    search(browser, "red walls")
    browser.open_fold("Filters")
    browser.choose("Rooms, at least", "7")
    browser.wait("location.search === '?q=red+walls&min_rooms=7'")
    browser.wait_page("results")
    browser.wait(
        "[...document.querySelectorAll('.card')]"
        ".every(c => c.querySelectorAll('.rooms li').length >= 7)"
    )
    browser.click(".heading .asked > a.button")
    browser.wait("location.search === '?q=red+walls'")
    browser.wait_page("results")
    assert len(browser.all(".card")) == 12


def test_filters_are_undone_one_by_one(browser):
    browser.open("?q=red+walls", "results")
    browser.open_fold("Filters")
    for label, value, field in (("Rooms, at least", "7", "min_rooms"), ("Results", "6", "top")):
        browser.choose(label, value)
        browser.wait(f"new URLSearchParams(location.search).get('{field}') === '{value}'")
        browser.wait_page("results")
    for field in ("top", "min_rooms"):
        browser.driver.back()
        browser.wait(f"!new URLSearchParams(location.search).has('{field}')")
        browser.wait_page("results")
    assert browser.find("input[aria-label='Results']").get_attribute("value") == "12"


def test_the_focus_begins_at_a_new_page_or_stays_on_what_was_used(browser):
    browser.open(f"?q={QUERY}", "results")
    browser.find(".card h2 a").send_keys(Keys.ENTER)
    browser.wait_page("museum")
    assert browser.script(FOCUSED) == "stage"
    room = browser.find(".plan a[data-key]:not([aria-current])")
    key = room.get_attribute("data-key")
    room.send_keys(Keys.ENTER)
    browser.wait(f"document.querySelector('.plan [data-key={key}]').ariaCurrent")
    browser.wait_page("museum")
    assert browser.script(FOCUSED) == key
    search(browser, "red walls")
    assert browser.script(FOCUSED) == "stage"


def test_what_was_opened_stays_open(browser):
    browser.open(f"?q={QUERY}", "results")
    browser.click(".verdict summary")
    browser.open_fold("Filters")
    browser.choose("Results", "6")
    browser.wait("location.search.includes('top=6')")
    browser.wait_page("results")
    assert browser.find(".verdict").get_attribute("open")
    browser.click(".card h2 a")
    browser.wait_page("museum")
    browser.driver.back()
    browser.wait_page("results")
    assert browser.find(".folds .label-wrap.open").text.startswith("Filters")
    assert browser.find(".verdict").get_attribute("open")


def test_of_links_followed_at_once_the_last_one_counts(browser):
    browser.open("?q=red+walls", "results")
    titles = [element.text for element in browser.all(".card h2")]
    browser.script("[0, 1, 2].forEach(i => document.querySelectorAll('.card h2 a')[i].click())")
    browser.wait_page("museum")
    assert browser.find(".overview h1").text == titles[2]
    browser.driver.back()
    browser.wait_page("results")


def test_copy_link_and_the_look_are_kept_in_the_address(browser):
    browser.open("?q=red", "results")
    browser.open_fold("How this was ranked")
    browser.click(".copy-link")
    browser.wait("document.querySelector('.copy-link').textContent.startsWith('Copied')")
    assert browser.script(f"return {DARK}") is False
    browser.click("footer button.settings")
    browser.wait("document.querySelectorAll('.theme-button button').length === 3")
    browser.find(".theme-button:nth-child(2) button").click()
    browser.wait(DARK)
    browser.wait_page("results")
    assert "__theme=dark" in browser.driver.current_url
    browser.open("?q=red&__theme=dark", "results")  # without the settings over the page
    browser.click(".card h2 a")
    browser.wait_page("museum")
    browser.driver.refresh()
    browser.wait_page("museum")
    assert browser.script(f"return {DARK}") and "__theme=dark" in browser.driver.current_url


def test_the_keyboard_skips_to_the_content(browser):
    browser.open("?q=red", "results")
    browser.script("document.querySelector('.skip').focus()")
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.wait("document.activeElement.id === 'stage'")
    assert browser.driver.current_url.endswith("?q=red")


def test_a_file_that_misses_its_place_does_not_replace_the_page(browser):
    browser.open()
    left = browser.script(
        "const drop = new DragEvent('drop', {bubbles: true, cancelable: true});"
        "document.querySelector('.hero').dispatchEvent(drop); return !drop.defaultPrevented"
    )
    assert left is False


def test_a_hostile_query_is_shown_and_not_run(browser):
    browser.open()
    search(browser, HOSTILE)
    assert HOSTILE in browser.find(".heading h1").get_attribute("textContent")
    browser.click(".card h2 a")
    browser.wait_page("museum")
    browser.driver.refresh()
    browser.wait_page("museum")
    assert browser.script("return window.hit === undefined")
    assert browser.find(BOX).get_attribute("value") == HOSTILE


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("", "empty"), ("   ", "empty"), ("x" * 50_000, "50,000"), ("?!", "no words")],
)
def test_bad_queries_get_one_sentence(browser, query, sentence):
    browser.open()
    browser.type(query)
    browser.find(BOX).send_keys(Keys.ENTER)
    browser.wait(
        "[...document.querySelectorAll('.toast-body, .message')]"
        f".some(e => e.textContent.includes('{sentence}'))"
    )


def test_a_very_long_query_survives_back_and_reload(browser):
    browser.open()
    words = "a room with red walls and horses. " * 300
    browser.type(words)
    browser.find(BOX).send_keys(Keys.ENTER)
    browser.wait_page("results")
    assert len(browser.driver.current_url) < 6_100
    browser.driver.refresh()
    browser.wait_page("results")
    assert len(browser.find(BOX).get_attribute("value")) == len(words.strip())
    browser.open()  # the plain address is the first page again
    assert browser.find(BOX).get_attribute("value") == ""


def test_search_by_a_picture_and_by_a_view(browser, tmp_path):
    picture = tmp_path / "picture.png"
    Image.effect_mandelbrot((300, 200), (-2, -1, 1, 1), 50).save(picture)
    browser.open()
    search_picture(browser, picture)
    browser.wait_page("results")
    browser.wait("document.querySelector('.asked img').naturalWidth === 300")
    browser.click(".card h2 a")
    browser.wait_page("museum")
    browser.click(".more-like")
    browser.wait_page("results")
    assert "like=" in browser.driver.current_url


def test_an_unreadable_picture_gets_one_sentence(chromium, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    chromium.open()
    search_picture(chromium, broken)
    chromium.toast("not a picture that can be read")


@pytest.mark.parametrize("address", ["", f"?q={QUERY}", f"?q={QUERY}&museum=FIRST"])
def test_a_phone_shows_everything_without_scrolling_sideways(browser, address):
    browser.size(390, 844)
    open_filled(browser, address)
    assert browser.script("return document.documentElement.scrollWidth") <= 390
    small = browser.script(
        "return [...document.querySelectorAll('.explorer :is(button, select, a.button, .rooms a)')]"
        ".filter(e => e.offsetParent && !e.matches('.hidden'))"
        ".map(e => [e.className, e.getBoundingClientRect()])"
        ".filter(([_, r]) => r.width < 24 || r.height < 24).map(([name]) => name)"
    )
    assert small == []


@pytest.mark.parametrize("address", ["", f"?q={QUERY}", f"?q={QUERY}&museum=FIRST"])
def test_no_serious_accessibility_violation(browser, address):
    open_filled(browser, address)
    assert browser.grave_violations_of_both_looks() == []


def open_filled(browser: Browser, address: str) -> None:
    """Open an address in which FIRST stands for the first result's museum."""
    if "FIRST" in address:
        browser.open(f"?q={QUERY}", "results")
        address = address.replace("FIRST", browser.find(".card").get_attribute("data-museum"))
        browser.open(address, "museum")
    else:
        browser.open(address, "results" if "q=" in address else "home")


def test_the_api_answers_the_python_client(served):
    client = Client(served, verbose=False)
    answer = client.predict("horses", top=3, api_name="/search")
    assert answer["query"] == "horses" and len(answer["results"]) == 3
    names = {"rank", "museum_id", "title", "score", "levels", "fit", "rooms", "answers", "picture"}
    assert set(answer["results"][0]) == names
    assert {"plan", "fit", "found", "notes"} <= set(answer)
    with pytest.raises(Exception, match="empty"):
        client.predict("", api_name="/search")


OPEN_API = "document.querySelector('.api-docs')?.innerText.includes('map_points')"


def test_the_address_of_the_api_page_opens_it(browser):
    browser.open("?view=api")
    browser.wait(OPEN_API)


def test_the_link_opens_the_api_page_over_what_is_on_screen(browser):
    browser.open("?q=red", "results")
    browser.click('.colophon a[href="?view=api"]')
    browser.wait(OPEN_API)
    browser.script("document.querySelector('.api-docs .backdrop').click()")
    browser.wait("!document.querySelector('.api-docs')")
    assert "q=red" in browser.driver.current_url
    assert browser.script("return document.querySelectorAll('.card').length")


def test_rooms_and_views_are_listed_themselves_and_back_leads_to_museums(browser):
    browser.open("?q=red+walls+and+horses", "results")
    for level, label in (("room", "Rooms"), ("view", "Views")):
        browser.tick(label)
        browser.wait("document.querySelectorAll('.tiles li').length === 12")
        browser.wait(f"location.search.includes('list={level}')")
        browser.wait_page("results")
        assert browser.grave_violations() == []
    browser.driver.back()
    browser.wait("location.search.includes('list=room')")
    browser.driver.back()
    browser.wait("document.querySelectorAll('.card').length === 12")
    browser.tick("Views")
    browser.wait("location.search.includes('list=view')")
    browser.click(".tiles a")
    browser.wait_page("museum")
    assert "list=view" in browser.driver.current_url


def test_the_place_that_answers_is_outlined_inside_its_picture(browser):
    browser.open("?q=horses+in+one+room+and+seascapes+in+another", "results")
    browser.wait("document.querySelectorAll('.card .place').length > 1")
    inside = browser.script(
        "return [...document.querySelectorAll('.card .place')].every(place => {"
        "  const [box, frame] = [place, place.parentElement].map(e => e.getBoundingClientRect());"
        "  return box.width > 8 && box.height > 8 && box.left >= frame.left - 1"
        "    && box.right <= frame.right + 1 && box.bottom <= frame.bottom + 1; })"
    )
    assert inside
