"""The plan as a part of the score: it adds up, whichever way the rooms are read, and says why.

A world whose rooms are read attribute by attribute, by networks that were never taught, and the
same museums with other pictures, whose rooms are read by cosines.
"""

import gc
import logging
import weakref
from pathlib import Path

import numpy as np
import pytest

from hicalm.explain.explanation import Explanation
from hicalm.files import hash_files
from hicalm.levels import LEVELS, PLAN
from hicalm.matching.fit_calibration import FIT_FILE, unlabelled
from hicalm.matching.share_networks import CONFIG_FILE, WEIGHTS_FILE
from hicalm.models.score_weights import LevelWeights
from hicalm.reading.query_plan import Rooms, walk
from hicalm.search.plan_ranking import ANSWERED, MATCH, knowledge, phrase_count
from hicalm.search.searcher import Searcher
from tests.hicalm.anchored import (
    CALIBRATION,
    MENTIONED,
    NOT_MENTIONED,
    anchored_searcher,
    anchored_world,
    save_anchored,
)

CLOSE = 1e-4  # of a score; the largest error of additivity that is allowed
SHARE = LevelWeights().plan
# Each with an operator that its plan holds.
QUERIES = {
    "cubist horses": "phrase",
    "horses, then birds": "then",
    "a museum with horses and no cubist rooms anywhere": "not",
    "at least two rooms of horses": "count",
    "horses and birds in the same room": "and",
    "portraits but no cubist ones": "not",
    "horses in a museum with at most eight rooms": "rooms",
    "a first room of horses, then a room of birds but no cubist ones, and no red rooms": "then",
}
NOT_ONLY = "a museum without horses"


def searcher_of(folder: Path, source: str) -> Searcher:
    return anchored_searcher(anchored_world(museums=3, source=source), save_anchored(folder))


