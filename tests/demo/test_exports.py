"""Exported files: tables that add up, JSON of the same numbers, and a report that needs nothing."""

import asyncio
import errno
import io
import json
import re
import threading
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import gradio as gr
import pandas as pd
import pytest
from PIL import Image

from demo import text, turns
from demo.address import Address
from demo.exports import FORMATS, make_file
from demo.layout import build_layout
from demo.workspace import EXPLAINED_AT_ONCE
from hicalm.errors import HicalmError
from tests.demo.explained import make_explanation
from tests.demo.fake_metrics import write_metrics
from tests.demo.fake_stages import RERANKED
from tests.demo.fakes import HOSTILE_TITLE

SEARCH = "?q=a+red+room+then+horses&top=5"
HOSTILE = "</title><script>alert(1)</script> ${alert(2)} \" ' red walls"
FILTERED = "&filter.theme=modern+forms"  # the museum with the hostile title is one of these


@pytest.fixture
def made(workspace):
    """Make the file of an address."""
    return lambda kind, search: make_file(workspace, kind, search)[1]


def read_csv(content: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content.encode(FORMATS["csv"])))


def test_a_table_adds_up_to_the_scores(workspace):
    name, content = make_file(workspace, "csv", SEARCH)
    assert name == "hicalm-a-red-room-then-horses.csv"
    table = read_csv(content)
    matches = workspace.find(Address(query="a red room then horses", top=5)).matches
    for rank, match in enumerate(matches, start=1):
        own = table[table["rank"] == rank]
        assert set(own.museum_id) == {match.museum_id}
        total = own.score.iloc[0] - own.baseline.iloc[0]
        assert total + own.baseline.iloc[0] == pytest.approx(match.score)
        for kind in ("room", "view", "query part"):
            assert own[own.kind == kind].contribution.sum() == pytest.approx(total)
        levels = own[own.kind == "level"].set_index("level").contribution
        assert levels.to_dict() == pytest.approx(match.levels)
        rooms = own[own.kind == "room"].set_index("room_counted_from_1").contribution
        views = own[own.kind == "view"].groupby("room_counted_from_1").contribution.sum()
        assert views.to_dict() == pytest.approx(rooms.to_dict())
    assert len(own[own.kind == "view"]) == sum(len(room.views) for room in match.rooms)


def test_json_is_the_search_with_every_explanation(made, workspace):
    found = json.loads(made("json", SEARCH))
    assert {"stages", "filters", "models", "version", "date"} < set(found)
    address = Address(query="a red room then horses", top=5)
    expected = workspace.find(address).to_json()
    assert found["query"] == expected["query"] and len(found["results"]) == 5
    for rank, (result, own) in enumerate(
        zip(found["results"], expected["results"], strict=True), start=1
    ):
        assert result["rank"] == rank and own.items() <= result.items()
        explanation = workspace.explain(address, own["museum_id"]).to_json()
        assert result["explanation"] == json.loads(json.dumps(explanation))


@pytest.mark.parametrize("stages", ["rank", "rank,rerank"])
def test_exports_say_what_repeats_them_and_are_the_same_again(made, stages):
    search = f"{SEARCH}&stages={stages}&filter.theme=gardens"
    about = json.loads(made("json", search))
    assert about["stages"] == stages.split(",") and about["filters"] == {"theme": ["gardens"]}
    table = read_csv(made("csv", search))
    assert set(table.stages) == {stages} and set(table.date) == {about["date"]}
    assert json.loads(table.models[0]) == about["models"]
    assert json.loads(table.filters[0]) == about["filters"]
    report = made("html", search)
    for one in (about["date"], about["version"], about["models"]["encoder"], "theme (gardens)"):
        assert one in report
    for kind in ("csv", "json", "html"):
        once, again = (made(kind, search) for _ in range(2))
        assert once == again


def test_a_table_has_a_column_for_every_part_empty_where_it_was_not_read(made):
    everything = "?q=red+horses&top=24"
    assert "contribution_to_words" not in read_csv(made("csv", everything))
    table = read_csv(made("csv", f"{everything}&stages=rank,rerank"))
    rooms = table[table.kind == "room"]
    read = rooms["rank"] <= RERANKED
    assert rooms.contribution_to_words.notna().tolist() == read.tolist()
    parts = rooms[[name for name in table if name.startswith("contribution_")]].sum(axis=1)
    assert parts.tolist() == pytest.approx(rooms.contribution.tolist())
    levels = table[table.kind == "level"]
    assert set(levels[levels["rank"] == 1].level) == {"museum", "room", "view", "words"}
    assert levels.groupby("rank").contribution.sum().is_monotonic_decreasing


class Outside(HTMLParser):
    """Collects what a page would run or ask for."""

    def __init__(self, html: str):
        super().__init__()
        self.scripts, self.asked, self.pictures = 0, [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script" or any(name.startswith("on") for name, _ in attrs)
        sources = [value for name, value in attrs if name in ("src", "href", "srcset")]
        self.asked += [source for source in sources if not source.startswith("data:")]
        self.pictures += tag == "img"


def test_a_report_holds_everything_and_escapes_what_was_typed(workspace):
    name, html = make_file(workspace, "html", f"?q={quote(HOSTILE)}&top=40{FILTERED}")
    page = Outside(html)
    assert (page.scripts, page.asked) == (0, [])
    assert page.pictures == 3 * len(re.findall("<article>", html)) > 0
    assert HOSTILE_TITLE not in html and "&lt;b&gt;Tags&lt;/b&gt;" in html
    assert re.fullmatch(r"[a-z0-9-]+\.html", name)


def test_a_report_of_a_picture_holds_the_picture(workspace):
    content = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 40, 90)).save(content, "PNG")
    searches = f"?image={workspace.uploads.add(content.getvalue())}", "?like=museum-00001/1/2"
    for search in searches:
        _, html = make_file(workspace, "html", f"{search}&top=2")
        assert Outside(html).pictures == 1 + 3 * 2
        assert 'alt="The picture searched by"' in html


