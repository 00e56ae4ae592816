"""How HOSA is trained: a YAML file with the sections `data`, `model` and `training`."""

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import Field

from hicalm.errors import HicalmError
from hicalm.hosa.model import HosaConfig
from hicalm.settings import Count, NonNegative, Positive, Whole, check_names, settings

Section = TypeVar("Section")
DATA = "data"  # name of the JSON file, beside a model, that says where its data lie


@settings
class DataConfig:
    """Where a benchmark's files lie and what they hold; see ``precomputed``."""

    folder: str = "data/f30k_precomp"  # of all splits' files
    train: str = "train"  # names of the splits: the files begin with them
    validation: str = "dev"
    test: str = "test"
    regions: Count = 36  # regions of every image
    min_count: Count = 4  # how often a word must occur in the training captions to be known


@settings
class TrainingConfig:
    """Options of training."""

    seed: Whole = 0  # of the weights, the order of texts and dropout
    epochs: Count = 30  # passes over the training texts
    batch_size: Annotated[int, Field(ge=2)] = (
        128  # pairs a step; all its images are compared with all its texts
    )
    learning_rate: Positive = 5e-4  # of Adam, at the start
    drop_epochs: Count = 15  # epochs between two drops of the learning rate
    drop_factor: Positive = 0.1  # what it is multiplied with
    gradient_norm: Positive = 2.0  # longest gradient
    margin: NonNegative = 0.2  # how much better a matching pair must be
    warmup_epochs: Whole = 1  # first epochs, in which the loss is the mean over all negatives
    validation_images: Whole = 1000  # most images of the validation split to rank; 0: all


@dataclass(frozen=True)
class Experiment:
    """All of a configuration file."""

    data: DataConfig = field(default_factory=DataConfig)
    model: HosaConfig = field(default_factory=HosaConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def to_json(self) -> dict:
        """Return the three sections."""
        return asdict(self)


def read_experiment(path: Path) -> Experiment:
    """Read a configuration; what it does not mention keeps its default.

    Raises HicalmError for a file that is missing or no YAML, an unknown section or option, a value
    of the wrong type or out of range.
    """
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError as error:
        raise HicalmError(f"There is no configuration '{path}'.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:300]
        raise HicalmError(f"'{path}' is not readable YAML: {reason}") from error
    sections = {"data": DataConfig, "model": HosaConfig, "training": TrainingConfig}
    content = _mapping({} if content is None else content, f"'{path}'")
    check_names(content, sections, f"'{path}'")
    try:
        return Experiment(**{name: read_section(sections[name], content[name]) for name in content})
    except HicalmError as error:
        raise HicalmError(f"'{path}': {error}") from error


def read_section(kind: type[Section], content: object) -> Section:
    """Return settings of a kind from the options of a section; HicalmError names a fault."""
    return kind(**_mapping(content, kind.__name__))


def _mapping(content: object, where: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise HicalmError(f"{where} must name options with their values, not be {content!r:.80}.")
    return {str(name): value for name, value in content.items()}


class _Loader(yaml.SafeLoader):
    """Reads 5e-4 as a number, as YAML 1.2 does; PyYAML, which follows 1.1, takes it for a text."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)
