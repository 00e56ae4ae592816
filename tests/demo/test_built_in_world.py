"""The built-in collection answers alike, whether a program, the command line or the API asks."""

import json
from pathlib import Path

import pytest

from demo.api import endpoints
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.search.searcher import Searcher
from tests.demo.conftest import CHECKPOINT, WORLD
from tests.hicalm.commands import run
from tests.hicalm.search.varied_queries import VARIED

TIMES = {"date"}  # of an answer: what differs from one to the next


@pytest.mark.slow
@pytest.mark.skipif(not (WORLD / "features").exists(), reason="the built-in world is not there")
def test_the_first_museums_are_the_same_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    searcher = Searcher.open(WORLD, CHECKPOINT)
    warmup = Warmup(lambda: searcher).start()
    warmup.wait(60)
    workspace = ServedWorkspace(warmup)
    queries = tmp_path / "queries.txt"
    queries.write_text("\n".join(VARIED), encoding="utf-8")
    assert run(monkeypatch, "search", "--queries", queries, "--json", "--top", 3) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for text, shown in zip(VARIED, printed, strict=True):
        found = json.loads(json.dumps(searcher.search(text, 3).to_json()))
        answered = json.loads(json.dumps(endpoints(workspace)["search"](text, 3)))
        assert all(one.pop("picture") for one in answered["results"])
        ids = [[one["museum_id"] for one in a["results"]] for a in (found, answered, shown)]
        assert ids[0] == ids[1] == ids[2]
        for other in (answered, shown):
            assert other.keys() == found.keys()
            for key in found.keys() - TIMES - {"results"}:
                assert other[key] == found[key], key
            for one, again in zip(found["results"], other["results"], strict=True):
                assert one["score"] == pytest.approx(again["score"], abs=1e-6)
                assert one["levels"].keys() == again["levels"].keys()
                assert [a["rooms"] for a in one["answers"]] == [
                    a["rooms"] for a in again["answers"]
                ]