def test_small_files_do_not_wait_for_large_ones(workspace, searcher, monkeypatch):
    """Four visitors want all museums each, a fifth one of them."""
    visitor, done, explain = threading.local(), [], searcher.explain
    began, gate = threading.Event(), threading.Event()

    def slowly(*asked):
        began.set(), gate.wait(10)
        time.sleep(0.005)
        return explain(*asked)

    def export(name: str, top: int) -> None:
        visitor.name = name
        make_file(workspace, "csv", f"?q=red+walls+{name}&top={top}")
        done.append(name)

    monkeypatch.setattr(turns, "visitor", lambda: visitor.name)
    monkeypatch.setattr(searcher, "explain", slowly)
    threads = [threading.Thread(target=export, args=(f"greedy {n}", 24)) for n in range(4)]
    for thread in threads:
        thread.start()
    assert began.wait(10)
    threads.append(threading.Thread(target=export, args=("modest", 1)))
    threads[-1].start()
    gate.set()
    for thread in threads:
        thread.join(30)
    assert done[0] == "modest" and len(done) == 5


def test_it_is_said_how_far_a_file_is(workspace):
    told = []
    make_file(workspace, "html", SEARCH, lambda *done: told.append(done))
    assert told == [(done, 5) for done in range(0, 5, EXPLAINED_AT_ONCE)]


@pytest.mark.parametrize(
    ("kind", "search", "sentence"),
    [
        ("exe", SEARCH, "choose one of csv, json, html"),
        ("csv", "", "nothing to export yet"),
        ("html", "?q=%3F%21", "no words"),
        ("html", "?show=metrics", "choose one of csv, json"),
        ("csv", "?show=metrics", "not there yet"),
        ("csv", "?like=museum-99999/1/1", "no museum"),
        ("csv", "?q=" + "x" * 30_000, "30,000 characters"),
    ],
)
def test_what_cannot_be_exported_gets_one_sentence(made, kind, search, sentence):
    with pytest.raises(HicalmError, match=sentence):
        made(kind, search)


def test_a_long_query_is_exported(made):
    search = "?q=" + quote("a room with red walls and horses. " * 300) + "&top=1"
    assert set(read_csv(made("csv", search))["rank"]) == {1}


def test_the_table_of_ranks_is_whole_and_in_the_order_on_screen(
    made, workspace, searcher, tmp_path
):
    searcher.checkpoint = write_metrics(searcher.collection, tmp_path)
    search = "?show=metrics&on.length=room"
    table = read_csv(made("csv", search))
    assert len(table) == sum(len(museum.rooms) for museum in searcher.collection.museums)
    assert table.rank_by_hicalm.is_monotonic_decreasing
    assert (table.rank_by_flat == table.rank_by_hicalm + 1).all()
    first = table.iloc[-1]
    room = searcher.collection.museum(first.museum_id).rooms[int(first.room_counted_from_1) - 1]
    assert first.text == " ".join(room.paragraph) and first.ranked_first == first.museum_id
    found = json.loads(made("json", search))
    assert [text["ranks"]["hicalm"] for text in found["texts"]] == table.rank_by_hicalm.tolist()
    assert found["texts"][-1]["room"] == int(first.room_counted_from_1) - 1


def test_a_report_gives_no_percentage_of_a_score_below_zero(workspace, searcher, monkeypatch):
    explanation = make_explanation([(-0.1, -0.2, -0.3)], [("red", -0.6, 0)])
    explanation = replace(explanation, museum_id=searcher.collection.museums[0].id)
    monkeypatch.setattr(searcher, "explain", lambda *_: explanation)
    _, html = make_file(workspace, "html", "?q=red&top=1")
    assert "Room 1, view 2<" in html


def test_a_file_is_made_on_a_click_under_its_own_name(workspace):
    blocks = build_layout(workspace)
    button = next(b for b in blocks.blocks.values() if b.elem_id == "results-csv")
    make = next(fn for fn in blocks.fns.values() if (button._id, "click") in fn.targets)
    file = asyncio.run(make.fn({"address": SEARCH}, lambda *_, **__: None)).value
    path = Path(file["path"] if isinstance(file, dict) else file)
    assert path.name == "hicalm-a-red-room-then-horses.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfrank,")
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    with pytest.raises(gr.Error, match="nothing to export yet"):
        asyncio.run(make.fn({"address": "?"}, lambda *_, **__: None))


def test_a_file_for_which_the_disk_has_no_room_is_one_sentence_and_leaves_nothing(
    workspace, tmp_path, monkeypatch
):
    def write(path: Path, content: bytes) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    blocks = build_layout(workspace)
    button = next(b for b in blocks.blocks.values() if b.elem_id == "results-csv")
    make = next(fn for fn in blocks.fns.values() if (button._id, "click") in fn.targets)
    for block in blocks.blocks.values():
        if isinstance(block, gr.DownloadButton):
            block.GRADIO_CACHE = str(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", write)
        with pytest.raises(gr.Error, match=text.DISK_FULL):
            asyncio.run(make.fn({"address": SEARCH}, lambda *_, **__: None))
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]
    asyncio.run(make.fn({"address": SEARCH}, lambda *_, **__: None))
    assert [one.suffix for one in tmp_path.rglob("*") if one.is_file()] == [".csv"]