@pytest.fixture(scope="module")
def by_attributes(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return searcher_of(tmp_path_factory.mktemp("world"), "world")


@pytest.fixture(scope="module")
def by_cosines(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return searcher_of(tmp_path_factory.mktemp("others"), "none")


@pytest.fixture(params=["attributes", "cosines"])
def searcher(request: pytest.FixtureRequest) -> Searcher:
    return request.getfixturevalue(f"by_{request.param}")


def assert_adds_up(explanation: Explanation) -> None:
    difference = explanation.score - explanation.baseline
    assert sum(explanation.levels.values()) == pytest.approx(explanation.score, abs=CLOSE)
    assert sum(r.contribution for r in explanation.rooms) == pytest.approx(difference, abs=CLOSE)
    parts = sum(part.contribution for part in explanation.query_parts)
    assert parts == pytest.approx(difference, abs=CLOSE)
    for level, value in explanation.levels.items():
        rooms = sum(room.levels[level] for room in explanation.rooms)
        baseline = explanation.baseline if level == PLAN else 0
        assert rooms + baseline == pytest.approx(value, abs=CLOSE)
    for room in explanation.rooms:
        assert sum(room.levels.values()) == pytest.approx(room.contribution, abs=CLOSE)
        views = sum(view.contribution for view in room.views)
        assert views == pytest.approx(room.contribution, abs=CLOSE)


@pytest.mark.parametrize("text", [*QUERIES, NOT_ONLY])
def test_every_museum_is_explained_to_the_last_digit(searcher: Searcher, text: str) -> None:
    query = searcher.read(text)
    assert {node.op for node in walk(query.plan)} >= {QUERIES.get(text, "not")}
    matches = searcher.rank(query, 100).matches
    assert matches
    for match in matches:
        explanation = searcher.explain(query, match.museum_id)
        assert explanation.score == pytest.approx(match.score, abs=CLOSE)
        assert explanation.levels == pytest.approx(match.levels, abs=CLOSE)
        assert_adds_up(explanation)
        everything = np.ones((1, sum(len(room.views) for room in explanation.rooms)), bool)
        game = searcher.game(query, match.museum_id)
        assert game.values(everything) == pytest.approx([match.score], abs=CLOSE)
        assert game.values(~everything) == pytest.approx([explanation.baseline], abs=CLOSE)


def test_a_museum_that_a_limit_leaves_out_is_explained_too(by_attributes: Searcher) -> None:
    sizes = sorted({len(museum.rooms) for museum in by_attributes.collection.museums})
    query = by_attributes.read(f"horses in a museum with at most {sizes[0]} rooms")
    found = {match.museum_id for match in by_attributes.rank(query).matches}
    others = [one for one in by_attributes.collection.museums if one.id not in found]
    assert found and others
    for museum in others:
        explanation = by_attributes.explain(query, museum.id)
        assert explanation.levels[PLAN] == explanation.baseline == 0
        assert_adds_up(explanation)


@pytest.mark.parametrize("text", QUERIES)
def test_the_levels_have_what_the_plan_leaves_where_attributes_are_read(
    by_attributes: Searcher, text: str
) -> None:
    query = by_attributes.read(text)
    assert query.plan_weight == SHARE
    assert query.weights == pytest.approx((1 - SHARE) * np.array(LevelWeights().phrase))
    values = by_attributes.plan_values(query)
    assert ((values >= 0) & (values <= 1)).all()
    for match in by_attributes.rank(query).matches:
        assert list(match.levels) == [*LEVELS, PLAN]
        value = values[by_attributes.collection.row(match.museum_id)]
        assert match.levels[PLAN] == pytest.approx(SHARE * value, abs=1e-9)


def test_museums_are_worth_more_and_less(searcher: Searcher) -> None:
    for text in ("cubist horses", "horses, then birds", NOT_ONLY):
        values = searcher.plan_values(searcher.read(text))
        assert len(set(values.tolist())) == len(values)


def test_a_phrase_has_its_levels_alone_where_none_are_read(by_cosines: Searcher) -> None:
    query = by_cosines.read("cubist horses")
    assert query.plan_weight == 0 and query.weights == pytest.approx(LevelWeights().phrase)
    for match in by_cosines.rank(query).matches:
        assert list(match.levels) == list(LEVELS)
        assert match.fit is not None and len(match.answers) == 1
    parts = by_cosines.read("horses, then birds")
    assert parts.plan_weight == SHARE
    assert all(PLAN in match.levels for match in by_cosines.rank(parts).matches)


def test_what_is_only_unwanted_is_worth_its_whole_weight_in_an_empty_museum(
    searcher: Searcher,
) -> None:
    query = searcher.read(NOT_ONLY)
    assert query.weights.tolist() == [0, 0, 0] and query.plan_weight == SHARE
    for match in searcher.rank(query).matches:
        explanation = searcher.explain(query, match.museum_id)
        assert explanation.baseline == pytest.approx(SHARE)
        assert [explanation.levels[level] for level in LEVELS] == [0, 0, 0]
        # A room can only take away from it.
        assert all(room.contribution <= 1e-9 for room in explanation.rooms)
        assert [part.contribution for part in explanation.query_parts] == pytest.approx(
            [explanation.score - SHARE], abs=CLOSE
        )


def test_limits_alone_are_worth_the_same_in_every_museum_within(searcher: Searcher) -> None:
    size = len(searcher.collection.museums[0].rooms)
    query = searcher.read(f"exactly {size} rooms")
    assert query.plan == Rooms(size, size, text=query.text)
    assert query.weights.tolist() == [0, 0, 0] and query.sentences == (query.text,)
    assert not query.phrases.vectors and not query.phrases.known
    matches = searcher.rank(query).matches
    assert matches and all(len(match.rooms) == size for match in matches)
    for match in matches:
        assert match.levels == {**dict.fromkeys(LEVELS, 0), PLAN: SHARE}
        assert [(answer.op, answer.rooms) for answer in match.answers] == [("rooms", ())]
        explanation = searcher.explain(query, match.museum_id)
        assert explanation.score == explanation.baseline == pytest.approx(SHARE)
        assert_adds_up(explanation)
        assert {part.contribution for part in explanation.query_parts} == {0}


def test_what_is_unwanted_beside_something_wanted_counts_as_a_whole(searcher: Searcher) -> None:
    query = searcher.read("red horses, then birds, and no cubist portraits anywhere")
    assert [len(paragraph) for paragraph in query.paragraphs] == [1, 1]
    explanation = searcher.explain(query, searcher.collection.museums[0].id)
    *wanted, unwanted = explanation.query_parts
    assert [part.text for part in wanted] == ["red", "horses", "birds"]
    assert [part.paragraph for part in wanted] == [0, 0, 1]
    assert (unwanted.text, unwanted.paragraph) == ("cubist portraits", 2)
    assert explanation.baseline == 0


def test_pictures_and_descriptions_have_no_such_part(searcher: Searcher) -> None:
    description = searcher.read("Horses run. They are blue. A dim gallery, nearly dark.")
    picture = searcher.read_view(searcher.collection.museums[0].id, 0, 0)
    for query in (description, picture):
        assert query.plan_weight == 0
        for match in searcher.rank(query).matches:
            assert list(match.levels) == list(LEVELS)
            assert searcher.explain(query, match.museum_id).baseline == 0
    assert picture.plan is None and not searcher.plan_values(picture).any()
    match = searcher.rank(picture).matches[0]
    assert match.fit is None and match.answers == ()
    assert searcher.rank(picture).found is None


def test_answers_name_rooms_and_the_views_that_show_them(searcher: Searcher) -> None:
    query = searcher.read("horses, then birds, and no cubist rooms anywhere")
    for match in searcher.rank(query).matches:
        assert [answer.op for answer in match.answers] == ["phrase", "phrase", "not"]
        first, second, unwanted = match.answers
        assert first.rooms[0] < second.rooms[0] and len(unwanted.rooms) == 1
        assert (match.best_room, match.best_view) == (first.rooms[0], first.views[0])
        row = searcher.collection.row(match.museum_id)
        for answer, text in zip(match.answers, ("horses", "birds", "a cubist room"), strict=True):
            assert answer.answered == (answer.probability >= ANSWERED)
            vector, index = query.phrases.vectors[text], searcher._index
            room = index.rooms_of(row).start + answer.rooms[0]
            assert answer.views == (int((index.view[index.views_of(room)] @ vector).argmax()),)


def test_fits_are_calibrated_by_what_the_query_names(by_attributes: Searcher) -> None:
    known, unknown = (by_attributes.read(text) for text in ("horses", "dinosaurs"))
    assert knowledge(known) == pytest.approx(MENTIONED)
    assert knowledge(unknown) == pytest.approx(NOT_MENTIONED)
    for query in (known, unknown):
        known_by, count = knowledge(query), phrase_count(query)
        best = by_attributes.best_presence(query)
        presence = CALIBRATION.presence(best, known_by, count)
        expected = CALIBRATION.fit(by_attributes.plan_values(query), known_by, count, presence)
        matches = by_attributes.rank(query).matches
        rows = [by_attributes.collection.row(match.museum_id) for match in matches]
        assert [match.fit for match in matches] == pytest.approx(expected[rows].tolist())
        assert by_attributes.plan_values(query).max() <= best <= 1
        result = by_attributes.rank(query)
        assert result.presence == pytest.approx(presence)
        found = result.presence >= CALIBRATION.found_from
        assert result.found == found == (query is known)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("horses, then dinosaurs", NOT_MENTIONED),  # the least known of what is wanted
        ("horses, then birds", MENTIONED),
        ("horses, and no dinosaurs anywhere", MENTIONED),
        ("a museum without horses", MENTIONED),
        ("a museum without dinosaurs", NOT_MENTIONED),
        ("exactly six rooms", 1.0),
    ],
)
def test_the_least_known_phrase_that_is_wanted_counts(
    by_attributes: Searcher, text: str, known: float
) -> None:
    assert knowledge(by_attributes.read(text)) == pytest.approx(known)


