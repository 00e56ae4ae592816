"""The stages of a search: what each lets through, in which order, and what it reports."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from hicalm.data.collection import Collection
from hicalm.errors import HicalmError
from hicalm.hosa.hosa_checkpoints import save_hosa
from hicalm.hosa.model import HosaConfig, HosaModel
from hicalm.hosa.rerank import MAX_SENTENCES
from hicalm.levels import PLAN, WORDS
from hicalm.models.checkpoints import content_hash, load_model
from hicalm.models.score_weights import LevelWeights
from hicalm.retrieval.stages import RANK, RERANK, SHORTLIST, STAGES
from hicalm.search.pipeline import Ranked
from hicalm.search.searcher import Searcher
from tests.hicalm.collections import DIM, FakeEncoder, encoded_world
from tests.hicalm.stages import save_stages


@pytest.fixture(scope="module")
def world() -> Collection:
    return encoded_world()


def _searcher(world: Collection, checkpoint: Path) -> Searcher:
    return Searcher(world, load_model(checkpoint), FakeEncoder(), None, LevelWeights(), checkpoint)


@pytest.fixture(scope="module")
def searcher(world: Collection, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return _searcher(world, save_stages(tmp_path_factory.mktemp("checkpoints")))


def test_stages_are_those_whose_models_fit(
    world: Collection, searcher: Searcher, tmp_path: Path
) -> None:
    assert searcher.stages == STAGES
    assert searcher.default_stages == (RANK, RERANK)
    unaided = Searcher(world, searcher.model, FakeEncoder(), None, LevelWeights())
    assert unaided.stages == unaided.default_stages == (RANK,)
    off = _searcher(world, save_stages(tmp_path, rerank=False))
    assert off.stages == STAGES and off.default_stages == (RANK,)


def test_a_shortlist_of_another_checkpoint_is_left_out(world: Collection, tmp_path: Path) -> None:
    checkpoint = save_stages(tmp_path)
    config = checkpoint / "model.safetensors"
    searcher = _searcher(world, checkpoint)
    assert SHORTLIST in searcher.stages
    torch_model = load_model(checkpoint)
    with config.open("r+b") as file:  # one weight differs: another model
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    other = Searcher(world, torch_model, FakeEncoder(), None, LevelWeights(), checkpoint)
    assert other.stages == (RANK, RERANK)


def test_reports_follow_the_stages(
    searcher: Searcher, world: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert searcher.search("horses", top=2, stages=STAGES).stages[0].kept == len(world.museums)
    monkeypatch.setattr("hicalm.search.pipeline.MIN_SHORTLISTED", 1)
    everything = len(world.museums)
    result = searcher.search("horses at sea", top=2, stages=STAGES)
    short, rank, again = result.stages
    assert (short.name, rank.name, again.name) == STAGES
    assert (short.museums, short.kept) == (everything, 2)
    assert rank.museums == rank.kept == again.museums == again.kept == 2
    assert set(short.order) == set(rank.order) == set(again.order)
    assert [match.museum_id for match in result.matches] == list(again.order)
    exact = [m.museum_id for m in searcher.search("horses at sea", stages=(RANK,)).matches][:10]
    assert set(short.missed) == set(exact) - set(short.order)
    assert all(report.seconds > 0 for report in result.stages)


def test_a_shortlist_that_lets_all_through_changes_nothing(
    searcher: Searcher, world: Collection
) -> None:
    exact = searcher.search("horses", stages=(RANK,))
    short = searcher.search("horses", top=len(world.museums), stages=(SHORTLIST, RANK))
    assert [m.museum_id for m in short.matches] == [m.museum_id for m in exact.matches]
    np.testing.assert_allclose(
        [m.score for m in short.matches], [m.score for m in exact.matches], atol=1e-6
    )
    assert short.stages[0].missed == ()


def test_filters_hold_in_every_stage(searcher: Searcher, world: Collection) -> None:
    theme = world.museums[0].attributes["theme"]
    wanted = {m.id for m in world.museums if m.attributes["theme"] == theme}
    found = searcher.search("horses", filters={"theme": [theme]}, stages=STAGES)
    assert {match.museum_id for match in found.matches} == wanted


def test_reranking_adds_the_weighted_score_of_hosa(world: Collection, tmp_path: Path) -> None:
    query = "blue horses in a storm"
    far = _searcher(world, save_stages(tmp_path, weight=1000.0))
    order = [m.museum_id for m in far.search(query, stages=(RANK, RERANK)).matches]
    by_words = far.ranking(far.read(query), "hosa").museum_ids
    assert order == list(by_words)  # beside so large a weight HiCALM's score is nothing
    none = _searcher(world, save_stages(tmp_path / "none", weight=0.0))
    plain, again = (
        none.search(query, stages=stages).matches for stages in ((RANK,), (RANK, RERANK))
    )
    assert [m.museum_id for m in plain] == [m.museum_id for m in again]


def test_a_museum_beyond_the_reranked_is_never_above_them(
    world: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hicalm.search.pipeline.MAX_RERANKED", 2)
    for weight in (0.0, 0.01, 3.0):
        searcher = _searcher(world, save_stages(tmp_path / str(weight), weight=weight))
        for text in ("horses", "blue boats, then a room of birds", "A dim gallery. It is red."):
            plain, found = (searcher.search(text, stages=s) for s in ((RANK,), None))
            first = {match.museum_id for match in plain.matches[:2]}
            assert {match.museum_id for match in found.matches[:2]} == first
            assert [WORDS in match.levels for match in found.matches] == [True] * 2 + [False] * 4
            assert found.matches[2:] == plain.matches[2:]
            assert found.reranked == found.stages[-1].reranked == 2
            assert all(match.levels[WORDS] >= 0 for match in found.matches[:2])


def test_a_score_is_the_sum_of_its_parts_and_never_rises(searcher: Searcher) -> None:
    for stages in (None, (RANK,), STAGES):
        matches = searcher.search("a room of seascapes, then horses", stages=stages).matches
        for match in matches:
            assert sum(match.levels.values()) == pytest.approx(match.score, abs=1e-12)
        scores = [match.score for match in matches]
        assert all(one >= following for one, following in pairwise(scores))


def test_any_number_of_parts_is_added_by_name() -> None:
    ranked = Ranked(np.arange(4), ("room",), np.array([[0.1], [0.4], [0.3], [0.2]])).in_order()
    found = ranked.with_part(WORDS, np.array([0.0, 0.5])).with_part(PLAN, np.array([0.1]))
    assert ranked.rows.tolist() == [1, 2, 3, 0] and found.rows.tolist() == [2, 1, 3, 0]
    assert found.levels(0) == {"room": 0.3, WORDS: 0.5, PLAN: 0.1}
    assert found.levels(1) == {"room": 0.4, WORDS: 0.0} and found.levels(3) == {"room": 0.1}
    np.testing.assert_allclose(found.scores, [0.9, 0.4, 0.2, 0.1])


def test_of_equal_museums_the_earlier_comes_first_whatever_is_added() -> None:
    ranked = Ranked(np.arange(40), ("room",), np.full((40, 1), 0.25)).in_order()
    assert ranked.rows.tolist() == list(range(40))
    found = ranked.with_part(WORDS, np.array([0.0] * 20 + [0.5] * 3))
    assert found.rows.tolist() == [20, 21, 22, *range(20), *range(23, 40)]


def test_a_search_that_names_no_stages_goes_through_the_default_ones(
    world: Collection, searcher: Searcher, tmp_path: Path
) -> None:
    off = _searcher(world, save_stages(tmp_path, rerank=False))
    for one, stages in ((searcher, (RANK, RERANK)), (off, (RANK,))):
        plain, named = (one.search("horses", stages=chosen) for chosen in (None, stages))
        assert plain.matches == named.matches
        assert [report.name for report in plain.stages] == list(stages)
        assert one.explain(one.read("horses"), plain.matches[0].museum_id).levels.keys() == (
            plain.matches[0].levels.keys()
        )
        assert one.ranking(one.read("horses"), one.methods[0]).museum_ids == tuple(
            match.museum_id for match in plain.matches
        )
    assert off.methods[0] == searcher.methods[0] == "default" and off.rerank_note == ""


def test_it_is_said_why_there_is_no_reranking(
    world: Collection, searcher: Searcher, tmp_path: Path
) -> None:
    unaided = Searcher(world, searcher.model, FakeEncoder(), None, LevelWeights())
    assert unaided.rerank_note == (
        "Re-ranking is off: there is no HOSA model beside the checkpoint."
    )
    checkpoint = save_stages(tmp_path)
    save_hosa(HosaModel(HosaConfig(DIM, DIM, DIM, tube=2, encoder="other 1")), tmp_path / "hosa")
    other = _searcher(world, checkpoint)
    assert other.stages == (SHORTLIST, RANK) and not other.has_evidence
    assert other.rerank_note == (
        "Re-ranking is off: HOSA was trained for the encoder other 1, this collection is read by "
        "fake f00d."
    )
    query = other.read("horses")
    assert WORDS not in other.explain(query, world.museums[0].id).levels
    with pytest.raises(HicalmError, match="trained for the encoder other 1"):
        other.explain(query, world.museums[0].id, words=True)


@pytest.mark.parametrize(
    "pictures", [{"source": "files", "root": "photographs"}, {"source": "none"}]
)
def test_other_pictures_by_the_same_encoder_are_not_reranked(
    world: Collection, searcher: Searcher, pictures: dict[str, str], tmp_path: Path
) -> None:
    other = searcher.over(replace(world, pictures=pictures, folder=tmp_path))
    assert searcher.rerank_note == "" and other.rerank_note == (
        "Re-ranking is off: HOSA was trained for pictures of the built-in world, this collection "
        "has none of them."
    )
    assert other.stages == (SHORTLIST, RANK) and other.default_stages == (RANK,)
    result = other.search("horses")
    assert result.to_json()["notes"] == [other.rerank_note] and result.reranked == 0
    assert RERANK not in result.provenance.models
    query, museum = other.read("horses"), world.museums[0].id
    assert WORDS not in other.explain(query, museum).levels
    for ask in (
        lambda: other.explain(query, museum, words=True),
        lambda: other.game(query, museum, words=True),
    ):
        with pytest.raises(HicalmError, match="trained for pictures of the built-in world"):
            ask()
    assert other.evidence(query, museum, 0).words == ("horses",)  # pointing changes no order


def test_a_result_names_the_models_of_the_stages_that_ran(
    searcher: Searcher, world: Collection, tmp_path: Path
) -> None:
    models = [searcher.search("boats", stages=s).provenance.models for s in ((RANK,), STAGES)]
    assert list(models[0]) == ["encoder", "checkpoint", "plan_tagger"]
    assert list(models[1]) == ["encoder", "checkpoint", "plan_tagger", SHORTLIST, RERANK]
    assert models[0]["checkpoint"] == content_hash(searcher.checkpoint)
    again = _searcher(world, save_stages(tmp_path, weight=2.0)).search("boats").provenance.models
    assert again[RERANK] != models[1][RERANK] and again["checkpoint"] == models[0]["checkpoint"]


def test_a_picture_and_a_long_text_are_not_reranked(searcher: Searcher) -> None:
    picture = searcher.read_picture(np.full((12, 16, 3), 90, np.uint8))
    assert [r.name for r in searcher.rank(picture, stages=(RANK, RERANK)).stages] == [RANK]
    long = "Horses run. " * (MAX_SENTENCES + 1)
    assert [r.name for r in searcher.search(long, stages=(RANK, RERANK)).stages] == [RANK]


def test_unknown_stages_are_named(searcher: Searcher) -> None:
    with pytest.raises(HicalmError, match=r"no stage 'polish' here\. Choose among shortlist, rank"):
        searcher.search("horses", stages=("rank", "polish"))


def test_all_methods_are_compared(searcher: Searcher, world: Collection) -> None:
    assert {"hosa", "vtm-uch"} <= set(searcher.methods)
    for method in ("hosa", "vtm-uch"):
        ranking = searcher.ranking(searcher.read("horses. A ship"), method)
        assert sorted(ranking.museum_ids) == sorted(museum.id for museum in world.museums)
        assert (np.diff(ranking.scores) <= 0).all() and (np.abs(ranking.scores) <= 1.0001).all()
        with pytest.raises(HicalmError, match="compared on words"):
            searcher.ranking(searcher.read_picture(np.full((12, 16, 3), 9, np.uint8)), method)


def test_evidence_has_a_row_for_every_word(searcher: Searcher, world: Collection) -> None:
    query, museum = searcher.read("the blue horses. A ship"), world.museums[1]
    evidence = searcher.evidence(query, museum.id, 0)
    assert evidence.words == ("the", "blue", "horses", "A", "ship")
    assert evidence.is_content_word.tolist() == [False, True, True, False, True]
    assert evidence.views.shape == (5, museum.rooms[0].views)
    np.testing.assert_allclose(evidence.views.sum(axis=1), 1, atol=1e-5)
    assert (np.abs(evidence.answers) <= 1.0001).all()
    places = searcher.heat_map(query, museum.id, 0, 0)
    assert places.words == evidence.words and places.heat.shape == (5, 2, 2)
    np.testing.assert_allclose(places.heat.sum(axis=(1, 2)), 1, atol=1e-5)


def test_evidence_of_what_is_not_there(searcher: Searcher, world: Collection) -> None:
    query, museum = searcher.read("horses"), world.museums[0]
    with pytest.raises(HicalmError, match="room 99"):
        searcher.evidence(query, museum.id, 98)
    with pytest.raises(HicalmError, match="view 100"):
        searcher.heat_map(query, museum.id, 0, 99)
    picture = searcher.read_picture(np.full((12, 16, 3), 90, np.uint8))
    with pytest.raises(HicalmError, match="A picture has no words"):
        searcher.evidence(picture, museum.id, 0)
    unaided = Searcher(world, searcher.model, FakeEncoder(), None, LevelWeights())
    assert not unaided.has_evidence
    with pytest.raises(HicalmError, match="no HOSA model"):
        unaided.evidence(query, museum.id, 0)


def test_a_shortlist_too_large_to_be_checked_claims_nothing(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert searcher.search("horses", stages=STAGES).stages[0].missed == ()
    monkeypatch.setattr("hicalm.search.pipeline.MAX_CHECKED_MUSEUMS", 3)
    assert searcher.search("horses", stages=STAGES).stages[0].missed is None


class _Cut(FakeEncoder):
    """Reads no word of a sentence that begins with a sign, as if its words lay too far back."""

    def encode_words(self, texts: Sequence[str]) -> tuple[list[list[str]], np.ndarray]:
        return super().encode_words(["" if text[0] in "(-" else text for text in texts])


def test_sentences_without_a_word_are_left_out(world: Collection, tmp_path: Path) -> None:
    checkpoint = save_stages(tmp_path)
    model = load_model(checkpoint)
    searcher = Searcher(world, model, _Cut(), None, LevelWeights(), checkpoint)
    museum = world.museums[0].id
    part = searcher.read("Horses. ((( ship")
    assert searcher.evidence(part, museum, 0).words == ("Horses",)
    assert [r.name for r in searcher.rank(part, stages=(RANK, RERANK)).stages] == [RANK, RERANK]
    none = searcher.read("((( ship")
    assert [r.name for r in searcher.rank(none, stages=(RANK, RERANK)).stages] == [RANK]
    with pytest.raises(HicalmError, match="reads no word"):
        searcher.evidence(none, museum, 0)


def test_a_long_text_is_refused_where_words_are_read(searcher: Searcher, world: Collection) -> None:
    query = searcher.read("Horses run. " * (MAX_SENTENCES + 1))
    for ask in (
        lambda: searcher.evidence(query, world.museums[0].id, 0),
        lambda: searcher.heat_map(query, world.museums[0].id, 0, 0),
        lambda: searcher.ranking(query, "hosa"),
    ):
        with pytest.raises(HicalmError, match="at most 12 sentences, and this one has 13"):
            ask()
    with pytest.raises(HicalmError, match="codes are compared for 150 at most"):
        searcher.ranking(searcher.read("Horses. " * 151), "vtm-uch")


def test_a_damaged_model_beside_takes_only_its_stage_away(
    world: Collection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    checkpoint = save_stages(tmp_path)
    for file in ("hosa/model.safetensors", "shortlist/heads.safetensors"):
        path = tmp_path / file
        path.write_bytes(path.read_bytes()[:100])
    (tmp_path / "vtm-uch" / "heads.safetensors").write_bytes(b"no weights")
    searcher = _searcher(world, checkpoint)
    assert searcher.stages == (RANK,) and not searcher.has_evidence
    assert "vtm-uch" not in searcher.methods and searcher.search("horses").matches
    assert caplog.text.count("left out") == 3


def test_without_a_weight_hosa_points_and_does_not_rerank(
    world: Collection, tmp_path: Path
) -> None:
    checkpoint = save_stages(tmp_path)
    (tmp_path / "hosa" / "reranking.json").unlink()
    searcher = _searcher(world, checkpoint)
    assert searcher.stages == (SHORTLIST, RANK) and searcher.has_evidence


def test_another_hosa_beside_is_no_method(world: Collection, tmp_path: Path) -> None:
    checkpoint = save_stages(tmp_path)
    shutil.copytree(tmp_path / "hosa", tmp_path / "hosa-2")
    assert "hosa-2" not in _searcher(world, checkpoint).methods
