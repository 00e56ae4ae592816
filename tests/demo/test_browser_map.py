"""The map page in a real Chromium: every way of looking at it, choosing on it and leaving it."""

import json
import time
from collections.abc import Iterator
from itertools import combinations
from math import dist
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from demo.warmup import Warmup
from tests.demo.browser import Browser, opened, serving, watched
from tests.demo.fake_maps import sampled_maps
from tests.demo.fakes import HOSTILE_TITLE, FakeSearcher

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUERY = "red walls"
MAP_LINK = '.pages a[href*="show=map"]'
HOSTILE = "<b>red</b> ${window.hit=1}"
DRAWN = "document.querySelector('.map-frame')?.dataset.drawn"
SELECTED = (
    "[...document.querySelectorAll('h2')]"
    ".find(h => h.textContent.endsWith(' selected'))?.textContent"
)
CARD = "!document.querySelector('.map-card').hidden"


@pytest.fixture
def browser(chromium, stand_in) -> Iterator[Browser]:
    yield from watched(chromium, stand_in, (1280, 1000))


@pytest.fixture
def two_fingers(chromium) -> Iterator[None]:
    """A tab that was touched by two fingers tells its later pages nothing of touches."""
    yield
    chromium.renew_tab()


def open_map(browser: Browser, address: str = "", level: str = "museum") -> None:
    browser.driver.get(f"{browser.base}?show=map&on.level={level}{address}")
    browser.wait_page("map")
    browser.wait(DRAWN)


def fields(browser: Browser) -> dict[str, str]:
    """The fields of the address bar."""
    query = urlsplit(browser.driver.current_url).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def number_position(browser: Browser, rank: int = 1) -> tuple[float, float]:
    """Where the number of a result is drawn, in pixels of the window."""
    code = (
        "return [...document.querySelectorAll('.over-number')]"
        f".filter(n => n.textContent === '{rank}')"
        ".map(n => { const b = n.getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2]; })[0]"
    )
    return tuple(browser.script(code))


def mouse(browser: Browser, kind: str, position: tuple[float, float], buttons: int = 0) -> None:
    event = {"type": kind, "x": position[0], "y": position[1], "button": "none", "buttons": buttons}
    if kind != "mouseMoved":
        event |= {"button": "left", "clickCount": 1}
    browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)


def click_at(browser: Browser, position: tuple[float, float]) -> None:
    mouse(browser, "mouseMoved", position)
    mouse(browser, "mousePressed", position, 1)
    mouse(browser, "mouseReleased", position)


def touch(browser: Browser, kind: str, *positions: tuple[float, float]) -> None:
    event = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in positions]}
    browser.driver.execute_cdp_cmd("Input.dispatchTouchEvent", event)


def drag(browser: Browser, positions: list[tuple[float, float]]) -> None:
    mouse(browser, "mouseMoved", positions[0])
    mouse(browser, "mousePressed", positions[0], 1)
    for position in positions[1:]:
        mouse(browser, "mouseMoved", position, 1)
    mouse(browser, "mouseReleased", positions[-1])


def frame(browser: Browser) -> dict[str, float]:
    browser.script("document.querySelector('.map-frame').scrollIntoView({block: 'center'})")
    return browser.script(
        "const b = document.querySelector('.map-frame').getBoundingClientRect();"
        " return {x: b.x, y: b.y, width: b.width, height: b.height}"
    )


def lasso(browser: Browser) -> int:
    """Draw a lasso around most of the map and return how many points are in it."""
    browser.click("button[data-mode=lasso]")
    box = frame(browser)
    left, top = box["x"] + 30, box["y"] + 60
    right, bottom = box["x"] + box["width"] - 80, box["y"] + box["height"] - 30
    drag(browser, [(left, top), (right, top), (right, bottom), (left, bottom), (left, top + 9)])
    browser.wait("location.search.includes('on.lasso')")
    return selected(browser)