def test_without_attributes_everything_counts_as_known(by_cosines: Searcher) -> None:
    query = by_cosines.read("dinosaurs")
    assert knowledge(query) == 1
    matches = by_cosines.rank(query).matches
    values = by_cosines.plan_values(query)
    rows = [by_cosines.collection.row(match.museum_id) for match in matches]
    assert [match.fit for match in matches] == pytest.approx(
        unlabelled().fit(values, 1, 1, 1.0)[rows].tolist()
    )


def test_nothing_is_kept_of_a_query_that_is_gone(searcher: Searcher) -> None:
    query = searcher.read("horses, then birds")
    searcher.rank(query)
    gone = weakref.ref(query)
    del query
    gc.collect()
    assert gone() is None


def test_networks_are_named_by_their_content(by_attributes: Searcher, by_cosines: Searcher) -> None:
    folder = by_attributes.checkpoint.parent / MATCH
    content = hash_files([folder / name for name in (CONFIG_FILE, WEIGHTS_FILE, FIT_FILE)])
    assert by_attributes.search("horses").provenance.models[MATCH] == content
    assert MATCH not in by_cosines.search("horses").provenance.models


@pytest.mark.parametrize("missing", ["match", f"match/{CONFIG_FILE}"])
def test_without_networks_rooms_are_read_by_cosines(tmp_path: Path, missing: str) -> None:
    checkpoint = save_anchored(tmp_path)
    path = tmp_path / missing
    path.rename(tmp_path / "elsewhere")
    searcher = anchored_searcher(anchored_world(museums=2), checkpoint)
    assert searcher.read("horses").plan_weight == 0 and searcher.search("horses").matches
    assert MATCH not in searcher.search("horses").provenance.models


def test_networks_for_another_encoder_are_not_used(tmp_path: Path) -> None:
    checkpoint = save_anchored(tmp_path)
    config = tmp_path / MATCH / CONFIG_FILE
    config.write_text(config.read_text().replace("anchors f00d", "anchors beef"))
    searcher = anchored_searcher(anchored_world(museums=2), checkpoint)
    assert searcher.read("horses").plan_weight == 0


@pytest.mark.parametrize("file", [WEIGHTS_FILE, CONFIG_FILE, FIT_FILE])
def test_damaged_networks_are_left_out_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, file: str
) -> None:
    checkpoint = save_anchored(tmp_path)
    path = tmp_path / MATCH / file
    path.write_bytes(path.read_bytes()[:20])
    with caplog.at_level(logging.WARNING):
        searcher = anchored_searcher(anchored_world(museums=2), checkpoint)
    assert caplog.text.count("left out: ") == 1 and MATCH in caplog.text
    assert searcher.read("horses").plan_weight == 0 and searcher.search("horses").matches


def test_without_a_calibration_a_fit_is_the_value(tmp_path: Path) -> None:
    checkpoint = save_anchored(tmp_path)
    (tmp_path / MATCH / FIT_FILE).unlink()
    searcher = anchored_searcher(anchored_world(museums=2), checkpoint)
    query = searcher.read("horses")
    values = np.clip(searcher.plan_values(query), 1e-4, 1 - 1e-4)
    fits = {match.museum_id: match.fit for match in searcher.rank(query).matches}
    for museum, value in zip(searcher.collection.museums, values, strict=True):
        assert fits[museum.id] == pytest.approx(value, abs=1e-3)
