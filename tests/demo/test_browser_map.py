"""The map page in a real Chromium: every way of looking at it, choosing on it and leaving it."""

import json
from collections.abc import Iterator
from itertools import combinations
from math import dist
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from demo.warmup import Warmup
from tests.demo.browser import Browser, opened, serving, watched
from tests.demo.fakes import HOSTILE_TITLE, FakeSearcher

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUERY = "red walls"
MAP_LINK = '.pages a[href*="show=map"]'
HOSTILE = "<b>red</b> ${window.hit=1}"
DRAWN = "document.querySelector('.map-page')?.dataset.drawn"
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
        "return [...document.querySelectorAll('.over-result-number')]"
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
    left, top = box["x"] + 30, box["y"] + 30
    right, bottom = box["x"] + box["width"] - 80, box["y"] + box["height"] - 30
    drag(browser, [(left, top), (right, top), (right, bottom), (left, bottom), (left, top + 9)])
    browser.wait("!document.querySelector('.map-selection').hidden")
    return int(browser.find(".map-count").text.split()[0].replace(",", ""))


def points_of(browser: Browser, number: int) -> int:
    code = f"return document.querySelector('.map-plot').data[{number}].x.length"
    return browser.script(code)


def drawn_points(browser: Browser) -> int:
    code = "return document.querySelector('.map-plot').data.reduce((n, t) => n + t.x.length, 0)"
    return browser.script(code)


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
def test_a_deep_link_draws_a_level_with_the_query_and_its_results(browser, level):
    open_map(browser, f"&q={QUERY}", level)
    assert drawn_points(browser) == browser.script(
        "return Number(document.querySelector('.map-title .meta').textContent"
        ".split(' ')[0].replace(',', ''))"
    )
    assert len(browser.all(".over-result-number")) == 12
    assert len(browser.all('[data-list="results"] li')) == 12
    assert len(browser.all(".over-star")) == 1
    assert browser.find(".over-label").get_attribute("textContent") == "approximate position"
    assert browser.find(".map-color").get_attribute("value") == "similarity"
    low, high = (browser.find(f".map-{end}").text.replace("\u2212", "-") for end in ("low", "high"))
    assert float(low) < float(high)


def test_a_search_by_a_view_is_placed_too(browser):
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
    first = browser.find("[data-list=results] b").text
    assert browser.find(".map-tip-name").text == first
    browser.find(".map-card [data-down]").click()
    browser.wait("new URLSearchParams(location.search).get('on.level') === 'room'")
    browser.wait_page("map")
    browser.wait(DRAWN)
    assert first in browser.find(".map-focus").text
    rings = len(browser.all(".over-focus"))
    assert 5 <= rings <= 8
    browser.click(".map-focus .button")
    browser.wait("!document.querySelector('.map-focus')")
    browser.driver.back()
    browser.wait("document.querySelector('.map-focus')")


def test_colours_change_without_a_reload_and_the_legend_picks_one(browser):
    open_map(browser, f"&q={QUERY}", "room")
    browser.script("window.still = document.querySelector('.map-plot canvas')")
    everything = drawn_points(browser)
    browser.find(".map-color").find_element(By.CSS_SELECTOR, "[value=theme]").click()
    browser.wait("document.querySelectorAll('.map-values button').length === 4")
    button = browser.find(".map-values button")
    count = int(button.find_element(By.TAG_NAME, "small").text)
    button.click()
    browser.wait("document.querySelector('.map-values [aria-pressed=true]')")
    assert points_of(browser, 0) == everything - count  # those that stand back
    assert browser.script("return window.still.isConnected")
    assert fields(browser)["on.color"] == "theme" and fields(browser)["on.value"]
    browser.driver.refresh()
    browser.wait(DRAWN)
    assert points_of(browser, 0) == everything - count
    browser.find(".map-color").find_element(By.CSS_SELECTOR, "[value=rooms]").click()
    browser.wait("!document.querySelector('.map-scale').hidden")
    assert (browser.find(".map-low").text, browser.find(".map-high").text) == ("5", "8")


