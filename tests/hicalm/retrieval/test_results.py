"""What a search answers, in JSON, and what is read off its museums."""

import json

import pytest

from hicalm.levels import WORDS
from hicalm.reading.query_plan import Phrase
from hicalm.retrieval.results import MuseumMatch, PartAnswer, Provenance, RoomMatch, SearchResult
from hicalm.retrieval.stages import StageReport

ANSWER = PartAnswer("horses", "phrase", (0, 2), 0.6, True, (3, 1))


def match(number: int, fit: float | None, **levels: float) -> MuseumMatch:
    rooms = (RoomMatch(0, 0.25, 1, (0.125, 0.5)),)
    return MuseumMatch(
        f"m-{number}",
        f"No. {number}",
        0.75,
        levels,
        rooms,
        0,
        1,
        fit,
        () if fit is None else (ANSWER,),
    )


def result(*matches: MuseumMatch, **changes: object) -> SearchResult:
    return SearchResult("horses", (("horses",),), matches, 0.1, **changes)  # type: ignore[arg-type]


def test_answers_in_json() -> None:
    assert ANSWER.to_json() == {
        "text": "horses",
        "op": "phrase",
        "rooms": [0, 2],
        "views": [3, 1],
        "probability": 0.6,
        "answered": True,
    }


def test_museums_in_json() -> None:
    assert match(1, 0.5, room=0.5, plan=0.25).to_json() == {
        "museum_id": "m-1",
        "title": "No. 1",
        "score": 0.75,
        "levels": {"room": 0.5, "plan": 0.25},
        "fit": 0.5,
        "rooms": [{"index": 0, "similarity": 0.25}],
        "answers": [ANSWER.to_json()],
    }
    assert match(2, None, room=0.75).to_json()["fit"] is None


def test_results_in_json() -> None:
    ranked = result(
        match(1, 0.5, room=0.5),
        match(2, 0.25, room=0.5),
        stages=(StageReport("rank", 0.1, 2, 2, ("m-1", "m-2")),),
        provenance=Provenance(
            "World", {"split": ["test"]}, {"encoder": "e 1"}, "1.0", "2026-01-01", ("No HOSA.",)
        ),
        plan=Phrase(text="horses"),
        notes=("Not read.",),
        corrected={"hroses": "horses"},
        presence=0.75,
        found=True,
    )
    answer = ranked.to_json()
    assert json.loads(json.dumps(answer)) == {
        "query": "horses",
        "corrected": {"hroses": "horses"},
        "plan": {"op": "phrase", "text": "horses"},
        "fit": 0.5,
        "presence": 0.75,
        "found": True,
        "stages": ["rank"],
        "collection": "World",
        "filters": {"split": ["test"]},
        "models": {"encoder": "e 1"},
        "version": "1.0",
        "date": "2026-01-01",
        "notes": ["Not read.", "No HOSA."],
        "results": [
            {"rank": 1, **match(1, 0.5, room=0.5).to_json()},
            {"rank": 2, **match(2, 0.25, room=0.5).to_json()},
        ],
    }


def test_a_picture_has_neither_plan_nor_fit() -> None:
    answer = result(match(1, None, room=0.75)).to_json()
    assert [answer[name] for name in ("plan", "fit", "presence", "found")] == [None] * 4


@pytest.mark.parametrize(
    ("fits", "best"), [((), None), ((None, None), None), ((0.25, 0.5), 0.5), ((0.0,), 0.0)]
)
def test_the_fit_of_an_answer_is_its_best(fits: tuple[float | None, ...], best: float) -> None:
    found = result(*(match(number, fit, room=0.75) for number, fit in enumerate(fits)))
    assert found.fit == best


def test_those_whose_words_were_read_are_counted() -> None:
    found = result(match(1, 0.5, **{"room": 0.5, WORDS: 0.0}), match(2, 0.5, room=0.5))
    assert found.reranked == 1
