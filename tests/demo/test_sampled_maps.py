"""The map of a sample of the museums: its points, what is found beside it, and what it says."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from demo.address import Address, parse_address
from demo.api import endpoints
from demo.listed import items_of
from demo.maps import describe_points, map_file, open_chart, points_file
from demo.user_collections import ServedWorkspace
from hicalm.maps.map import Maps
from tests.demo.fake_maps import sampled_maps
from tests.demo.fake_page import open_page, page_parts
from tests.demo.fakes import FakeSearcher

LEVELS = ["museum", "room", "view"]
ALL = "&on.lasso=-60,-60;60,-60;60,60;-60,60"


class ReadNoFurther(FakeSearcher):
    """Refuses to compare the items of all museums: nobody who looks at a sample waits for that."""

    def similarities(self, query: Any, level: str, museums: np.ndarray | None = None) -> np.ndarray:
        assert museums is not None
        return super().similarities(query, level, museums)


@pytest.fixture
def searcher() -> FakeSearcher:
    return ReadNoFurther(museums=24)


@pytest.fixture
def open_maps() -> Callable[[Any], Maps]:
    return sampled_maps


@pytest.fixture
def rows(workspace: ServedWorkspace) -> list[int]:
    """The museums of the sample: every second one."""
    return workspace.warmup.maps.sample.rows.tolist()


def part(workspace: ServedWorkspace, address: str, name: str) -> Any:
    return open_page(workspace, address)["shown"][getattr(page_parts().map, name)]


@pytest.mark.parametrize("level", LEVELS)
def test_a_query_colours_the_points_of_the_sample(workspace, rows, level):
    chart = open_chart(workspace, parse_address(f"?q=red+walls&show=map&on.level={level}"))
    searcher = workspace.warmup.searcher
    query = searcher.read("red walls")
    whole = FakeSearcher.similarities(searcher, query, level, np.arange(24))
    kept = np.isin(items_of(workspace.collection, level)[:, 0], rows)
    assert chart.values.tolist() == whole[kept].tolist()
    assert chart.points.tolist() == items_of(workspace.collection, level)[kept].tolist()
    shown = part(workspace, f"?q=red+walls&show=map&on.level={level}", "drawing")
    assert len(base64.b64decode(shown["shades"])) == kept.sum() == len(chart.map.xy)
    assert max(shown["ranked"]) < kept.sum()
    assert map_file(chart.maps, level).version in shown["source"]


def test_a_point_leads_to_its_museum_and_room(workspace, rows):
    address = "?q=red+walls&show=map&on.level=room"
    museum = workspace.collection.museums[rows[-1]]
    last = sum(len(workspace.collection.museums[row].rooms) for row in rows) - 1
    (found,) = describe_points(workspace, {"address": address, "points": [last]})
    assert found["open"] == f"?q=red+walls&museum={museum.id}&room={len(museum.rooms)}"
    assert parse_address(found["down"]).option("museum") == museum.id
    assert describe_points(workspace, {"address": address, "points": [last + 1]}) == []


def test_a_selection_is_of_museums_of_the_sample(workspace, rows):
    address = parse_address(f"?show=map&on.level=view{ALL}&on.within=red+walls")
    lines = b"".join(points_file(open_chart(workspace, address), "csv")).decode().splitlines()[1:]
    museums = workspace.collection.museums
    assert {line.split(",")[0] for line in lines} == {museums[row].id for row in rows}
    assert len(lines) == sum(room.views for row in rows for room in museums[row].rooms)


@pytest.mark.parametrize("level", LEVELS)
def test_the_page_says_that_it_shows_a_sample(workspace, level):
    page = open_page(workspace, f"?show=map&on.level={level}")
    assert "The map shows a sample of 12 of 24 museums</b>" in page["html"]
    points = len(workspace.warmup.maps.levels[level].xy)
    assert (f"with {points} {level}s;" in page["html"]) is (level != "museum")
    assert "not on the map" in part(workspace, f"?show=map&on.level={level}", "about")


@pytest.mark.parametrize("level", LEVELS)
def test_it_says_how_many_of_the_museums_found_are_on_the_map(workspace, rows, level):
    matches = workspace.find(Address(query="red walls")).matches
    placed = sum(workspace.collection.row(one.museum_id) in rows for one in matches)
    assert 1 < placed < len(matches) == 12
    best = part(workspace, f"?q=red+walls&show=map&on.level={level}", "best")
    said = f"Of the 12 museums found, {placed} are on the map, which shows a sample."
    assert said in best and f"The best 12 {level}s on the map <small>by similarity" in best


@pytest.mark.parametrize(
    ("top", "in_sample", "said"),
    [
        (1, 0, "The museum found is not on the map, which shows a sample."),
        (1, 1, ""),
        (3, 0, "None of the 3 museums found is on the map, which shows a sample."),
        (3, 1, "Of the 3 museums found, 1 is on the map, which shows a sample."),
        (3, 3, ""),
    ],
)
def test_it_says_so_in_one_sentence(workspace, monkeypatch, top, in_sample, said):
    matches = workspace.find(Address(query="red walls", top=top)).matches
    found = [workspace.collection.row(match.museum_id) for match in matches]
    shown = sorted({*range(24)} - {*found[in_sample:]})
    monkeypatch.setattr(workspace.warmup, "maps", sampled_maps(workspace.collection, shown))
    best = part(workspace, f"?q=red+walls&top={top}&show=map", "best")
    assert "The best 12 museums on the map" in best
    assert said in best if said else "which shows a sample" not in best


def test_a_museum_that_is_not_in_the_sample_is_said_to_be_not_on_the_map(workspace, rows):
    page = open_page(workspace, f"?show=map&on.level=room&on.museum=museum-{rows[0] - 1:05d}")
    assert "is not on the map, which shows a sample." in page["html"]
    assert "Ringed" not in page["html"] and "the collection lacks" not in page["html"]
    there = open_page(workspace, f"?show=map&on.level=room&on.museum=museum-{rows[0]:05d}")
    assert "Ringed" in there["html"] and "is not on the map" not in there["html"]
    count = len(workspace.collection.museums[rows[0]].rooms)
    assert there["shown"][page_parts().map.drawing]["focus"] == list(range(count))


def test_programs_get_the_points_of_the_sample_and_are_told_so(workspace, rows):
    answer = endpoints(workspace)["map_points"]("room", "red walls", count=5_000)
    assert (answer["museums"], answer["of_museums"]) == (len(rows), 24)
    assert len(answer["points"]) == answer["total"] == len(workspace.warmup.maps.levels["room"].xy)
    museums = workspace.collection.museums
    assert [(one["museum_id"], one["room"]) for one in answer["points"]] == [
        (museums[row].id, room) for row in rows for room in range(len(museums[row].rooms))
    ]
    assert all(one["similarity"] is not None for one in answer["points"])
