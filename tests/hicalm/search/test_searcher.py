"""Search from end to end on six museums, an untrained model and a fake encoder."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from hicalm import __version__
from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS
from hicalm.models.known_texts import KnownTexts
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.plan_tagger import tagger_hashes
from hicalm.reading.query_plan import Phrase, Then
from hicalm.search.searcher import MAX_RESULTS, Searcher
from tests.hicalm.collections import (
    FakeEncoder,
    encoded_world,
    in_discovered_rooms,
    levels_model,
    random_model,
)
from tests.hicalm.commands import run

PICTURE = np.full((12, 16, 3), (200, 40, 90), np.uint8)


@pytest.fixture(scope="module")
def world() -> Collection:
    return encoded_world()


@pytest.fixture(scope="module")
def searcher(world: Collection) -> Searcher:
    return Searcher(world, random_model(), FakeEncoder(), None, LevelWeights())


def test_all_museums_come_in_order_with_their_rooms(searcher: Searcher, world: Collection) -> None:
    result = searcher.search("a room of seascapes")
    assert {match.museum_id for match in result.matches} == {m.id for m in world.museums}
    scores = [match.score for match in result.matches]
    assert scores == sorted(scores, reverse=True)
    assert result.seconds > 0
    for match in result.matches:
        museum = world.museum(match.museum_id)
        assert match.title == museum.title
        assert [room.index for room in match.rooms] == list(range(len(museum.rooms)))
        assert [len(room.views) for room in match.rooms] == [room.views for room in museum.rooms]


def test_numbers_that_are_none_are_never_json(
    world: Collection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    model = random_model()
    model.vision.room_layer.bias.data[0] = float("nan")
    damaged = Searcher(world, model, FakeEncoder(), None, LevelWeights())
    monkeypatch.setattr(Searcher, "open", lambda *_: damaged)
    for command in (("search", "a room of seascapes"), ("explain", "a room", world.museums[0].id)):
        assert run(monkeypatch, *command, "--json") != 0
    said = capsys.readouterr()
    assert "NaN" not in said.out and "Traceback" not in said.err


def test_levels_add_up_and_similarities_are_cosines(searcher: Searcher) -> None:
    for match in searcher.search("horses. They run. A dim gallery").matches:
        assert sum(match.levels.values()) == pytest.approx(match.score, abs=1e-6)
        assert list(match.levels) == ["museum", "room", "view"]
        cosines = [value for room in match.rooms for value in (room.similarity, *room.views)]
        assert all(-1.00001 <= value <= 1.00001 for value in cosines)


@pytest.fixture(scope="module", params=["rooms known", "rooms discovered", "hubs taken off"])
def by_levels(world: Collection, request: pytest.FixtureRequest) -> Searcher:
    museums = in_discovered_rooms(world) if request.param == "rooms discovered" else world
    model = levels_model()
    if request.param == "hubs taken off":
        one, detail = np.eye(1, 16, dtype=np.float32), np.eye(1, 5, dtype=np.float32)
        counts = np.ones(1, int), np.ones(1, int)
        model.known_texts = KnownTexts(one, one, detail, *counts, np.ones(3, np.float32))
    weights = (0.5, 0.2, 0.3)
    levels = LevelWeights(weights, weights, weights)
    return Searcher(museums, model, FakeEncoder(), None, levels)


@pytest.mark.parametrize(
    "text",
    ["First a red room. It is of horses. Then a blue room of the sea. It is dim.", "red horses"],
)
def test_a_model_of_added_levels_is_explained_as_any(by_levels: Searcher, text: str) -> None:
    query = by_levels.read(text)
    match = by_levels.rank(query).matches[2]
    explained = by_levels.explain(query, match.museum_id)
    rooms = [room.index for room in match.rooms]
    assert rooms == list(range(len(by_levels.collection.museum(match.museum_id).rooms)))
    assert explained.score == pytest.approx(match.score, abs=1e-6)
    difference = explained.score - explained.baseline
    assert sum(r.contribution for r in explained.rooms) == pytest.approx(difference, abs=1e-6)
    for room in explained.rooms:
        views = sum(view.contribution for view in room.views)
        assert views == pytest.approx(room.contribution, abs=1e-6)


def test_a_model_of_added_levels_says_how_sure_an_answer_is(by_levels: Searcher) -> None:
    matches = by_levels.search("horses, then birds").matches
    fits = [match.fit for match in matches]
    assert all(0 <= fit <= 1 for fit in fits) and len(set(fits)) > 1
    for match in matches:
        assert [answer.text for answer in match.answers] == ["horses", "birds"]
        answering = [room for answer in match.answers for room in answer.rooms]
        assert answering and set(answering) <= {room.index for room in match.rooms}


def test_the_room_that_answers_first_is_shown_and_for_a_picture_the_most_similar_one(
    searcher: Searcher, world: Collection
) -> None:
    for match in searcher.search("horses, then birds").matches:
        first, second = match.answers
        assert (first.text, second.text) == ("horses", "birds")
        assert (match.best_room, match.best_view) == (first.rooms[0], first.views[0])
    for match in searcher.rank(searcher.read_view(world.museums[2].id, 0, 3)).matches:
        best = match.rooms[match.best_room]
        assert best.similarity == max(room.similarity for room in match.rooms)
        assert best.views[match.best_view] == max(best.views)


def test_the_room_level_is_the_best_room_of_one_paragraph(searcher: Searcher) -> None:
    weight = LevelWeights().phrase
    for match in searcher.search("horses").matches:
        rooms = max(room.similarity for room in match.rooms)
        views = max(value for room in match.rooms for value in room.views)
        assert match.levels["room"] == pytest.approx(weight[1] * rooms, abs=1e-6)
        assert match.levels["view"] == pytest.approx(weight[2] * views, abs=1e-6)


def test_the_query_is_understood_as_rooms(searcher: Searcher) -> None:
    result = searcher.search("  a first room with boats,\tthen a room of\x00birds ")
    assert result.query == "a first room with boats, then a room of birds"
    assert result.paragraphs == (("boats",), ("birds",))
    assert result.plan == Then((Phrase(text="boats"), Phrase(text="birds")), text=result.query)


def test_the_same_query_gets_the_same_answer(searcher: Searcher) -> None:
    first, again = searcher.search("boats"), searcher.search("boats")
    assert first.matches == again.matches


def test_permuting_the_collection_changes_nothing(searcher: Searcher, world: Collection) -> None:
    other = Searcher(
        world.select([3, 1, 5, 0, 2, 4]), random_model(), FakeEncoder(), None, LevelWeights()
    )
    for a, b in zip(searcher.search("boats").matches, other.search("boats").matches, strict=True):
        assert (a.museum_id, a.best_room, a.best_view) == (b.museum_id, b.best_room, b.best_view)
        assert a.score == pytest.approx(b.score, abs=1e-5)


def test_the_number_of_results_is_bounded(searcher: Searcher) -> None:
    assert len(searcher.search("boats", top=2).matches) == 2
    assert len(searcher.search("boats", top=MAX_RESULTS).matches) == 6
    for top in (0, -1, MAX_RESULTS + 1):
        with pytest.raises(HicalmError, match="Ask for 1 to 10,000 results"):
            searcher.search("boats", top=top)


def test_filters_keep_what_they_name(searcher: Searcher, world: Collection) -> None:
    counts = {museum.id: len(museum.rooms) for museum in world.museums}
    fewest = min(counts.values())
    found = searcher.search("boats", filters={"rooms": (fewest, fewest)}).matches
    assert {match.museum_id for match in found} == {i for i, n in counts.items() if n == fewest}
    theme = world.museums[0].attributes["theme"]
    for wanted in ([theme], theme):
        found = searcher.search("boats", filters={"theme": wanted, "split": ["test"]}).matches
        expected = {m.id for m in world.museums if m.attributes["theme"] == theme}
        assert {match.museum_id for match in found} == expected
    assert len(searcher.search("boats", filters={"theme": [], "rooms": None}).matches) == 6


@pytest.mark.parametrize(
    "filters", [{"rooms": (90, 99)}, {"theme": ["no such theme"]}, {"no such thing": ["a"]}]
)
def test_filters_that_leave_nothing_say_so(searcher: Searcher, filters: dict) -> None:
    with pytest.raises(HicalmError, match="No museum passes all filters"):
        searcher.search("boats", filters=filters)


@pytest.mark.parametrize("query", ["", "?!", "x" * 50_000])
def test_bad_queries_are_refused(searcher: Searcher, query: str) -> None:
    with pytest.raises(HicalmError, match="query"):
        searcher.search(query)


@pytest.mark.parametrize(
    "query",
    ["<img src=x onerror=alert(1)>", "${HOME} `id`", "有海景画的房间", "بحر", "\x1b[2Jboats"],
)
def test_odd_queries_are_searched(searcher: Searcher, query: str) -> None:
    assert len(searcher.search(query).matches) == 6


def test_every_room_is_its_own_counterpart(searcher: Searcher, world: Collection) -> None:
    museum = world.museums[1]
    counterparts = searcher.align_rooms(museum.id, museum.id)
    assert counterparts == tuple((room, room) for room in range(len(museum.rooms)))
    with pytest.raises(HicalmError, match="nowhere"):
        searcher.align_rooms(museum.id, "nowhere")


def test_a_view_finds_itself_best_at_view_level(searcher: Searcher, world: Collection) -> None:
    for museum in world.museums:
        matches = searcher.rank(searcher.read_view(museum.id, 1, 7)).matches
        match = max(matches, key=lambda match: match.levels["view"])
        assert match.museum_id == museum.id
        assert max(match.rooms[1].views) == pytest.approx(1, abs=1e-5)
        assert match.rooms[1].best_view == 7
        assert match.levels["museum"] == 0


@pytest.mark.parametrize(
    ("museum", "room", "view"),
    [(None, 0, 0), (0, 99, 0), (0, -1, 0), (0, 0, 12), (0, 0, -1)],
)
def test_unknown_views_are_refused(
    searcher: Searcher, world: Collection, museum: int | None, room: int, view: int
) -> None:
    name = "nowhere" if museum is None else world.museums[museum].id
    with pytest.raises(HicalmError, match=r"no museum 'nowhere'|has no view"):
        searcher.read_view(name, room, view)


def test_a_picture_is_searched(searcher: Searcher) -> None:
    result = searcher.rank(searcher.read_picture(PICTURE), top=3)
    assert (result.query, result.paragraphs, len(result.matches)) == ("", (), 3)
    for match in result.matches:
        assert sum(match.levels.values()) == pytest.approx(match.score, abs=1e-6)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (PICTURE / 255, "RGB image of 8 bits"),
        (PICTURE[..., 0], "RGB image of 8 bits"),
        (np.zeros((9, 9, 4), np.uint8), "RGB image of 8 bits"),
        (None, "RGB image of 8 bits"),
        (PICTURE[:7], "16 x 7 pixels; it needs at least 8 x 8"),
        (np.zeros((0, 9, 3), np.uint8), "9 x 0 pixels"),
    ],
)
def test_what_is_no_picture_is_refused(
    searcher: Searcher, image: np.ndarray | None, reason: str
) -> None:
    with pytest.raises(HicalmError, match=reason):
        searcher.read_picture(image)


def test_the_json_form_is_exact(searcher: Searcher) -> None:
    result = searcher.search("boats", top=2)
    answer = json.loads(json.dumps(result.to_json()))
    assert answer["stages"] == ["rank"] and answer["filters"] == {}
    assert answer["models"] == {"encoder": "fake f00d"} | tagger_hashes()
    assert answer["version"] == __version__ and answer["notes"] == [searcher.rerank_note]
    assert datetime.fromisoformat(answer["date"]).utcoffset() == timedelta(0)
    assert answer["plan"] == {"op": "phrase", "text": "boats"} and answer["corrected"] == {}
    assert answer["fit"] == max(m.fit for m in result.matches) and answer["found"] == result.found
    assert answer["presence"] == result.presence
    first, match = answer["results"][0], result.matches[0]
    assert first == {
        "rank": 1,
        "museum_id": match.museum_id,
        "title": match.title,
        "score": match.score,
        "levels": match.levels,
        "fit": match.fit,
        "answers": [answer.to_json() for answer in match.answers],
        "rooms": [{"index": r.index, "similarity": r.similarity} for r in match.rooms],
    }


def test_another_encoder_is_refused(world: Collection) -> None:
    other = FakeEncoder("other", "beef")
    with pytest.raises(HicalmError, match=r"fake \(f00d\), but other \(beef\) is in use"):
        Searcher(world, random_model(), other, None, LevelWeights())


def test_a_model_of_another_encoder_is_refused(world: Collection) -> None:
    Searcher(world, random_model(encoder="fake f00d"), FakeEncoder(), None, LevelWeights())
    with pytest.raises(HicalmError, match="reads features of the encoder other beef"):
        Searcher(world, random_model(encoder="other beef"), FakeEncoder(), None, LevelWeights())


def test_a_model_with_an_art_expert_needs_its_features(world: Collection) -> None:
    with pytest.raises(HicalmError, match="no art features"):
        Searcher(world, random_model(art_dim=4), FakeEncoder(), None, LevelWeights())


def test_an_unknown_picture_source_is_refused(world: Collection) -> None:
    strange = replace(world, pictures={"source": "clouds"})
    with pytest.raises(HicalmError, match="Unknown picture source 'clouds'"):
        Searcher(strange, random_model(), FakeEncoder(), None, LevelWeights())


def test_another_collection_is_searched_by_the_same_models(
    searcher: Searcher, world: Collection
) -> None:
    other = searcher.over(world.select([4, 1]))
    assert other.model is searcher.model and other.encoder is searcher.encoder
    found = {match.museum_id: match.score for match in searcher.search("a red room", 100).matches}
    matches = other.search("a red room", 100).matches
    assert {match.museum_id for match in matches} == {world.museums[row].id for row in (4, 1)}
    for match in matches:
        assert match.score == pytest.approx(found[match.museum_id], abs=1e-5)


def test_similarities_of_some_museums_are_theirs_in_their_order(searcher: Searcher) -> None:
    query = searcher.read("Boats. Birds on the wing. A dim gallery.")
    museums = np.array([4, 1])
    own = searcher.collection.select(museums.tolist())
    for level in LEVELS:
        found = searcher.similarities(query, level, museums)
        assert found == pytest.approx(searcher.over(own).similarities(query, level), abs=1e-6)


def test_similarities_are_the_same_in_blocks(searcher: Searcher, monkeypatch) -> None:
    query = searcher.read("Boats. Birds on the wing. A dim gallery.")
    whole = {level: searcher.similarities(query, level) for level in LEVELS}
    monkeypatch.setattr("hicalm.retrieval.scoring.BLOCK", 2)
    for level, expected in whole.items():
        found = searcher.similarities(query, level)
        assert found.dtype == np.float32 and found == pytest.approx(expected, abs=1e-6)
    assert len(whole["view"]) == searcher.collection.view_counts.sum()
