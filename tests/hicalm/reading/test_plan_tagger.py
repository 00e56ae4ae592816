"""The plan tagger: what it reads, how its tags are chosen, its file, and how it is trained."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.reading import plan_reading
from hicalm.reading.plan_tagger import TaggedPlan, choose_tags, load_tagger, shipped_tagger
from hicalm.reading.query_plan import And, Not, Phrase
from hicalm.reading.recipe.marked_queries import load_marked, read_marks, tagged
from hicalm.reading.recipe.query_variants import QueryVariants
from hicalm.reading.recipe.train_plan_tagger import (
    TaggerConfig,
    bare_shape,
    right_shapes,
    train_plan_tagger,
)
from hicalm.reading.word_tags import PIECES, plan_of, split_words

BEGIN, INSIDE = PIECES.index("begin"), PIECES.index("inside")


@pytest.fixture(scope="module")
def tagger():
    found = shipped_tagger()
    assert found is not None
    return found


def test_the_file_and_the_marked_queries_belong_together(tagger):
    queries = [query for own in load_marked().values() for query in own[:20]]
    assert right_shapes(tagger, queries) >= 0.95


def test_a_structure_is_read_whatever_it_is_of(tagger):
    for one, other in (("trilobites", "zeppelins"), ("portraits", "benches")):
        for line in (
            f"[{one}], then [{other}]{{>}}",
            f"a museum with [{one}] but no [{other}]{{m}} anywhere",
            f"at least <three>{{n}} rooms of [{one}]",
        ):
            wanted = tagged(read_marks(line))
            assert bare_shape(tagger.read(wanted.text).plan) == bare_shape(plan_of(wanted)), line


def test_several_threads_read_the_same(tagger):
    texts = [f"first {word}, then boats" for word in ("horses", "birds", "trees", "maps")] * 8
    alone = [tagger.read(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert [read.plan for read in pool.map(tagger.read, texts)] == [r.plan for r in alone]


def test_what_training_left_of_minilm_lies_in_memory_once(tagger):
    text = Encoder.load(device="cpu").model.text.transformer.state_dict()
    own = tagger._network.bert.state_dict()
    shared = {key for key in own if own[key].data_ptr() == text[key].data_ptr()}
    assert "embeddings.word_embeddings.weight" in shared
    assert "encoder.layer.0.output.dense.weight" in shared
    assert "encoder.layer.5.output.dense.weight" not in shared


@pytest.mark.parametrize("text", ["", "   ", "?!", "\U0001f40e" * 50, "x" * 590, "not " * 60])
def test_no_text_breaks_it(tagger, text: str):
    assert 0 <= tagger.read(text).sureness <= 1


def test_words_of_a_phrase_share_their_role_and_empty_phrases_are_none():
    text = "of red boats"
    pieces = np.full((3, len(PIECES)), 0.01)
    pieces[0, BEGIN], pieces[1, BEGIN], pieces[2, INSIDE] = 0.5, 0.8, 0.9
    roles = np.array([[0.97, 0.01, 0.01, 0.01], [0.4, 0.6, 0, 0], [0.9, 0.1, 0, 0]])
    links = np.tile([0.96, 0.01, 0.01, 0.01, 0.01], (3, 1))
    found, sureness = choose_tags(text, split_words(text), pieces, roles, links)
    assert [PIECES[piece] for piece in found.pieces] == ["outside", "begin", "inside"]
    assert found.roles == (-1, 0, 0)  # 0.9 speaks louder than 0.6
    assert plan_of(found) == Phrase(text="red boats")
    assert sureness == 0.5


def test_where_it_is_not_sure_the_grammar_reads(monkeypatch):
    unsure = TaggedPlan(Phrase(text="faces"), plan_reading.SURE_FROM - 0.01)
    monkeypatch.setattr(plan_reading, "read_tags", lambda text: unsure)
    grammar = plan_reading.read_by_grammar("faces, but none by a cubist")
    assert plan_reading.read_query("faces, but none by a cubist") == grammar
    plan = And((Phrase(text="a"), Not(Phrase(text="b"), "room")), "same")
    monkeypatch.setattr(plan_reading, "read_tags", lambda text: TaggedPlan(plan, 0.9))
    assert plan_reading.read_plan("whatever").children == plan.children


def test_a_broken_file_is_a_clear_error(tmp_path: Path):
    with pytest.raises(HicalmError, match="There is no whole plan tagger in"):
        load_tagger(tmp_path)
    (tmp_path / "plan_tagger-1.safetensors").write_bytes(b"not a file of weights")
    with pytest.raises(HicalmError, match="not a readable safetensors file"):
        load_tagger(tmp_path)


@pytest.mark.parametrize("line", ["no marks", "[open", "[a] b]", "[a]{q} {x}", "<two>{q} [a]"])
def test_marks_have_to_be_whole(line: str):
    with pytest.raises(HicalmError, match="is no marked query"):
        read_marks(line)


def test_variants_keep_the_structure():
    variants, rng = QueryVariants(), np.random.default_rng(0)
    line = "[horses], none [brown]{p}, then <two>{n} rooms of [boats]{>}, at most <six>{max} rooms"
    query = read_marks(line)
    kinds = [(part.piece, part.role, part.link) for part in query if part.piece != "outside"]
    texts = set()
    for _ in range(200):
        drawn = variants.draw(rng, query)
        own = [(part.piece, part.role, part.link) for part in drawn if part.piece != "outside"]
        assert [kind for kind in own if kind in kinds][: len(kinds)] == kinds
        texts.add("".join(part.text for part in drawn))
    assert len(texts) > 150


@pytest.mark.slow
def test_training_learns_and_is_saved(tmp_path: Path):
    config = TaggerConfig(steps=6, batch=16, seed=3)
    trained = train_plan_tagger(tmp_path, config, held_out=["terse"])
    again = load_tagger(tmp_path)
    text = "first horses, then boats"
    assert abs(again.read(text).sureness - trained.read(text).sureness) < 0.02  # of float16
    with pytest.raises(HicalmError, match="none of the marked queries"):
        train_plan_tagger(tmp_path, config, held_out=["nobody"])
