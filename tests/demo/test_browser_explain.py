"""The explanation and the comparison in a real Chromium, at a desk's and a phone's width."""

import re
from itertools import pairwise
from urllib.parse import urlencode

import pytest

HOW = "How its score adds up"
QUERY = "a first room with portraits, then a room of horses"
HOSTILE = '<img src=x onerror="window.hit=1"> ${window.hit=2} {{7*7}} red walls'
ROOM_ON_SCREEN = "Number(document.querySelector('.room').dataset.room)"
SHOWN_VIEW = (
    "[...document.querySelectorAll('.compass button')]"
    ".findIndex(b => b.getAttribute('aria-pressed') === 'true')"
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_ranked(browser, rank: int, query: str = QUERY) -> list[str]:
    """Open the museum of a rank through its card's 'Why?'; return the ids of the results."""
    browser.open(f"?{urlencode({'q': query})}", "results")
    ids = [card.get_attribute("data-museum") for card in browser.all(".card")]
    browser.click(f".card[data-museum='{ids[rank - 1]}'] .more-about a")
    browser.wait_page("museum")
    return ids


def explain(browser, rank: int, query: str = QUERY) -> list[str]:
    """Open the museum of a rank, and the fold of its score; return the ids of the results."""
    ids = open_ranked(browser, rank, query)
    browser.open_fold(HOW)
    browser.wait("document.querySelector('.why .bars')?.checkVisibility()")
    browser.wait_page("museum")
    return ids


def value_of(browser, group: int) -> list[float]:
    """Return the numbers at the bars of a group: parts, rooms or the score."""
    shown = browser.all(f".why .group:nth-child({group}) .value")
    return [number(element.text) for element in shown]


def cells(browser, page: str) -> list[list[str]]:
    """Return what stands in the first table of a page, row by row, once it is drawn."""
    grid = f"document.querySelector('{page} [role=grid]')"
    rows = f"[...({grid}?.querySelectorAll('[role=row]') ?? [])]"
    texts = f"{rows}.map(row => [...row.querySelectorAll('[role=gridcell]')].map(c => c.innerText))"
    return browser.wait(f"(found => found.length > 2 && found)({texts}.filter(row => row.length))")


def number(text: str) -> float:
    return float(text.replace("\u2212", "-"))


def test_the_bars_add_up_to_the_score_on_screen(sized):
    explain(sized, 2)
    (score,) = value_of(sized, 3)
    for group in (1, 2):
        values = value_of(sized, group)
        assert sum(values) == pytest.approx(score, abs=0.0006 * len(values))
        ends = sized.script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".map(end => end.getBoundingClientRect().x)",
            f".why .group:nth-child({group}) .track .end",
        )
        for (before, after), value in zip(pairwise(ends), values[1:], strict=True):
            assert (after - before) * value >= -1e-6  # to the right where it adds
        goal = sized.script("return document.querySelector('.why .goal').getBoundingClientRect().x")
        assert ends[-1] == pytest.approx(goal, abs=1.5)


def test_a_room_of_the_bars_opens_that_room_and_the_fold_stays_open(sized):
    ids = explain(sized, 1)
    links = sized.all(".why .bars a")
    shown = sized.script(f"return {ROOM_ON_SCREEN}")
    room = (shown + 1) % len(links)
    sized.click(f".why .group:nth-child(2) li:nth-child({room + 1}) a")
    sized.wait(f"{ROOM_ON_SCREEN} === {room}")
    sized.wait("document.querySelector('.room').getBoundingClientRect().top < innerHeight * 0.7")
    sized.wait_page("museum")
    assert sized.find(".why .bars").is_displayed()
    sized.driver.back()
    sized.wait_page("results")
    sized.click(f".card[data-museum='{ids[1]}'] h2 a")
    sized.wait_page("museum")
    assert not any(one.is_displayed() for one in sized.all(".why .bars"))


