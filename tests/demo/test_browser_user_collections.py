"""End to end: museums of one's own are dropped on the page, sorted, read, searched and opened."""

import base64
import io

import pytest
from PIL import Image
from selenium.webdriver import ActionChains, Keys
from sklearn.datasets import load_sample_image

from demo import text
from tests.demo.collection_zip import museums_zip, picture, zipped

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DROP = """
const transfer = new DataTransfer();
for (const [name, content] of Object.entries(arguments[0])) {
  const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
  transfer.items.add(new File([bytes], name));
}
document.querySelector('.page.add .upload-container').dispatchEvent(
  new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: transfer}));
"""
ENCODED = 120  # seconds, at most, for an encoder that is loaded first
READY = "document.querySelector('[data-key=collection-open]')"
TABLE = (
    "[...document.querySelectorAll('.page.add [role=gridcell]')]"
    ".some(cell => cell.textContent.includes('%s'))"
)


def drop(browser, files: dict[str, bytes]) -> None:
    browser.open("?show=add", "add")
    browser.wait("document.querySelector('.page.add .upload-container')")
    browser.script(DROP, {name: base64.b64encode(one).decode() for name, one in files.items()})


def bring(browser, files: dict[str, bytes]) -> None:
    """Drop files and wait until their rooms are proposed."""
    drop(browser, files)
    browser.wait("location.search.includes('collection=')")
    browser.wait_page("add")


def write(browser, cell: str, words: str) -> None:
    """Write words into a cell of a table, in place of what is there."""
    browser.click(cell)
    actions = ActionChains(browser.driver).double_click(browser.find(cell)).pause(0.3)
    actions.key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL)
    actions.send_keys(words).send_keys(Keys.ENTER).perform()


def test_dropped_museums_are_sorted_read_searched_and_opened(sized, served):
    bring(sized, {"my_museums.zip": museums_zip()})
    sized.wait(TABLE % "Red room")
    assert "5 pictures in 3 rooms" in sized.find(".page.add").text
    assert sized.grave_violations() == []
    sized.driver.refresh()
    sized.wait_page("add")
    sized.click("#make-searchable")
    sized.wait(READY)
    assert "Ready: 2 museums, 3 rooms, 4 views" in sized.find(".page.add").text
    sized.wait(TABLE % "broken.jpg")
    assert sized.grave_violations() == []
    sized.click("[data-key=collection-open]")
    sized.wait_page("home")
    sized.find("#query textarea").send_keys("red paintings")
    sized.click("#query .submit-button")
    sized.wait_page("results")
    assert "my museums" in sized.find(".collection-line").text and len(sized.all(".card")) == 2
    assert not sized.all(".made-up")  # of what was dropped nothing is made up
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


def test_loose_pictures_are_rooms_that_are_changed_by_hand(browser):
    bring(
        browser,
        {"kitchen-1.jpg": picture(), "kitchen-2.jpg": picture("blue"), "notes.pdf": b"%PDF"},
    )
    browser.wait(TABLE % "kitchen-2.jpg")
    browser.wait(TABLE % "notes.pdf")
    write(browser, "[data-testid=cell-0-2]", "Hall <b>${1+1}</b>")
    browser.wait("document.querySelector('.page.add .status').textContent.includes('2 rooms')")
    browser.driver.refresh()  # what was changed is kept
    browser.wait_page("add")
    browser.wait(TABLE % "Hall <b>${1+1}</b>")
    browser.click("#make-searchable")
    browser.wait(READY)
    assert "1 museum, 2 rooms, 2 views" in browser.find(".page.add").text


def test_a_folder_keeps_its_folders(browser, tmp_path):
    for name in ("North/Hall/1.jpg", "North/Tower/1.jpg"):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(picture())
    browser.open("?show=add", "add")
    browser.wait("document.querySelector('.page.add input[webkitdirectory]')")
    browser.find(".page.add input[webkitdirectory]").send_keys(str(tmp_path / "mine"))
    browser.wait("location.search.includes('collection=')")
    browser.wait_page("add")
    browser.wait(TABLE % "North/Tower/1.jpg")
    assert browser.find(".page.add h1").text == "mine"
    assert "2 pictures in 2 rooms" in browser.find(".page.add").text