def selected(browser: Browser) -> int:
    """How many points are selected, as the page says."""
    browser.wait(SELECTED)
    return int(browser.script(f"return {SELECTED}").split()[0].replace(",", ""))


def colored_by(browser: Browser) -> str:
    return browser.find("input[aria-label='Colour by']").get_attribute("value")


def wait_level(browser: Browser, level: str) -> None:
    browser.wait(f"document.querySelector('.map-frame').dataset.level === '{level}'")


def painted(browser: Browser, name: str) -> int:
    """How many pixels of the map have a colour of the style sheet, opaque or nearly so."""
    return browser.script(
        "const canvas = document.querySelector('.map-frame canvas');"
        "const probe = document.createElement('i'); document.body.append(probe);"
        "probe.style.color = `var(${arguments[0]})`;"
        "const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number); probe.remove();"
        "const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
        "let found = 0;"
        "for (let i = 0; i < data.length; i += 4)"
        " if (data[i + 3] > 180 && wanted.every((w, c) => Math.abs(w - data[i + c]) < 6)) found++;"
        "return found",
        name,
    )


def test_the_masthead_and_the_results_lead_to_the_map_with_the_query(browser):
    browser.open(f"?q={QUERY}", "results")
    browser.open_fold("How this was ranked")
    browser.click("[data-key=on-map]")
    browser.wait_page("map")
    browser.wait(DRAWN)
    assert fields(browser) | {} == {"q": QUERY, "show": "map"}
    assert browser.find(MAP_LINK).get_attribute("aria-current") == "page"
    browser.click(".map-title a")
    browser.wait_page("results")
    browser.click(MAP_LINK)
    browser.wait_page("map")
    assert fields(browser)["q"] == QUERY


@pytest.mark.parametrize("level", ["museum", "room", "view"])
def test_a_deep_link_draws_a_level_with_the_query_and_its_results(browser, monkeypatch, level):
    monkeypatch.setattr("demo.pages.map.MAX_SPREAD", 100)
    open_map(browser, f"&q={QUERY}", level)
    count = browser.find(".map-title .meta").text.split()[0]
    assert browser.find(".map-said").text.startswith(f"{count} of {count} ")
    assert len(browser.all(".over-number")) == 12
    assert len(browser.all('[data-list="results"] li')) == 12
    assert len(browser.all(".over-star")) == 1
    assert "approximate position" in browser.find(".map-star").text
    assert colored_by(browser) == "Similarity to the query"
    low, high = browser.find(".map-scale").text.replace("\u2212", "-").split()
    assert float(low) < float(high)


def test_a_query_whose_best_points_are_scattered_has_no_star(browser):
    open_map(browser, f"&q={QUERY}")
    assert not browser.all(".over-star") and not browser.all(".map-star")


def test_a_search_by_a_view_is_placed_too(browser, monkeypatch):
    monkeypatch.setattr("demo.pages.map.MAX_SPREAD", 100)
    open_map(browser, "&like=museum-00002/1/3", "view")
    assert len(browser.all(".over-star")) == 1
    ids = browser.script(
        "return [...document.querySelectorAll('[data-list=results] a')].map(a => a.href)"
    )
    assert ids and not any("museum=museum-00002" in one for one in ids)


def test_a_click_on_a_point_opens_it_and_back_returns_to_the_map(browser):
    open_map(browser, f"&q={QUERY}", "view")
    browser.script("window.scrollTo(0, 0)")
    frame(browser)
    wanted = parse_qs(urlsplit(browser.find("[data-list=results] a").get_attribute("href")).query)
    click_at(browser, number_position(browser))
    browser.wait_page("museum")
    found = fields(browser)
    assert (found["museum"], found["room"], found["view"]) == tuple(
        wanted[name][0] for name in ("museum", "room", "view")
    )
    browser.driver.back()
    browser.wait_page("map")
    browser.wait(DRAWN)
    assert fields(browser)["on.level"] == "view"


