"""The compiled grammar is that of the grammar's text, and another or a broken one is not taken."""

import json
from pathlib import Path

import pytest

from hicalm.reading import compiled_grammar
from hicalm.reading.compiled_grammar import COMPILED, compile_grammar, grammar_key, load_grammar
from tests.hicalm.reading.test_plan_reading import EXAMPLES


def test_the_compiled_file_is_of_this_grammar():
    assert json.loads(COMPILED.read_text(encoding="utf-8"))["key"] == grammar_key(), (
        "run: python -m hicalm.reading.compiled_grammar"
    )


@pytest.mark.slow
def test_it_reads_as_the_text_does():
    text, compiled = compile_grammar(), load_grammar()
    for query, _ in EXAMPLES[::10]:
        assert compiled.parse(query) == text.parse(query)


@pytest.mark.parametrize(
    "content", ['{"key": "another"}', "{", "[]", '{"key": "KEY", "data": {}}', None]
)
def test_another_or_a_broken_file_is_not_taken(tmp_path: Path, monkeypatch, content: str | None):
    path = tmp_path / "plan_grammar.json"
    if content is not None:
        path.write_text(content.replace("KEY", grammar_key()), encoding="utf-8")
    compiled = object()
    monkeypatch.setattr(compiled_grammar, "compile_grammar", lambda: compiled)
    assert load_grammar(path) is compiled
