"""Configuration files: what is read, and every mistake as one sentence."""

from pathlib import Path

import pytest

from hicalm.encoders.attributes import EMBED_DIM
from hicalm.errors import HicalmError
from hicalm.hosa import hosa_config as config
from hicalm.hosa.hosa_config import DataConfig, Experiment, TrainingConfig, read_experiment

SHIPPED = sorted((Path(config.__file__).parent / "configs").glob("*.yaml"))

BOMB = "a: &a [x, x]\n" + "".join(  # nested aliases, for 2**40 values
    f"a{one}: &a{one} [*a{one - 1 or ''}, *a{one - 1 or ''}]\n" for one in range(1, 40)
)


def test_shipped_configurations_are_those_of_the_benchmarks() -> None:
    assert [path.stem for path in SHIPPED] == ["coco", "collection", "f30k"]
    coco, collection, flickr = (read_experiment(path) for path in SHIPPED)
    assert collection.model.region_dim == collection.model.word_dim == EMBED_DIM
    assert not collection.model.gru and not collection.model.vocabulary
    for experiment in (coco, flickr):
        assert (experiment.data.regions, experiment.model.region_dim) == (36, 2048)
        assert experiment.training.margin == 0.2
    assert (coco.data.test, flickr.data.test) == ("testall", "test")


def test_what_is_not_mentioned_keeps_its_default(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("training: {learning_rate: 5e-5, margin: 1}\n")
    wanted = Experiment(training=TrainingConfig(learning_rate=5e-5, margin=1.0))
    assert read_experiment(path) == wanted
    path.write_text("")
    assert read_experiment(path) == Experiment()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- a\n", r"must name options with their values, not be \['a'\]"),
        ("training: 3", "must name options with their values, not be 3"),
        ("modle: {}", "Unknown option 'modle' .* choose among data, model, training"),
        ("training: {epoch: 3}", "Unknown option 'epoch' .* epochs"),
        ("training: {epochs: many}", "epochs must be a whole number, not 'many'"),
        ("training: {epochs: 2.5}", "epochs must be a whole number, not 2.5"),
        ("training: {epochs: true}", "epochs must be a whole number, not True"),
        ("training: {epochs: 0}", "epochs must be at least 1, not 0"),
        ("training: {batch_size: 1}", "batch_size must be at least 2"),
        ("training: {learning_rate: fast}", "learning_rate must be a number, not 'fast'"),
        ("training: {learning_rate: .nan}", "learning_rate must be a finite number, not nan"),
        ("training: {margin: -1}", "margin must be at least 0, not -1"),
        ("model: {gru: 1}", "gru must be true or false, not 1"),
        ("model: {tube: 3}", "1024 must be a multiple of the tubes' length 3"),
        ("data: {folder: 3}", "folder must be a text, not 3"),
        ("data: {regions: 0}", "regions must be at least 1"),
        ("data: {folder: [", "is not readable YAML"),
        ("a: !!python/object/apply:os.getcwd []", "is not readable YAML"),
        ("\x00", "is not readable YAML"),
        (BOMB, "aliases are not read, write the value out .* line 2"),
        (f"training: {{epochs: -0x{'f' * 9_000}}}", "at least 1, not a number of too many digits"),
        (f"? 0x{'f' * 9_000}\n: 3", "Unknown option 'a number of too many digits'"),
    ],
)
def test_mistakes(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(HicalmError, match=sentence) as error:
        read_experiment(path)
    assert "\n" not in str(error.value)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(HicalmError, match="There is no configuration"):
        read_experiment(tmp_path / "c.yaml")
    assert config.read_section(DataConfig, {}) == DataConfig()
