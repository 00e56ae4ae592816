"""The explanation and the comparison in a real Chromium, at a desk's and a phone's width."""

from itertools import pairwise
from urllib.parse import urlencode

import pytest

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


def number(text: str) -> float:
    return float(text.replace("\u2212", "-"))


def test_the_bars_add_up_to_the_score_on_screen(sized):
    open_ranked(sized, 2)
    score = number(sized.find(".sums.whole b").text)
    for kind in (".by-room", ".by-level"):
        values = [number(element.text) for element in sized.all(f"{kind} b")]
        assert sum(values) == pytest.approx(score, abs=0.0006 * len(values))
        ends = sized.script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".map(end => end.getBoundingClientRect().x)",
            f"{kind} .track .end",
        )
        for (before, after), value in zip(pairwise(ends), values[1:], strict=True):
            assert (after - before) * value >= -1e-6  # to the right where it adds
        goal = sized.script(
            "return document.querySelector('.whole .goal').getBoundingClientRect().x"
        )
        assert ends[-1] == pytest.approx(goal, abs=1.5)


def test_a_room_of_the_bars_opens_that_room(sized):
    open_ranked(sized, 1)
    other = sized.find(".by-room a:not([aria-current])")
    room = int(other.find_element("css selector", ".chip").text) - 1
    sized.click(".by-room a:not([aria-current])")
    sized.wait(f"{ROOM_ON_SCREEN} === {room}")
    sized.wait("document.querySelector('.room').getBoundingClientRect().top < innerHeight * 0.7")


def test_a_view_that_carried_the_most_opens_at_that_view(sized):
    open_ranked(sized, 1)
    link = sized.all(".carriers a")[1]
    room, view = (int(part) for part in link.get_attribute("data-key").split("-")[1:])
    sized.script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", link)
    sized.wait(f"new URLSearchParams(location.search).get('view') === '{view + 1}'")
    sized.wait(f"{ROOM_ON_SCREEN} === {room} && {SHOWN_VIEW} === {view}")
    sized.driver.refresh()
    sized.wait_page("museum")
    sized.wait(f"{ROOM_ON_SCREEN} === {room} && {SHOWN_VIEW} === {view}")


def test_the_words_carry_numbers_and_the_numbers_open(sized):
    open_ranked(sized, 1)
    score = number(sized.find(".sums.whole b").text)
    parts = [number(element.text) for element in sized.all(".words b")]
    assert sum(parts) == pytest.approx(score, abs=0.0006 * (len(parts) + 1))
    sized.click(".similarities summary")
    sized.wait("document.querySelector('.tables table').offsetHeight > 100")
    heads = [head.text for head in sized.all(".tables thead")[0].find_elements("tag name", "th")]
    assert len(heads) == 4  # the room, two paragraphs of the query, the contribution


def test_why_not_first_leads_to_the_comparison_and_back(sized):
    ids = open_ranked(sized, 3)
    gap = number(sized.find(".above > p > b").text) if sized.all(".above > p > b") else 0.0
    sized.click("[data-key=compare]")
    sized.wait_page("compare")
    assert sized.wait("new URLSearchParams(location.search).get('against')") == ids[1]
    assert abs(number(sized.find(".gap.whole b").text)) == pytest.approx(gap, abs=0.0011)
    sized.driver.back()
    sized.wait_page("museum")
    assert sized.find(".room").get_attribute("data-museum") == ids[2]


def test_compare_swap_and_choose_another_museum(sized):
    ids = open_ranked(sized, 2)
    sized.driver.back()
    sized.wait_page("results")
    sized.click(f"[data-key='compare-{ids[1]}']")
    sized.wait_page("compare")
    before = number(sized.find(".gap.whole b").text)
    differences = [number(element.text) for element in sized.all(".rows .pair .gap b")]
    assert sum(differences) == pytest.approx(before, abs=0.0006 * (len(differences) + 1))
    sized.click(".swap")
    sized.wait(f"new URLSearchParams(location.search).get('museum') === '{ids[0]}'")
    sized.wait_page("compare")
    assert number(sized.find(".gap.whole b").text) == pytest.approx(-before)
    sized.script(
        "const pick = document.querySelector('[name=against]'); pick.value = arguments[0];"
        "pick.dispatchEvent(new Event('change', {bubbles: true}))",
        ids[4],
    )
    sized.wait(f"new URLSearchParams(location.search).get('against') === '{ids[4]}'")
    sized.wait_page("compare")
    sized.click(".head.side-B h2 a")
    sized.wait_page("museum")
    assert sized.find(".room").get_attribute("data-museum") == ids[4]


def test_hostile_words_are_shown_and_not_run(sized):
    open_ranked(sized, 2, HOSTILE)
    sized.click("[data-key=compare]")
    sized.wait_page("compare")
    assert "onerror" in sized.find(".quoted").text
    assert sized.script("return window.hit === undefined")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_accessibility_violation(sized, theme):
    first, second = open_ranked(sized, 2)[:2]
    for address, page in (
        (f"?q={QUERY}&museum={second}", "museum"),
        (f"?q={QUERY}&museum={second}&against={first}", "compare"),
    ):
        sized.open(f"{address}&__theme={theme}", page)
        if page == "museum":
            sized.click(".similarities summary")
        assert sized.grave_violations() == []