def test_hover_shows_a_card_that_leads_to_the_level_below(browser):
    open_map(browser, f"&q={QUERY}")
    frame(browser)
    mouse(browser, "mouseMoved", number_position(browser))
    browser.wait(CARD)
    browser.wait("document.querySelector('.map-card img').naturalWidth > 0")
    first = browser.find("[data-list=results] strong").text
    assert browser.find(".map-name").text == first
    small = browser.find("[data-list=results] img").get_attribute("src")
    assert browser.find(".map-card img").get_attribute("src") == small.replace("160", "320")
    browser.find(".map-card [data-down]").click()
    browser.wait("new URLSearchParams(location.search).get('on.level') === 'room'")
    browser.wait_page("map")
    wait_level(browser, "room")
    assert first in browser.find(".map-focus").text
    assert 5 <= int(browser.find(".map-frame").get_attribute("data-ringed")) <= 8
    browser.click(".map-focus .button")
    browser.wait_page("museum")
    browser.driver.back()
    browser.wait_page("map")
    assert browser.all(".map-focus")


def test_colours_change_without_a_reload_and_the_legend_selects_one(browser):
    open_map(browser, f"&q={QUERY}", "room")
    browser.script("window.still = document.querySelector('.map-frame canvas')")
    browser.choose("Colour by", "Theme")
    browser.wait("document.querySelectorAll('.map-values a').length === 4")
    browser.wait_page("map")
    assert painted(browser, "--hue-0") and painted(browser, "--hue-1")
    link = browser.find(".map-values a")
    count = int(link.find_element(By.TAG_NAME, "small").text)
    link.click()
    browser.wait("document.querySelector('.map-values [aria-current]')")
    assert selected(browser) == count
    assert painted(browser, "--hue-0") and not painted(browser, "--hue-1")
    assert browser.script("return window.still.isConnected")
    assert fields(browser)["on.color"] == "theme" and fields(browser)["on.value"]
    browser.driver.refresh()
    browser.wait(DRAWN)
    assert selected(browser) == count
    browser.choose("Colour by", "Rooms")
    browser.wait("document.querySelector('.map-scale')")
    assert browser.find(".map-scale").text.split() == ["5", "8"]
    browser.driver.back()
    browser.wait("document.querySelector('.map-values [aria-current]')")


def test_values_without_a_colour_of_their_own_share_an_entry_of_the_legend(browser):
    open_map(browser, "&on.color=decade", "room")
    assert len(browser.all(".map-values a")) == 11
    others = browser.all(".map-values a")[-1]
    name, count = others.text.split()
    others.click()
    browser.wait("document.querySelectorAll('.map-values a').length === 14")
    assert name == "others" and selected(browser) == int(count)
    browser.driver.refresh()
    browser.wait(DRAWN)
    assert selected(browser) == int(count)
    browser.all(".map-values a")[-1].click()
    browser.wait("document.querySelector('.map-values li:last-child [aria-current]')")
    assert 0 < selected(browser) < int(count)
    browser.click(".map-values [aria-current]")
    browser.wait("document.querySelectorAll('.map-values a').length === 11")
    assert "on.value" not in fields(browser)


@pytest.mark.parametrize("level", ["museum", "view"])
def test_numbers_of_results_do_not_lie_on_each_other(browser, level):
    open_map(browser, f"&q={QUERY}", level)
    positions = [number_position(browser, rank) for rank in range(1, 13)]
    gaps = [dist(a, b) for a, b in combinations(positions, 2)]
    assert min(gaps) > 21


