"""What a search depends on: every model that took part, and no other."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hicalm import __version__
from hicalm.data.collection import Collection, Features, Fingerprint
from hicalm.files import hash_files
from hicalm.models.checkpoints import content_hash, save_model
from hicalm.retrieval.results import Provenance
from hicalm.retrieval.stages import RANK, RERANK, SHORTLIST
from hicalm.search.provenance import provenance_of
from tests.hicalm.collections import FakeEncoder, ragged_collection, random_model

HASHES = {SHORTLIST: "short", RERANK: "again", "match": "rooms"}


class TwoEncoders(FakeEncoder):
    """An encoder with a query encoder."""

    query_hash = "9999"


def provenance(
    *stages: str,
    collection: Collection | None = None,
    encoder: FakeEncoder | None = None,
    checkpoint: Path | None = None,
    filters: dict | None = None,
) -> Provenance:
    return provenance_of(
        collection or ragged_collection(),
        encoder or FakeEncoder(),  # type: ignore[arg-type]
        None if checkpoint is None else content_hash(checkpoint),
        HASHES,
        filters or {},
        stages,
        ["A note."],
    )


@pytest.mark.parametrize(
    ("stages", "named"),
    [
        ((RANK,), ["match"]),
        ((RANK, RERANK), [RERANK, "match"]),
        ((SHORTLIST, RANK), [SHORTLIST, "match"]),
        ((SHORTLIST, RANK, RERANK), [SHORTLIST, RERANK, "match"]),
    ],
)
def test_models_of_stages_that_did_not_run_are_left_out(
    stages: tuple[str, ...], named: list[str]
) -> None:
    models = provenance(*stages).models
    assert models == {"encoder": "fake f00d"} | {name: HASHES[name] for name in named}


def test_everything_that_reads_is_named(tmp_path: Path) -> None:
    collection = ragged_collection()
    prints = dict(collection.features.fingerprints)
    prints |= {kind: Fingerprint(kind, f"{kind}-hash", 2) for kind in ("art", "object")}
    arrays = {kind: collection.features.get(kind) for kind in ("view", "sentence")}
    arrays |= dict.fromkeys(("art", "object"), arrays["view"])
    read = Collection(
        collection.name, "", collection.museums, collection.pictures, Features(arrays, prints)
    )
    checkpoint = tmp_path / "hicalm"
    save_model(random_model(), checkpoint)
    models = provenance(RANK, collection=read, encoder=TwoEncoders(), checkpoint=checkpoint).models
    assert list(models.items()) == [
        ("encoder", "fake f00d"),
        ("query_encoder", "9999"),
        ("art_expert", "art art-hash"),
        ("object_expert", "object object-hash"),
        ("checkpoint", content_hash(checkpoint)),
        ("match", "rooms"),
    ]


def test_the_weights_of_the_levels_count_as_the_model(tmp_path: Path) -> None:
    checkpoint = tmp_path / "hicalm"
    save_model(random_model(), checkpoint)
    before = provenance(RANK, checkpoint=checkpoint).models["checkpoint"]
    (checkpoint / "scoring.json").write_text("{}")
    after = provenance(RANK, checkpoint=checkpoint).models["checkpoint"]
    files = [checkpoint / "model.safetensors", checkpoint / "scoring.json"]
    assert before != after == hash_files(files)


def test_the_rest_is_said_as_it_was_asked() -> None:
    found = provenance(RANK, filters={"theme": ["sea"], "rooms": None, "split": []})
    assert (found.collection, found.notes) == ("Ragged", ("A note.",))
    assert found.filters == {"theme": ["sea"]}
    assert found.version == __version__
    date = datetime.fromisoformat(found.date)
    assert date.utcoffset() == timedelta(0) and date.microsecond == 0
