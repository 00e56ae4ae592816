"""End to end: museums of one's own are dropped on the page, read, searched and opened."""

import base64

import pytest

from tests.demo.collection_zip import museums_zip

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DROP = """
const bytes = Uint8Array.from(atob(arguments[0]), (char) => char.charCodeAt(0));
const transfer = new DataTransfer();
transfer.items.add(new File([bytes], arguments[1]));
document.querySelector('.drop-area').dispatchEvent(
  new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: transfer}));
"""


def drop(browser, content: bytes, name: str) -> None:
    browser.open("?show=add", "add")
    browser.script(DROP, base64.b64encode(content).decode(), name)


def test_dropped_museums_are_read_searched_and_opened(sized, served):
    drop(sized, museums_zip(), "my_museums.zip")
    sized.wait("document.querySelector('.user-collection.ready')")
    assert "Ready: 2 museums, 3 rooms, 4 views" in sized.find(".user-collection").text
    assert "broken.jpg" in sized.find(".left-out-lines").text
    assert sized.grave_violations() == []
    sized.click(".user-collection .primary")
    sized.wait_page("home")
    sized.find("#query textarea").send_keys("red paintings")
    sized.click("#query .submit-button")
    sized.wait_page("results")
    assert "my museums" in sized.find(".collection-line").text and len(sized.all(".card")) == 2
    assert not sized.find(".made-up").is_displayed()  # of what was dropped nothing is made up
    sized.wait("[...document.querySelectorAll('.card img')].every(i => i.naturalWidth === 480)")
    assert sized.grave_violations() == []
    sized.click(".card h2 a")
    sized.wait_page("museum")
    sized.wait("document.querySelector('.strip img').naturalWidth > 300")
    assert sized.grave_violations() == []
    sized.click(".collection-line a:last-child")
    sized.wait_page("results")
    assert len(sized.all(".card")) == 12 and not sized.all(".collection-line")
    assert sized.find(".made-up").is_displayed()


def test_the_page_to_add_museums_at_is_easy_to_use(sized):
    sized.open("?show=add", "add")
    assert sized.find(".pages [aria-current]").text in ("Your collections", "Yours")
    assert sized.grave_violations() == []
    drop(sized, b"GIF89a", "picture.gif")
    sized.wait("!document.querySelector('.notice').hidden")
    assert "no zip file" in sized.find(".notice").text


def test_a_broken_zip_file_ends_in_a_sentence(browser):
    drop(browser, museums_zip()[:-30], "half.zip")
    browser.wait("document.querySelector('.user-collection.failed')")
    assert "damaged" in browser.find(".user-collection-error").text
    assert browser.find(".drop-area").is_displayed()


def test_museums_are_deleted_by_a_button(browser):
    drop(browser, museums_zip(), "mine.zip")
    browser.wait("document.querySelector('.user-collection.ready')")
    link = browser.driver.current_url
    browser.click(".delete-collection")
    browser.wait("!document.querySelector('.user-collection')")
    browser.driver.get(link)
    browser.wait_page("gone")
    assert "no longer kept" in browser.find(".panel").text
