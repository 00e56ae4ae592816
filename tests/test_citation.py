"""CITATION.cff: what it needs to be read, and the version that it repeats."""

from pathlib import Path

import yaml

import hicalm

CITATION = yaml.safe_load((Path(__file__).parents[1] / "CITATION.cff").read_text("utf-8"))


def test_it_cites_this_version():
    assert CITATION["version"] == hicalm.__version__


def test_it_has_what_the_format_asks_for():
    assert {"cff-version", "message", "title", "authors"} <= CITATION.keys()
    assert len(CITATION["references"]) == 4
    for reference in CITATION["references"]:
        assert reference["type"] and reference["title"] and reference["authors"]
