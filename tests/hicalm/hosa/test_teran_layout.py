"""TERAN's layout: what is read of it, a run from its files and configuration, and broken files."""

import json
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hicalm.cli import main
from hicalm.errors import HicalmError
from hicalm.hosa.hosa_config import DataConfig, read_experiment
from hicalm.hosa.hosa_evaluation import evaluate_run, run_data
from hicalm.hosa.hosa_training import train_experiment
from hicalm.hosa.hosa_vocabulary import Vocabulary
from hicalm.hosa.teran_layout import load_annotated, load_regions, read_features
from tests.hicalm.hosa.benchmark import REGIONS, WIDTH, images_of
from tests.hicalm.hosa.teran import CONFIGURATION, write_coco, write_f30k
from tests.hicalm.lying_zip import write_lying

WORDS = Vocabulary(["cat", "dog"])


@pytest.fixture(scope="module")
def flickr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_f30k(tmp_path_factory.mktemp("flickr"))


@pytest.fixture
def coco(tmp_path: Path) -> DataConfig:
    folder = str(write_coco(tmp_path))
    return DataConfig(layout="teran", folder=folder, name="coco", regions=REGIONS)


def test_a_configuration_of_teran_trains_and_evaluates(flickr: Path, tmp_path: Path) -> None:
    path = tmp_path / "teran_f30k.yaml"
    path.write_text(CONFIGURATION.replace("FOLDER", str(flickr)))
    with pytest.warns(UserWarning, match="dataset: images-path, text-model: name, model: name"):
        experiment = read_experiment(path)
    assert (experiment.model.width, experiment.training.warmup_epochs) == (32, 0)
    assert (experiment.data.validation, experiment.training.drop_epochs) == ("val", 4)
    own = replace(experiment.training, epochs=2, warmup_epochs=1)
    model = replace(experiment.model, gru=False, tube=4, global_weight=0.2)
    data = replace(experiment.data, regions=REGIONS)
    experiment = replace(experiment, data=data, model=model, training=own)
    train_experiment(experiment, tmp_path / "run", progress=False)
    found = evaluate_run(tmp_path / "run", run_data(tmp_path / "run"), relevance="rougeL")
    assert found["rsum"] > 5  # untrained: below 4
    assert found["relevance"] == "rougeL, computed here"
    assert 0.5 < found["t2i"]["nDCG@25"] <= 1


def test_boxes_are_shares_of_the_picture(flickr: Path) -> None:
    data = DataConfig(layout="teran", folder=str(flickr), regions=REGIONS, boxes=True)
    rows, _ = load_regions(data, "val", WORDS, WIDTH + 4).regions(np.arange(20))
    np.testing.assert_allclose(rows[0, :, WIDTH:], np.tile([0.25, 0.25, 0.5, 1], (REGIONS, 1)))
    wanted = {tuple(row.ravel().tolist()) for row in images_of("val", 20, 0)[0]}
    assert {tuple(row[:, :WIDTH].ravel().tolist()) for row in rows} == wanted


def test_coco_splits_are_those_of_the_numbers(coco: DataConfig) -> None:
    assert load_annotated(coco, "train").ids == ["101", "102", "103", "104"]
    assert load_annotated(replace(coco, restval=False), "train").ids == ["101", "102"]
    found = load_annotated(replace(coco, boxes=True), "test")
    assert found.ids == ["107", "108"] and found.captions == images_of("test", 2, 0)[1]
    assert found.sizes is not None and found.sizes.tolist() == [[40, 20]] * 2
    rows, _ = load_regions(coco, "val", WORDS, WIDTH).regions(np.array([1]))
    np.testing.assert_array_equal(rows[0], images_of("dev", 2, 0)[0][1])


def _bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("feat.npy", bytes(10**6))


def _objects(path: Path) -> None:
    np.savez(path, feat=np.array([{}], object))


def _json(content: object) -> Callable[[Path], None]:
    return _bytes(json.dumps(content).encode())


BROKEN = [
    ("features_36/bu_att/105.npz", Path.unlink, "There is no file .*105.npz"),
    ("features_36/bu_att/105.npz", _bytes(b"PK"), "damaged or no .npz file"),
    ("features_36/bu_att/105.npz", _bomb, "it is larger"),
    ("features_36/bu_att/105.npz", _objects, "holds Python objects"),
    ("features_36/bu_att/105.npz", lambda p: np.savez(p, other=np.ones(3)), "has no array 'feat'"),
    ("features_36/bu_att/105.npz", lambda p: np.savez(p, feat=np.ones((2, 2))), r"not \(2, 2\)"),
    (
        "features_36/bu_box/105.npy",
        lambda p: np.save(p, np.ones((2, 2))),
        r"\(4, 4\), not \(2, 2\)",
    ),
    ("annotations/captions_val2014.json", _bytes(b"{"), "not readable JSON"),
    ("annotations/captions_val2014.json", _json([]), "must have a list 'annotations'"),
    ("annotations/captions_val2014.json", _json({"annotations": [{"id": 1}]}), "id and image_id"),
    ("annotations/coco_dev_ids.npy", lambda p: np.save(p, [7]), "has no caption 7"),
    ("annotations/coco_dev_ids.npy", lambda p: np.save(p, [1050, 1060]), "105 .* has 1 captions"),
    ("annotations/coco_dev_ids.npy", lambda p: np.save(p, np.ones(5)), "must hold whole numbers"),
]


@pytest.mark.parametrize(("name", "damage", "sentence"), BROKEN)
def test_broken_files(
    name: str, damage: Callable[[Path], None], sentence: str, coco: DataConfig
) -> None:
    damage(Path(coco.folder) / "coco" / name)
    with pytest.raises(HicalmError, match=sentence) as error:
        data = replace(coco, boxes=True)
        load_regions(data, "val", WORDS, WIDTH + 4).regions(np.array([0]))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_an_archive_that_lies_about_sizes_is_refused_before_it_unpacks(
    method: int, tmp_path: Path
) -> None:
    path = tmp_path / "1.npz"
    write_lying(path, "feat.npy", method, 100)
    tracemalloc.start()
    try:
        with pytest.raises(HicalmError, match="is damaged or no"):
            read_features(path, (REGIONS, WIDTH))
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_published_weights_are_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["hicalm", "hosa", "evaluate", "model_best_rsum.pth"])
    with pytest.raises(SystemExit):
        main()
    assert "published weights, which are not read: to convert them it would need" in (
        " ".join(capsys.readouterr().err.split())
    )