def test_a_lasso_lists_ranks_and_survives_a_reload(browser):
    open_map(browser, "", "room")
    count = lasso(browser)
    assert count > 60
    entries = browser.all('[data-list="selection"] li')
    assert len(entries) == 61 and entries[-1].text == f"and {count - 60} more"
    assert len(fields(browser)["on.lasso"].split(";")) <= 60
    assert browser.script("return document.activeElement.className").startswith("map-frame")
    words = browser.find(".map-side textarea, .map-side input[type=text]")
    words.send_keys("green walls", Keys.ENTER)
    browser.wait("location.search.includes('on.within')")
    browser.wait("document.querySelector('[data-list=selection] small[title]')")
    values = [
        float(e.text.replace("\u2212", "-"))
        for e in browser.all('[data-list="selection"] small[title]')
    ]
    assert values == sorted(values, reverse=True)
    assert fields(browser)["on.within"] == "green walls"
    first = browser.find('[data-list="selection"] strong').text
    browser.driver.refresh()
    browser.wait(DRAWN)
    browser.wait("document.querySelector('[data-list=selection] small[title]')")
    assert browser.find('[data-list="selection"] strong').text == first
    assert selected(browser) == count
    browser.click('[data-list="selection"] a')
    browser.wait_page("museum")
    browser.driver.back()
    browser.wait_page("map")
    browser.wait(DRAWN)
    browser.click(".map-side button.sm")
    browser.wait(f"!{SELECTED}")
    assert "on.lasso" not in fields(browser) and "on.within" not in fields(browser)


def test_a_similarity_selects_and_combines_with_the_lasso(browser):
    open_map(browser, f"&q={QUERY}", "room")
    slider = browser.find(".map-side input[type=range]")
    slider.send_keys(Keys.ARROW_RIGHT * 8)  # all of them count
    browser.wait(SELECTED)
    browser.wait("document.querySelectorAll('[data-list=selection] small[title]').length")
    step = ""
    while step != (step := str(browser.driver.current_url)):  # until the last step has come
        time.sleep(1)
        browser.wait_page("map")
    alone, least = selected(browser), float(fields(browser)["on.above"])
    values = [
        float(e.text.replace("\u2212", "-"))
        for e in browser.all('[data-list="selection"] small[title]')
    ]
    assert values[0] >= values[-1] >= least - 0.005
    both = lasso(browser)
    assert 0 < both <= alone
    browser.driver.back()
    browser.wait("!location.search.includes('on.lasso')")
    browser.wait_page("map")
    assert selected(browser) == alone


def test_a_box_selects_and_its_points_can_be_taken_away(browser):
    open_map(browser, f"&q={QUERY}")
    browser.click("button[data-mode=box]")
    box = frame(browser)
    corner = (box["x"] + box["width"] - 70, box["y"] + box["height"] - 20)
    drag(browser, [(box["x"] + 20, box["y"] + 60), (box["x"] + 90, box["y"] + 90), corner])
    count = selected(browser)
    files = [link.get_attribute("href") for link in browser.all(".map-side [download]")]
    read = "return fetch(arguments[0]).then(answer => answer.text())"
    table, records = (browser.script(read, file) for file in files)
    records = json.loads(records)
    assert len(records) == count > 10
    assert HOSTILE_TITLE in [one["museum"] for one in records]
    lines = table.lstrip("\ufeff").strip().split("\r\n")
    assert len(lines) == count + 1 and lines[0].startswith("museum_id,museum,")


def test_zooming_in_shows_pictures_of_the_points(browser):
    open_map(browser, f"&q={QUERY}", "view")
    assert not browser.all(".over-picture")
    box = frame(browser)
    for _ in range(40):
        if int(browser.find(".map-said").text.split()[0].replace(",", "")) <= 40:
            break
        position = number_position(browser)
        wheel = {"type": "mouseWheel", "x": position[0], "y": position[1], "deltaX": 0}
        browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", wheel | {"deltaY": -300})
    assert box["x"] < position[0] < box["x"] + box["width"]
    browser.wait("document.querySelector('.over-picture img')?.naturalWidth > 0")
    assert 0 < len(browser.all(".over-picture")) <= 40
    browser.wait("new URLSearchParams(location.search).get('on.zoom')")
    label = "document.querySelector('.gr-accordion .label-wrap').textContent"
    browser.wait(f"/In sight: [0-9]{{1,2}}[^0-9,]/.test({label})")


