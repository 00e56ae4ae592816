"""Files of labelled and absent queries, and what is wrong with them."""

from pathlib import Path

import pytest

from hicalm.errors import HicalmError
from hicalm.evaluation import labelled as module
from hicalm.evaluation.labelled import AbsentQuery, labelled_sets, load_absent_queries
from tests.hicalm.collections import FakeEncoder, encoded_world

LINE = '{"query": "horses", "split": "test", "painting": {"subject": "horse"}}\n'
ABSENT = (
    '{"query": "a lift", "split": "test", "kind": "other rooms"}\n\n'
    '{"query": "qwrtz", "split": "validation", "kind": "gibberish"}\n'
)


def write(folder: Path, name: str, text: str = LINE) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_sets_are_named_as_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "encoder_of", lambda collection: FakeEncoder())
    files = [write(tmp_path, "paraphrased.jsonl"), write(tmp_path, "mine.jsonl", LINE * 2)]
    sets = labelled_sets(encoded_world(test=3), files, "test")
    assert [(one.name, one.texts) for one in sets] == [
        ("paraphrase", ("horses",)),
        ("mine", ("horses", "horses")),
    ]
    assert sets[1].graded.gains.shape == (2, 3)
    assert sets[1].queries.paragraph_counts.tolist() == [1, 1]
    assert labelled_sets(encoded_world(test=3), [], "test") == []


@pytest.mark.parametrize(
    ("names", "split", "reason"),
    [
        (("full.jsonl",), "test", "The name of '.*full.jsonl' is taken"),
        (("a.jsonl", "more/a.jsonl"), "test", "The name of '.*more/a.jsonl' is taken"),
        (("a.jsonl",), "validation", "no queries of the split 'validation'"),
    ],
)
def test_sets_that_cannot_be_judged_are_refused(
    names: tuple[str, ...], split: str, reason: str, tmp_path: Path
) -> None:
    files = [write(tmp_path, name) for name in names]
    with pytest.raises(HicalmError, match=reason):
        labelled_sets(encoded_world(test=3), files, split)


def test_absent_queries_have_a_kind(tmp_path: Path) -> None:
    path = write(tmp_path, "absent.jsonl", ABSENT)
    assert load_absent_queries(path, "test") == [AbsentQuery("a lift", "other rooms")]
    assert load_absent_queries(path, "validation") == [AbsentQuery("qwrtz", "gibberish")]


@pytest.mark.parametrize("text", ["[1]\n", '{"query": "a"}\n', "{", "[" * 100_000])
def test_absent_queries_that_cannot_be_read_are_refused(text: str, tmp_path: Path) -> None:
    path = write(tmp_path, "absent.jsonl", text)
    with pytest.raises(HicalmError, match="cannot be read"):
        load_absent_queries(path, "test")
    with pytest.raises(HicalmError, match="cannot be read"):
        load_absent_queries(tmp_path / "missing.jsonl", "test")
    with pytest.raises(HicalmError, match="no queries of the split 'test'"):
        load_absent_queries(write(tmp_path, "none.jsonl", ABSENT.split("\n")[2]), "test")