def test_values_without_a_colour_of_their_own_share_an_entry_of_the_legend(browser):
    open_map(browser, "&on.color=decade", "room")
    everything, shared = drawn_points(browser), points_of(browser, 1)
    assert len(browser.all(".map-values button")) == 11
    others = browser.all(".map-values button")[-1]
    assert others.text.split() == ["others", str(shared)]
    others.click()
    browser.wait("document.querySelectorAll('.map-values button').length === 14")
    assert (points_of(browser, 0), points_of(browser, 1)) == (everything - shared, shared)
    browser.driver.refresh()
    browser.wait(DRAWN)
    assert points_of(browser, 1) == shared
    browser.all(".map-values button")[-1].click()
    browser.wait("document.querySelector('.map-values li:last-child [aria-pressed=true]')")
    assert 0 < points_of(browser, 1) < shared
    browser.click(".map-values [aria-pressed=true]")
    browser.wait("document.querySelectorAll('.map-values button').length === 11")
    assert browser.script("return document.activeElement.textContent").startswith("others")


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
    browser.find("#map-words").send_keys("green walls", Keys.ENTER)
    browser.wait("document.querySelector('.map-count').textContent.includes('green walls')")
    values = [float(e.text) for e in browser.all('[data-list="selection"] em')]
    assert values == sorted(values, reverse=True)
    assert fields(browser)["on.within"] == "green walls"
    first = browser.find('[data-list="selection"] b').text
    browser.driver.refresh()
    browser.wait(DRAWN)
    browser.wait("document.querySelector('.map-count').textContent.includes('green walls')")
    assert browser.find('[data-list="selection"] b').text == first
    assert int(browser.find(".map-count").text.split()[0]) == count
    browser.click('[data-list="selection"] a')
    browser.wait_page("museum")
    browser.driver.back()
    browser.wait_page("map")
    browser.wait(DRAWN)
    browser.click("[data-clear]")
    browser.wait("document.querySelector('.map-selection').hidden")
    assert "on.lasso" not in fields(browser) and "on.within" not in fields(browser)


def test_a_box_selects_and_the_export_holds_the_points(browser):
    open_map(browser, f"&q={QUERY}")
    browser.script(
        "window.files = []; const old = URL.createObjectURL;"
        "URL.createObjectURL = blob => { blob.text().then(t => window.files.push(t));"
        " return old.call(URL, blob); };"
        "HTMLAnchorElement.prototype.click = function () { window.named = this.download; };"
    )
    browser.click("button[data-mode=box]")
    box = frame(browser)
    corner = (box["x"] + box["width"] - 70, box["y"] + box["height"] - 20)
    drag(browser, [(box["x"] + 20, box["y"] + 20), (box["x"] + 90, box["y"] + 90), corner])
    browser.wait("!document.querySelector('.map-selection').hidden")
    browser.click("[data-export=json]")
    browser.wait("window.files.length === 1")
    records = json.loads(browser.script("return window.files[0]"))
    assert len(records) == int(browser.find(".map-count").text.split()[0]) > 10
    keys = {"museum_id", "museum", "room", "view", "x", "y", "similarity", "theme", "rooms"}
    assert keys <= set(records[0])
    assert HOSTILE_TITLE in [one["museum"] for one in records]
    browser.click("[data-export=csv]")
    browser.wait("window.files.length === 2")
    lines = browser.script("return window.files[1]").strip().split("\r\n")
    assert len(lines) == len(records) + 1 and lines[0].startswith("museum_id,museum,")
    assert browser.script("return window.named") == "hicalm-museums.csv"


def test_zooming_in_shows_rooms_and_then_views_around_museums(browser):
    open_map(browser)
    for _ in range(40):
        if browser.all(".over-view"):
            break
        browser.find("[data-zoom=in]").click()
    rooms = len(browser.all(".over-room"))
    assert rooms >= 5 and len(browser.all(".over-view")) >= 7 * 5
    assert "Each room has its views" in browser.find(".map-said").text
    browser.wait("new URLSearchParams(location.search).get('on.zoom')")
    frame(browser)
    position = browser.script(
        "const b = [...document.querySelectorAll('.over-view')].map(c => c.getBoundingClientRect())"
        ".find(b => b.x > 350 && b.x < 750 && b.y > 200 && b.y < 700);"
        " return b && [b.x + b.width / 2, b.y + b.height / 2]"
    )
    if position is None:
        pytest.skip("no view in the middle of the map")
    mouse(browser, "mouseMoved", tuple(position))
    browser.wait(CARD)
    assert browser.find(".map-tip-where").text.startswith("View ")
    click_at(browser, tuple(position))
    browser.wait_page("museum")
    assert {"museum", "room", "view"} <= set(fields(browser))