def test_zoom_descriptions_and_colour_come_back_with_the_link(browser):
    open_map(browser, "&on.color=theme")
    browser.tick("Descriptions")
    browser.wait("location.search.includes('on.texts')")
    browser.wait_page("map")
    browser.find("[data-zoom='1.6']").click()
    browser.wait("new URLSearchParams(location.search).get('on.zoom')")
    link, before = browser.driver.current_url, fields(browser)["on.zoom"]
    said = browser.find(".map-said").text
    seen = said.split()[0]
    browser.wait(f"document.querySelectorAll('[data-list=sight] li').length === {seen}")
    browser.driver.get(link)
    browser.wait(DRAWN)
    assert browser.find(".map-said").text == said and fields(browser)["on.zoom"] == before
    assert browser.ticked("Descriptions")
    browser.tick("Rooms")
    browser.wait("location.search.includes('on.level=room')")
    wait_level(browser, "room")
    assert fields(browser)["on.color"] == "theme" and "on.zoom" not in fields(browser)
    browser.driver.back()
    wait_level(browser, "museum")
    browser.wait_page("map")
    assert fields(browser)["on.zoom"] == before and browser.find(".map-said").text == said


def test_the_keyboard_moves_the_map_and_the_lists_name_what_is_in_sight(browser):
    open_map(browser)
    area = browser.find(".map-frame")
    area.send_keys("+", "+", Keys.ARROW_LEFT)
    browser.wait("new URLSearchParams(location.search).get('on.zoom')")
    seen = int(browser.find(".map-said").text.split()[0])
    assert 0 <= seen < 40
    browser.wait(f"document.querySelectorAll('[data-list=sight] li').length === {seen}")
    area.send_keys("0")
    browser.wait("document.querySelector('.map-said').textContent.startsWith('40 of 40')")
    browser.wait("document.querySelectorAll('[data-list=sight] li').length === 40")
    browser.find('[data-list="sight"] a').send_keys(Keys.ENTER)
    browser.wait_page("museum")


def test_a_finger_shows_the_card_first(browser):
    browser.size(390, 844)
    open_map(browser, f"&q={QUERY}")
    frame(browser)
    touch(browser, "touchStart", number_position(browser))
    touch(browser, "touchEnd")
    browser.wait(CARD)
    assert browser.script("return document.querySelector('.explorer').dataset.page") == "map"
    browser.find(".map-card [data-open]").click()
    browser.wait_page("museum")


def test_two_fingers_zoom_around_what_lies_between_them(two_fingers, browser):
    browser.size(390, 844)
    open_map(browser, f"&q={QUERY}")
    box = frame(browser)
    middle = x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = number_position(browser)
    touch(browser, "touchStart", (x - 40, y))
    touch(browser, "touchStart", (x - 40, y), (x + 40, y))
    touch(browser, "touchMove", (x - 60, y), (x + 60, y))
    touch(browser, "touchMove", (x - 80, y), (x + 80, y))
    touch(browser, "touchEnd", (x + 80, y))
    touch(browser, "touchMove", (x + 20, y + 90))  # the finger that is left drags nothing
    touch(browser, "touchEnd")
    browser.wait("new URLSearchParams(location.search).get('on.zoom')")
    wanted = [m + 2 * (p - m) for m, p in zip(middle, before, strict=True)]
    assert number_position(browser) == pytest.approx(wanted, abs=2)
    touch(browser, "touchStart", (x, y))
    touch(browser, "touchMove", (x + 30, y + 20))
    touch(browser, "touchEnd")  # one finger moves the map as before
    wanted = [wanted[0] + 30, wanted[1] + 20]
    browser.wait("document.querySelector('.map-card').hidden")
    assert number_position(browser) == pytest.approx(wanted, abs=2)


def test_a_new_search_stays_on_the_map(browser):
    open_map(browser, "", "room")
    browser.find("#query textarea").send_keys("green walls", Keys.ENTER)
    browser.wait("document.querySelector('.over-number')")
    assert fields(browser) == {"q": "green walls", "show": "map", "on.level": "room"}


