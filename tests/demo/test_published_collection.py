"""Published features in the app, without their encoder: searched by stored texts, no pictures."""

from collections.abc import Iterator

import pytest

from demo import text, views
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.search.searcher import Searcher
from tests.demo.browser import SIZES, Browser, serving, watched
from tests.demo.fake_maps import fake_maps
from tests.demo.fake_page import explained, open_page
from tests.hicalm.importers.published_museums import published_museums, published_run

STORED = "?q=A+Rembrandt+%27s+work0."
PAGES = {
    "home": "",
    "message": "?q=rembrandt",
    "results": STORED,
    "museum": f"{STORED}&museum=Museum1-2.unity",
    "map": f"{STORED}&show=map",
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    museums = published_museums(tmp_path_factory.mktemp("published"), 12)
    return Searcher.open(museums, published_run(museums))


@pytest.fixture(scope="module")
def published(opened: Searcher) -> ServedWorkspace:
    warmup = Warmup(lambda: opened, None, fake_maps).start()
    warmup.wait(10)
    return ServedWorkspace(warmup)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("", "home"),
        ("?q=rembrandt", "message"),
        ("?museum=nowhere", "message"),
        (STORED, "results"),
        (f"{STORED}&list=view", "results"),
        (f"{STORED}&museum=Museum1-2.unity", "museum"),
        (f"{STORED}&museum=Museum1-2.unity&against=Museum0-1.unity", "compare"),
        (f"{STORED}&show=methods", "methods"),
        (f"{STORED}&show=map", "map"),
        ("?show=metrics", "metrics"),
        ("?show=add", "add"),
        ("?q=Museum2-3", "results"),
        ("?like=Museum1-2.unity/2/3", "results"),
    ],
)
def test_no_page_says_what_is_true_of_the_built_in_world_alone(
    published: ServedWorkspace, address: str, page: str
) -> None:
    found = open_page(published, address)
    assert found["page"] == page and text.UNEXPECTED not in found["html"]
    told = found["html"] + views.colophon(found["museums"])
    for only_there in ("a program", "built-in", text.EXAMPLES[0].query):
        assert only_there not in told
    assert found["placeholder"] == text.FIND_TEXT


def test_other_words_lead_to_texts_that_have_them(published: ServedWorkspace) -> None:
    page = open_page(published, "?q=rembrandt+WORK1&show=map")
    assert "may be those of MobileCLIP-S1" in page["html"] and text.CHOOSE_TEXT in page["html"]
    assert "?q=A+Rembrandt+%27s+work1.&amp;show=map" in page["html"]  # the same page by a text
    assert "?q=Museum1-2%2C+room+2&amp;show=map" in page["html"]
    assert text.NO_TEXT in open_page(published, "?q=zebra")["html"]


def test_the_built_in_world_says_that_it_is_made_up(workspace: ServedWorkspace) -> None:
    assert "made by a program" in views.colophon(workspace.collection)
    assert "made by a program" not in views.colophon(None)
    assert open_page(workspace, "")["placeholder"] == text.DESCRIBE


def test_a_museum_without_pictures_has_its_views_in_numbers(published: ServedWorkspace) -> None:
    html = open_page(published, f"{STORED}&museum=Museum1-2.unity&room=1")["html"]
    assert "<img" not in html and text.NO_PICTURES in html
    assert "A Rembrandt &#39;s work0." in html
    assert html.count("More like view ") == 12 and "More like view 1, similarity " in html
    assert "contribution" in explained(published, f"{STORED}&museum=Museum1-2.unity")["html"]


def test_a_visitors_pictures_are_refused_with_the_reason(published: ServedWorkspace) -> None:
    assert "Words and pictures cannot be read here" in open_page(published, "?show=add")["html"]
    assert "show=add" not in open_page(published, "")["html"]


@pytest.fixture(scope="module")
def address(opened: Searcher) -> Iterator[str]:
    with serving(Warmup(lambda: opened, None, fake_maps)) as url:
        yield url


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Browser]:
    yield from watched(chromium, address, SIZES["desk"])


@pytest.mark.slow
def test_a_text_is_picked_by_a_few_of_its_words(page: Browser) -> None:
    page.open()
    page.wait("document.querySelector('#stage').textContent.includes('cannot be read here')")
    assert page.find("#query textarea").get_attribute("placeholder") == text.FIND_TEXT
    page.type("rembrandt wor")
    page.press("Search")
    page.wait_page("message")
    page.click('.examples a[data-key="A Rembrandt \'s work1."]')
    page.wait_page("results")
    page.driver.refresh()
    page.wait_page("results")
    assert page.find("#query textarea").get_attribute("value") == "A Rembrandt 's work1."
    assert len(page.all(".card")) == 12 and not page.all(".card img")
    page.click(".card h2 a")
    page.wait_page("museum")
    assert len(page.all(".compass a")) == 12
    page.open_fold("How its score adds up")
    page.wait("document.querySelector('.page.why, .why')?.textContent.includes('contribution')")
    page.click(".compass a")
    page.wait_page("results")
    for shown, where in PAGES.items():
        page.open(where, shown)
        for size in SIZES.values():
            page.size(*size)
            assert page.script("return document.documentElement.scrollWidth") <= size[0]