def test_zoom_descriptions_and_colour_come_back_with_the_link(browser):
    open_map(browser, "&on.color=theme")
    browser.find(".map-texts").click()
    browser.wait("document.querySelectorAll('.over-text').length === 40")
    browser.find("[data-zoom=in]").click()
    browser.wait("new URLSearchParams(location.search).get('on.zoom')")
    link = browser.driver.current_url
    ranges = "return document.querySelector('.map-plot').layout.xaxis.range"
    before = browser.script(ranges)
    browser.driver.get(link)
    browser.wait(DRAWN)
    assert browser.script(ranges) == pytest.approx(before, abs=0.2)
    assert browser.find(".map-texts").is_selected() and browser.all(".over-text")
    browser.click("[data-turn=room]")
    browser.wait_page("map")
    browser.wait("document.querySelector('.map-page').dataset.level === 'room'")
    browser.wait(DRAWN)
    assert fields(browser)["on.color"] == "theme" and "on.zoom" not in fields(browser)
    browser.driver.back()
    browser.wait("document.querySelector('.map-page').dataset.level === 'museum'")
    assert "on.zoom" in fields(browser)


def test_the_keyboard_moves_the_map_and_the_lists_name_what_is_in_sight(browser):
    open_map(browser)
    area = browser.find(".map-frame")
    area.send_keys("+", "+", Keys.ARROW_LEFT)
    browser.wait("new URLSearchParams(location.search).get('on.zoom')")
    seen = int(browser.find(".map-said").text.split()[0])
    assert 0 <= seen < 40
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
    browser.wait("document.querySelector('.over-star')")
    assert fields(browser) == {"q": "green walls", "show": "map", "on.level": "room"}


def test_a_new_search_keeps_the_descriptions_that_were_shown(browser):
    open_map(browser)
    browser.find(".map-texts").click()
    browser.wait("new URLSearchParams(location.search).has('on.texts')")
    browser.find("#query textarea").send_keys("green walls", Keys.ENTER)
    browser.wait("document.querySelector('.over-star')")
    kept = {"show": "map", "on.level": "museum", "on.texts": "yes"}
    assert fields(browser) == {"q": "green walls", **kept}


def test_hostile_words_stay_words(browser):
    open_map(browser, f"&q={HOSTILE.replace('=', '%3D')}&on.museum=museum-00003&on.within=%3Cb%3E")
    assert HOSTILE in browser.find(".map-title h1").text
    assert HOSTILE_TITLE in browser.find(".map-focus").text
    assert not browser.all(".map-page b b") and browser.script("return window.hit") is None


def test_what_an_address_gets_wrong_is_left_out_or_said(browser):
    open_map(browser, "&on.color=<x>&on.zoom=1,2;x&on.lasso=9&on.value=nothing&on.museum=gone")
    assert browser.find(".map-color").get_attribute("value") == "theme"
    assert "collection lacks" in browser.find(".inline-notice").text
    assert browser.script("return document.querySelector('.map-selection').hidden")


def test_the_colours_follow_the_theme(browser):
    open_map(browser, "&on.color=theme&__theme=light")
    colour = "return document.querySelector('.map-plot').data[2].marker.color"
    light = browser.script(colour)
    browser.script("document.body.classList.toggle('dark')")
    browser.wait(f"(() => {{ {colour} }})() !== {json.dumps(light)}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_serious_accessibility_violation(browser, width, theme):
    browser.size(width, 900)
    lasso_around = "&on.lasso=-40,-40;40,-40;40,40;-40,40"
    open_map(browser, f"&q={QUERY}&on.color=theme{lasso_around}&__theme={theme}", "room")
    assert browser.script("return document.documentElement.scrollWidth") <= width
    small = browser.script(
        "return [...document.querySelectorAll('.map-page :is(button, select, a)')]"
        ".filter(e => e.offsetParent).map(e => [e.className, e.getBoundingClientRect()])"
        ".filter(([_, r]) => r.width < 24 || r.height < 24).map(([name]) => name)"
    )
    assert small == []
    assert browser.grave_violations() == []


def test_without_webgl_points_are_drawn_by_other_means(stand_in, tmp_path):
    with opened(tmp_path, "--disable-3d-apis") as browser:
        browser.visit(stand_in)
        open_map(browser, f"&q={QUERY}", "room")
        assert browser.script("return document.querySelector('.map-plot').data[1].type") == (
            "scatter"
        )
        assert browser.all(".map-plot path.point") and browser.all(".over-star")
        browser.script("document.querySelector('.map-frame').scrollIntoView({block: 'center'})")
        click_at(browser, number_position(browser))
        browser.wait_page("museum")
        assert browser.console_errors() == []


def test_a_collection_without_maps_says_which_command_makes_one(chromium):
    with serving(Warmup(FakeSearcher)) as url:
        chromium.visit(url)
        chromium.open("?show=map", "map")
        assert "python -m hicalm map" in chromium.find(".panel").text