def test_a_new_search_keeps_the_descriptions_that_were_shown(browser):
    open_map(browser)
    browser.tick("Descriptions")
    browser.wait("new URLSearchParams(location.search).has('on.texts')")
    browser.wait_page("map")
    browser.find("#query textarea").send_keys("green walls", Keys.ENTER)
    browser.wait("document.querySelector('.over-number')")
    kept = {"show": "map", "on.level": "museum", "on.texts": "yes"}
    assert fields(browser) == {"q": "green walls", **kept}


def test_hostile_words_stay_words(browser):
    open_map(browser, f"&q={HOSTILE.replace('=', '%3D')}&on.museum=museum-00003&on.within=%3Cb%3E")
    assert HOSTILE in browser.find(".map-title h1").text
    assert HOSTILE_TITLE in browser.find(".map-focus").text
    assert not browser.all(".map b b") and browser.script("return window.hit") is None


def test_what_an_address_gets_wrong_is_left_out_or_said(browser):
    open_map(browser, "&on.color=<x>&on.zoom=1,2;x&on.lasso=9&on.value=nothing&on.museum=gone")
    assert colored_by(browser) == "Theme"
    assert "collection lacks" in browser.find(".page.map .notice").text
    assert not browser.script(f"return {SELECTED}")


def test_the_colours_follow_the_theme(browser):
    open_map(browser, "&on.color=theme&__theme=light")
    light = browser.script("return document.querySelector('.map-frame canvas').toDataURL()")
    assert painted(browser, "--hue-1")
    browser.script("document.body.classList.toggle('dark')")
    browser.wait(f"document.querySelector('.map-frame canvas').toDataURL() !== {json.dumps(light)}")
    assert painted(browser, "--hue-1")


@pytest.mark.parametrize("width", [1280, 390])
def test_no_serious_accessibility_violation(browser, width):
    browser.size(width, 900)
    lasso_around = "&on.lasso=-40,-40;40,-40;40,40;-40,40"
    open_map(browser, f"&q={QUERY}&on.color=theme{lasso_around}", "room")
    assert browser.script("return document.documentElement.scrollWidth") <= width
    small = browser.script(
        "return [...document.querySelectorAll('.map :is(button, .wrap-inner, a, fieldset label)')]"
        ".filter(e => e.offsetParent).map(e => [e.className, e.getBoundingClientRect()])"
        ".filter(([_, r]) => r.width < 24 || r.height < 24).map(([name]) => name)"
    )
    assert small == []
    assert browser.grave_violations_of_both_looks() == []


def test_without_webgl_all_points_are_drawn(stand_in, tmp_path):
    with opened(tmp_path, "--disable-3d-apis") as browser:
        browser.visit(stand_in)
        open_map(browser, f"&q={QUERY}&on.color=theme", "room")
        assert painted(browser, "--hue-0") and browser.all(".over-number")
        frame(browser)
        click_at(browser, number_position(browser))
        browser.wait_page("museum")
        assert browser.console_errors() == []


def test_a_sample_says_what_it_is_and_its_points_lead_to_its_museums(chromium):
    searcher = FakeSearcher()
    with serving(Warmup(lambda: searcher, None, sampled_maps)) as url:
        for browser in watched(chromium, url, (1280, 1000)):
            open_map(browser, f"&q={QUERY}&top=1")
            assert "a sample of 12 of 40 museums" in browser.find(".map-title").text
            assert browser.grave_violations_of_both_looks() == []
            frame(browser)
            click_at(browser, number_position(browser))
            browser.wait_page("museum")
            assert int(fields(browser)["museum"].removeprefix("museum-")) % 2 == 1
            assert browser.console_errors() == []


def test_a_collection_without_maps_says_which_command_makes_one(chromium):
    with serving(Warmup(FakeSearcher)) as url:
        chromium.visit(url)
        chromium.open("?show=map", "map")
        assert "python -m hicalm map" in chromium.find(".panel").text