def test_a_view_that_carried_the_most_opens_at_that_view(sized):
    explain(sized, 1)
    link = sized.all(".carried li a")[1]
    room, view = (int(part) for part in link.get_attribute("data-key").split("-")[1:])
    sized.script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", link)
    sized.wait(f"new URLSearchParams(location.search).get('view') === '{view + 1}'")
    sized.wait(f"{ROOM_ON_SCREEN} === {room} && {SHOWN_VIEW} === {view}")
    sized.driver.refresh()
    sized.wait_page("museum")
    sized.wait(f"{ROOM_ON_SCREEN} === {room} && {SHOWN_VIEW} === {view}")


def test_the_phrases_carry_numbers_and_the_tables_have_all_of_them(sized):
    explain(sized, 1)
    (score,) = value_of(sized, 3)
    tokens = [token.text.strip() for token in sized.all(".phrases .textfield > span")]
    parts = [number(text) for text in tokens if text.startswith(("+", "\u2212", "0"))]
    assert len(parts) == 2 and sum(parts) == pytest.approx(score, abs=0.0006 * 3)
    rooms = value_of(sized, 2)
    table = cells(sized, ".why")
    assert [len(row) for row in table] == [4] * len(rooms)  # two paragraphs of the query
    assert [number(row[-1]) for row in table] == pytest.approx(rooms)


def test_why_not_first_leads_to_the_comparison_and_back(sized):
    ids = explain(sized, 3)
    gap = number(sized.find(".carried .above b").text)
    sized.click("[data-key=compare]")
    sized.wait_page("compare")
    assert sized.wait("new URLSearchParams(location.search).get('against')") == ids[1]
    sized.open_fold("In numbers")
    score = next(row for row in cells(sized, ".page.compare") if row[0] == "Score")
    assert abs(number(score[-1])) == pytest.approx(gap, abs=0.0011)
    sized.driver.back()
    sized.wait_page("museum")
    assert sized.find(".room").get_attribute("data-museum") == ids[2]


def test_compare_swap_and_choose_another_museum(sized):
    ids = open_ranked(sized, 2)
    sized.driver.back()
    sized.wait_page("results")
    sized.click(f"[data-key='compare-{ids[1]}']")
    sized.wait_page("compare")
    whole, *shown = (number(e.text.split()[-1]) for e in sized.all(".difference b"))
    rooms = len(sized.all(".pair:has(.picture)"))
    for part in (shown[:-rooms], shown[-rooms:]):
        assert sum(part) == pytest.approx(whole, abs=0.0051 * (len(part) + 1))
    sized.open_fold("In numbers")
    rows = cells(sized, ".page.compare")
    before = next(number(row[-1]) for row in rows if row[0] == "Score")
    differences = [number(row[-1]) for row in rows if re.match(r"Rooms? \d", row[0])]
    assert sum(differences) == pytest.approx(before, abs=0.0006 * (len(differences) + 1))
    sized.click("[data-key=swap]")
    sized.wait(f"new URLSearchParams(location.search).get('museum') === '{ids[0]}'")
    sized.wait_page("compare")
    rows = cells(sized, ".page.compare")
    assert next(number(row[-1]) for row in rows if row[0] == "Score") == pytest.approx(-before)
    sized.choose("B", "5. ")
    sized.wait(f"new URLSearchParams(location.search).get('against') === '{ids[4]}'")
    sized.wait_page("compare")
    sized.driver.refresh()
    sized.wait_page("compare")
    sized.click(".bars .group:first-child li:last-child a")
    sized.wait_page("museum")
    assert sized.find(".room").get_attribute("data-museum") == ids[4]


def test_hostile_words_are_shown_and_not_run(sized):
    explain(sized, 2, HOSTILE)
    assert "${window.hit=2}" in sized.find(".phrases").text
    sized.click("[data-key=compare]")
    sized.wait_page("compare")
    assert "onerror" in sized.find(".page.compare .meta").text
    assert sized.script("return window.hit === undefined")


def test_no_serious_accessibility_violation(sized):
    first, second = open_ranked(sized, 2)[:2]
    for address, page in (
        (f"?q={QUERY}&museum={second}", "museum"),
        (f"?q={QUERY}&museum={second}&against={first}", "compare"),
    ):
        sized.open(address, page)
        sized.open_fold(HOW if page == "museum" else "In numbers")
        sized.wait_page(page)
        cells(sized, ".page.why" if page == "museum" else ".page.compare")
        assert sized.grave_violations_of_both_looks() == []