def test_a_sample_is_tried(browser):
    browser.open("?show=add", "add")
    browser.press("Try a sample")
    browser.wait("location.search.includes('collection=')")
    browser.wait_page("add")
    browser.wait(TABLE % "view 1.jpg")
    browser.click("#make-searchable")
    browser.wait(READY)
    assert "Ready: 3 museums, 9 rooms" in browser.find(".page.add").text


def test_the_page_to_add_museums_at_is_easy_to_use(sized):
    sized.open("?show=add", "add")
    assert sized.find(".pages [aria-current]").text in ("Your collections", "Yours")
    assert "photographs by an encoder of photographs" in sized.find(".page.add").text
    assert sized.grave_violations() == []


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"half.zip": museums_zip()[:-30]}, "damaged"),
        ({"notes.pdf": b"%PDF"}, "no picture"),
    ],
)
def test_what_cannot_be_museums_is_said(browser, files, sentence):
    drop(browser, files)
    browser.toast(sentence)
    assert browser.find(".page.add .upload-container").is_displayed()
    browser.wait_page("add")


def test_museums_are_deleted_by_a_button(browser):
    bring(browser, {"mine.zip": museums_zip()})
    link = browser.driver.current_url
    browser.click("#delete-collection")
    browser.wait("!location.search.includes('collection=')")
    browser.driver.get(link)
    browser.wait_page("gone")
    assert "no longer kept" in browser.find(".panel").text


def test_photographs_and_a_panorama_are_read_by_the_encoder_of_photographs(browser):
    files = {}
    for name, photograph, size in (
        ("Asia/temple.jpg", "china.jpg", (640, 427)),
        ("Garden/1.jpg", "flower.jpg", (640, 427)),
        ("Round/all round.jpg", "china.jpg", (1024, 512)),
    ):
        content = io.BytesIO()
        Image.fromarray(load_sample_image(photograph)).resize(size).save(content, "JPEG")
        files[name] = content.getvalue()
    bring(browser, {"photographs.zip": zipped(files)})
    browser.wait(TABLE % "all round.jpg")
    browser.click("#make-searchable")
    browser.wait(READY, ENCODED)
    said = browser.find(".page.add").text
    assert "3 museums, 3 rooms, 14 views" in said and text.ENCODER_CONSE in said
    browser.click("[data-key=collection-open]")
    browser.wait_page("home")
    browser.find("#query textarea").send_keys("a flower")
    browser.click("#query .submit-button")
    browser.wait_page("results")
    assert browser.find(".card h2").text == "Garden"
    browser.script("document.querySelector('.card[data-museum=round] h2 a').click()")
    browser.wait_page("museum")
    assert len(browser.all(".strip figure:not([aria-hidden])")) == 12  # of one picture, all round


def test_loose_photographs_lie_in_rooms_that_nobody_sorted(sized):
    files = {}
    for name in ("china.jpg", "flower.jpg"):
        whole = Image.fromarray(load_sample_image(name))
        for number in range(5):  # as if taken one after the other
            content = io.BytesIO()
            whole.crop((8 * number, 0, 500 + 8 * number, 375)).save(content, "JPEG")
            files[f"IMG_{len(files)}.jpg"] = content.getvalue()
    bring(sized, files)
    sized.wait(TABLE % "IMG_9.jpg")
    assert sized.ticked(text.DISCOVER_ROOMS)
    assert sized.grave_violations() == []
    sized.click("#make-searchable")
    sized.wait(READY, ENCODED)
    said = sized.find(".page.add").text
    assert "1 museum, 2 rooms, 10 views" in said
    assert "Rooms discovered by what the pictures have in common: 2." in said
    assert sized.grave_violations() == []
    sized.click("[data-key=collection-open]")
    sized.wait_page("home")
    sized.find("#query textarea").send_keys("a flower")
    sized.click("#query .submit-button")
    sized.wait_page("results")
    sized.click(".card h2 a")
    sized.wait_page("museum")
    page = sized.find(".page.museum").text
    assert "Discovered room 2" in page and "nobody said that they are a room" in page
    sized.wait("document.querySelector('.strip img').naturalWidth > 300")
    assert len(sized.all(".strip figure:not([aria-hidden])")) == 5
